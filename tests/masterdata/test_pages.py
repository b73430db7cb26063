"""The master data pages: what they show, what they change, and what they refuse without changing anything."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.makers import hospital, person, place, unique
from tests.masterdata.conftest import holder, signed_in
from yanji.access.models import ApiToken, Grant, Person, Role
from yanji.catalog.models import (
    BillingCode,
    Item,
    ItemCode,
    Licence,
    Maker,
    Price,
    Quarantined,
    Registration,
    Supplier,
)
from yanji.identity import REASONS
from yanji.places.models import Kind, Place
from yanji.sheets.models import ImportBatch

pytestmark = pytest.mark.django_db
HTML = '<script>alert("x")</script>'
TODAY = timezone.localdate


def text(response) -> str:
    return response.content.decode()


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def supplier(campus) -> Supplier:
    return Supplier.objects.create(code="S-1", name_zh="国药", name_en="Guoyao")


@pytest.fixture
def item(supplier) -> Item:
    return Item.objects.create(code="ST-1", name_zh="支架", name_en="Stent", supplier=supplier, pinyin="zj")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_in_both_languages(client, admin, campus, item, supplier, language):
    Person.objects.filter(pk=admin.pk).update(language=language)
    ItemCode.objects.create(item=item, issuer="GS1", code="06901234500011")
    Price.objects.create(item=item, supplier=supplier, amount=5, valid_from=TODAY())
    Registration.objects.create(item=item, number="R", valid_from=TODAY() - timedelta(days=9))
    BillingCode.objects.create(item=item, kind="charge", code="C", valid_from=TODAY() + timedelta(days=9))
    Quarantined.objects.create(
        source="x", row=1, content={"code": HTML}, reasons=[{"code": "no_such_reason"}]
    )
    role = Role.objects.get(code="administrator")
    addresses = [
        "items", "items?q=zj&risk=III&storage=room&flag=implant&state=all&supplier=1", "items/new", f"items/{item.pk}",
        f"items/{item.pk}/edit", *(f"items/{item.pk}/{tab}" for tab in ("codes", "prices", "papers", "billing", "nonsense")),
        "suppliers", "suppliers?state=stopped", "suppliers/new", f"suppliers/{supplier.pk}", f"suppliers/{supplier.pk}/edit",
        "places", "places?retired=1", f"places/{campus.pk}", f"places/new?below={campus.pk}", "places/new",
        "people", "people?q=x&state=all", "people/new", f"people/{admin.pk}", "roles", "roles/new", f"roles/{role.pk}",
        "imports", "quarantine", "quarantine?resolved=1", "account",
        *(f"imports/template/{kind}" for kind in ("items", "suppliers", "places", "people")),
    ]  # fmt: skip
    for address in addresses:
        response = client.get(f"/masterdata/{address}")
        assert response.status_code == 200, address
        assert HTML not in response.content.decode("utf-8", "replace"), address


def test_lists_cost_the_same_for_many_rows(client, campus, item, supplier):
    Quarantined.objects.create(source="s", content={}, reasons=[])
    spent = []
    for _ in range(2):
        found = {}
        for address in ("items", "suppliers", "people", "places", "quarantine"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/masterdata/{address}").status_code == 200
            found[address] = len(captured)
        spent.append(found)
        for _n in range(20):
            Item.objects.create(code=unique("I"), name_zh="x", supplier=supplier)
            other = Supplier.objects.create(code=unique("S"), name_zh="y")
            Licence.objects.create(supplier=other, kind="business", number="1", valid_from=TODAY())
            holder("nurse", place(Kind.DEPARTMENT, campus))
            Quarantined.objects.create(source="s", content={}, reasons=[])
    assert spent[0] == spent[1]
    assert max(spent[0].values()) <= 12, spent[0]


def test_an_item_is_entered_given_a_code_and_a_price_and_retired(client, supplier):
    new = {
        "code": "BC-1", "name_zh": "球囊导管", "name_en": "", "maker": "微创", "supplier": supplier.pk, "unit_of_measure": "件",
        "tracking": "unit", "risk_class": "III", "temperature_class": "room", "implant": "on",
    }  # fmt: skip
    client.post("/masterdata/items/new", new)
    item = Item.objects.get(code="BC-1")
    assert (item.pinyin, item.maker.name_zh, item.implant, item.sterile) == ("qndg", "微创", True, False)
    client.post(
        f"/masterdata/items/{item.pk}/codes",
        {"issuer": "GS1", "code": "6901234500011", "level": "unit", "quantity": 1},
    )
    assert item.codes.get().code == "06901234500011"
    client.post(
        f"/masterdata/items/{item.pk}/prices",
        {"supplier": supplier.pk, "amount": "12.50", "valid_from": "2026-01-01"},
    )
    client.post(
        f"/masterdata/items/{item.pk}/prices",
        {"supplier": supplier.pk, "amount": "11", "valid_from": "2026-02-01"},
    )
    assert [str(day) for day in item.prices.order_by("valid_from").values_list("valid_to", flat=True)] == [
        "2026-01-31",
        "None",
    ]
    client.post(f"/masterdata/items/{item.pk}/active", {})
    item.refresh_from_db()
    assert not item.active
    client.post(f"/masterdata/items/{item.pk}/codes/{item.codes.get().pk}/remove")
    assert not item.codes.exists()


@pytest.mark.parametrize(
    ("tab", "sent", "sentence"),
    [
        ("codes", {"issuer": "GS1", "code": "06901234500012", "level": "unit", "quantity": 1}, "check digit"),
        ("codes", {"issuer": "GS1", "code": "a\0b", "level": "unit", "quantity": 1}, "Null characters"),
        ("codes", {"issuer": "LOCAL", "code": "X", "level": "unit", "quantity": 7}, "A unit holds one piece"),
        ("codes", {"issuer": "nobody", "code": "X", "level": "unit", "quantity": 1}, "valid choice"),
        ("prices", {"supplier": 10**12, "amount": "-1", "valid_from": "x"}, "valid choice"),
        (
            "prices",
            {"supplier": "1; DROP TABLE catalog_item", "amount": "NaN", "valid_from": "2026-02-30"},
            "valid date",
        ),
        (
            "papers",
            {"number": "R", "valid_from": "2026-02-01", "valid_to": "2026-01-01"},
            "last day lies before",
        ),
        ("billing", {"kind": "charge", "code": "x" * 50, "valid_from": "2026-02-01"}, "at most 40"),
    ],
)
def test_bad_input_comes_back_with_a_sentence(client, item, tab, sent, sentence):
    response = client.post(f"/masterdata/items/{item.pk}/{tab}", sent)
    assert response.status_code == 422
    assert sentence in text(response)
    assert not any(model.objects.exists() for model in (ItemCode, Price, Registration, BillingCode))


def test_a_maker_is_renamed_for_all_its_items(client, item):
    maker = Maker.objects.create(name_zh="旧名")
    Maker.objects.create(name_zh="别家")
    Item.objects.filter(pk=item.pk).update(maker=maker)
    assert client.post(f"/masterdata/makers/{maker.pk}", {"name_zh": "别家"}).status_code == 422
    client.post(f"/masterdata/makers/{maker.pk}", {"name_zh": "新名", "country": "DE"})
    item.refresh_from_db()
    assert (item.maker.name_zh, item.maker.pinyin, item.maker.country) == ("新名", "xm", "DE")


def test_what_somebody_typed_is_never_markup(client, item):
    client.post("/masterdata/items/new", {"code": "H", "name_zh": HTML, "unit_of_measure": "件", "tracking": "unit",
                                          "risk_class": "I", "temperature_class": "any"})  # fmt: skip
    made = Item.objects.get(code="H")
    for address in ("items?q=alert", f"items/{made.pk}", f"items/{made.pk}/edit"):
        page = text(client.get(f"/masterdata/{address}"))
        assert HTML not in page
        assert "&lt;script&gt;" in page


def test_who_may_only_look_finds_no_form_and_cannot_post(campus, item):
    nurse = signed_in(holder("nurse", campus))
    page = text(nurse.get(f"/masterdata/items/{item.pk}"))
    assert "Stent" in page
    assert "/edit" not in page
    assert "coin" not in page
    for address in (
        "items/new",
        f"items/{item.pk}/edit",
        f"items/{item.pk}/active",
        "people",
        "roles",
        "quarantine",
    ):
        assert nurse.post(f"/masterdata/{address}").status_code == 403
        assert nurse.get(f"/masterdata/{address}").status_code in (403, 405)
    assert nurse.post(
        f"/masterdata/items/{item.pk}/codes", {"issuer": "LOCAL", "code": "X", "level": "unit", "quantity": 1}
    )
    assert not ItemCode.objects.exists()
    nobody = signed_in(person())
    assert nobody.get("/masterdata/items").status_code == 403
    assert Client().get("/masterdata/items").status_code == 302


def test_things_hidden_and_absent_answer_alike(client, campus):
    far = place(Kind.CAMPUS)
    for place_id in (far.pk, 10**11, 10**30):
        for address in (
            f"places/{place_id}",
            f"people/{place_id}",
            f"items/{place_id}",
            f"suppliers/{place_id}",
        ):
            assert client.get(f"/masterdata/{address}").status_code == 404
        assert client.post(f"/masterdata/places/{place_id}/move", {"parent": campus.pk}).status_code == 404
        assert client.post(f"/masterdata/places/{place_id}/active").status_code == 404
    far.refresh_from_db()
    assert far.active


def test_licences_show_how_long_they_hold(client, supplier):
    for number, days in (("a", -1), ("b", 20), ("c", 80), ("d", 400)):
        Licence.objects.create(supplier=Supplier.objects.create(code=number, name_zh=number), kind="device_trade", number="1",
                               valid_from=TODAY() - timedelta(days=999), valid_to=TODAY() + timedelta(days=days))  # fmt: skip
    page = text(client.get("/masterdata/suppliers"))
    assert page.count("y-pill y-bad") == 1
    lapsed = text(client.get("/masterdata/suppliers?state=lapsed"))
    assert (lapsed.count("y-pill y-bad"), lapsed.count("y-pill y-soon")) == (1, 0)
    assert page.count("y-pill y-soon") == 3  # 20 days, 80 days, and the supplier without any paper
    sent = {"kind": "business", "number": "B", "valid_from": "2026-01-01", "valid_to": ""}
    client.post(f"/masterdata/suppliers/{supplier.pk}", sent)
    licence = supplier.licences.get()
    client.post(f"/masterdata/rows/licence/{licence.pk}/end", {"back": "https://evil.example/"})
    licence.refresh_from_db()
    assert licence.valid_to == TODAY() - timedelta(days=1)
    assert client.post("/masterdata/rows/nonsense/1/end").status_code == 404


def test_places_grow_move_and_retire(client, campus):
    client.post(
        f"/masterdata/places/new?below={campus.pk}",
        {"kind": "store", "code": "CS", "name_zh": "中心库", "temperature_class": "room"},
    )
    store = Place.objects.get(code="CS")
    wrong = client.post(
        f"/masterdata/places/new?below={store.pk}",
        {"kind": "campus", "code": "X", "name_zh": "x", "temperature_class": "room"},
    )
    assert wrong.status_code == 422
    department = place(Kind.DEPARTMENT, campus)
    cabinet = place(Kind.CABINET, store)
    client.post(f"/masterdata/places/{cabinet.pk}/move", {"parent": department.pk})
    cabinet.refresh_from_db()
    assert cabinet.path == f"{department.path}{cabinet.pk}/"
    response = client.post(f"/masterdata/places/{department.pk}/move", {"parent": cabinet.pk})
    assert "cannot lie below itself" in " ".join(said(response))
    client.post(f"/masterdata/places/{store.pk}/active", {})
    store.refresh_from_db()
    assert not store.active
    page = text(client.get("/masterdata/places"))
    assert "中心库" not in page


def test_a_place_with_stock_is_not_retired(campus):
    h = hospital()
    h.stocked(2)
    keeper = signed_in(holder("administrator", h.campus))
    response = keeper.post(f"/masterdata/places/{h.store.pk}/active", {})
    assert "2 pieces" in " ".join(said(response))
    h.store.refresh_from_db()
    assert h.store.active


def test_people_get_roles_and_passwords(client, admin, campus):
    ward = place(Kind.DEPARTMENT, campus)
    client.post(
        "/masterdata/people/new",
        {"username": "w.li", "name_zh": "李", "department_id": ward.pk, "language": "en"},
    )
    made = Person.objects.get(username="w.li")
    nurse = Role.objects.create(code="nurse", name_zh="护士", name_en="Nurse", operations=["use"])
    page = f"/masterdata/people/{made.pk}"
    client.post(page, {"form": "grant", "role": nurse.pk, "place": ward.pk})
    held = Grant.objects.get(person=made)
    assert client.post(page, {"form": "password", "password": "short"}).status_code == 422
    client.post(page, {"form": "password", "password": "Quite-a-long-one-1"})
    assert Client().login(username="w.li", password="Quite-a-long-one-1")
    client.post(f"{page}/grants/{held.pk}/revoke")
    assert not Grant.objects.filter(person=made).exists()
    client.post(f"{page}/active", {})
    assert not Client().login(username="w.li", password="Quite-a-long-one-1")
    response = client.post(
        f"/masterdata/people/{admin.pk}", {"form": "grant", "role": nurse.pk, "place": campus.pk}
    )
    assert response.status_code == 422
    assert "do not hold" in text(response)
    own = Grant.objects.get(person=admin)
    response = client.post(f"/masterdata/people/{admin.pk}/grants/{own.pk}/revoke")
    assert "Nobody could administer" in " ".join(said(response))
    assert Grant.objects.filter(pk=own.pk).exists()


def test_roles_are_changed_for_everybody_at_once(client, campus):
    role = {"code": "porter", "name_zh": "运送", "name_en": "Porter", "operations": ["view", "issue"]}
    client.post("/masterdata/roles/new", role)
    made = Role.objects.get(code="porter")
    client.post(f"/masterdata/roles/{made.pk}", {**role, "operations": ["view"]})
    made.refresh_from_db()
    assert made.operations == ["view"]
    assert client.post(f"/masterdata/roles/{made.pk}", {**role, "operations": ["fly"]}).status_code == 422
    client.post(f"/masterdata/roles/{made.pk}/delete")
    assert not Role.objects.filter(pk=made.pk).exists()


def upload(client: Client, kind: str, data: bytes, name: str = "table.csv"):
    file = BytesIO(data)
    file.name = name
    return client.post("/masterdata/imports/upload", {"kind": kind, "file": file})


def test_a_table_is_shown_then_imported_once(client):
    response = upload(
        client, "items", f"品种编码,品名\nA,甲\n,乙\nC,{HTML}\n".encode("gb18030"), "../品种.csv"
    )
    batch = ImportBatch.objects.get()
    assert response.headers["Location"] == f"/masterdata/imports/{batch.pk}"
    page = text(client.get(response.headers["Location"]))
    assert "Import 1 good row" in page
    assert "must not be empty" in page
    assert HTML not in page
    assert not Item.objects.exists()
    csv = client.get(f"/masterdata/imports/{batch.pk}?format=csv")
    assert "must not be empty" in csv.content.decode("utf-8-sig")
    for _ in range(2):
        response = client.post(f"/masterdata/imports/{batch.pk}/decide")
    assert "already imported" in " ".join(said(response))
    assert list(Item.objects.values_list("code", flat=True)) == ["A"]
    assert Quarantined.objects.count() == 2
    rows = text(client.get("/masterdata/quarantine"))
    assert "&lt;script&gt;" in rows
    chosen = list(Quarantined.objects.values_list("pk", flat=True))
    client.post("/masterdata/quarantine/resolve", {"row": [*chosen, "x", "1' OR 1=1"]})
    assert not Quarantined.objects.filter(resolved_at=None).exists()


def test_what_a_scan_left_to_clear_up_is_said_in_words(client):
    """Both of a label that cannot be read and of a product that nobody entered; a program's code helps nobody."""
    for code in ("bad_check_digit", "unknown_product"):
        reason = {"code": code, "detail": "06901234500011"}
        Quarantined.objects.create(source="scan", content={"scan": "06901234500011"}, reasons=[reason])
    page = text(client.get("/masterdata/quarantine"))
    assert "No item had the code “06901234500011”; one was entered from the scan. Complete it" in page
    assert REASONS["bad_check_digit"] in page
    for raw in ("unknown_product", "bad_check_digit", "<b>scan"):
        assert raw not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "Item code: A-1",
                "Maker: Acme",
                "Brand: Star",
                "As scanned: 0690",
                "Scanned for: Put away",
                "Items · a.csv",
            ),
        ),
        (
            "zh-hans",
            (
                "品种编码: A-1",
                "生产厂家: Acme",
                "品牌: Star",
                "扫描内容: 0690",
                "扫描用途: 上架",
                "品种 · a.csv",
            ),
        ),
    ],
)
def test_rows_to_clear_up_name_their_fields_in_the_readers_words(client, admin, language, said):
    Person.objects.filter(pk=admin.pk).update(language=language)
    for source, content in (
        ("items: a.csv", {"code": "A-1", "maker": "Acme"}),
        ("gudid.jsonl", {"brandName": "Star", "companyName": "Acme", "publicDeviceRecordKey": "k"}),
        ("scan", {"scan": "0690", "flow": "put_away"}),
    ):
        Quarantined.objects.create(source=source, content=content, reasons=[])
    page = text(client.get("/masterdata/quarantine"))
    assert [words for words in said if words not in page] == []
    for code in (">code:", "maker:", "brandName", "publicDeviceRecordKey", "put_away", ">items:"):
        assert code not in page, code


def test_a_maker_is_offered_and_found_by_the_readers_name(client, admin, item):
    maker = Maker.objects.create(name_zh="美敦力", name_en="Medtronic")
    Item.objects.filter(pk=item.pk).update(maker=maker)
    address = f"/masterdata/items/{item.pk}/edit"
    page = text(client.get(address))
    assert ('<option value="Medtronic">' in page, "美敦力" in page) == (True, False)

    def saved(name: str) -> int:
        sent = {
            "code": "ST-1", "name_zh": "支架", "maker": name, "unit_of_measure": "件", "tracking": "unit", "risk_class": "III",
            "temperature_class": "room",
        }  # fmt: skip
        return client.post(address, sent).status_code

    assert saved("Medtronic") == 302
    assert list(Maker.objects.values_list("name_zh", flat=True)) == ["美敦力"]
    other = Maker.objects.create(name_zh="美敦力（上海）", name_en="Medtronic")
    assert (saved("Medtronic"), Item.objects.get(pk=item.pk).maker_id) == (302, maker.pk)
    Item.objects.filter(pk=item.pk).update(maker=None)
    assert (saved("Medtronic") == 302, Item.objects.get(pk=item.pk).maker_id) == (False, None)
    assert (saved("美敦力（上海）"), Item.objects.get(pk=item.pk).maker_id) == (302, other.pk)
    Person.objects.filter(pk=admin.pk).update(language="zh-hans")
    assert '<option value="美敦力">' in text(client.get(address))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"%PDF-1.4", "neither a CSV"),
        (b"a,b\n1,2\n", "column titles"),
        (b"\xff\xff\n\xff", "UTF-8"),
    ],
)
def test_a_wrong_file_comes_back_with_a_sentence(client, data, sentence):
    response = upload(client, "items", data)
    assert response.status_code == 422
    assert sentence in text(response)
    assert not ImportBatch.objects.exists()


def test_nobody_imports_what_they_may_not_edit(campus):
    buyer = signed_in(holder("buyer", campus))
    assert upload(buyer, "people", "用户名,姓名,科室编码\nx,y,HQ\n".encode()).status_code == 403
    assert upload(buyer, "nonsense", b"x").status_code == 403
    assert buyer.post("/masterdata/imports/upload", {"kind": "items"}).status_code == 422
    assert buyer.get("/masterdata/imports/template/people").status_code == 404
    upload(buyer, "items", "品种编码,品名\nA,甲\n".encode())
    other = signed_in(holder("buyer", campus))
    batch = ImportBatch.objects.get()
    assert other.get(f"/masterdata/imports/{batch.pk}").status_code == 404
    assert other.post(f"/masterdata/imports/{batch.pk}/decide").status_code == 404
    assert not Item.objects.exists()


def test_a_nurse_imports_cards_and_nothing_else(campus):
    nurse = signed_in(holder("nurse", campus))
    page = text(nurse.get("/masterdata/imports"))
    assert re.findall(r'name="kind" value="(\w+)"', page) == ["cards"]
    assert upload(nurse, "items", "品种编码,品名\nA,甲\n".encode()).status_code == 403
    assert nurse.get("/masterdata/imports/template/items").status_code == 404
    assert nurse.get("/masterdata/imports/template/cards").status_code == 200
    assert not ImportBatch.objects.exists()


def test_everybody_keeps_their_own_password_and_tokens(campus):
    nurse = holder("nurse", campus)
    nurse.set_password("Quite-a-long-one-1")
    nurse.save()
    client = signed_in(nurse)
    wrong = client.post("/masterdata/account", {"form": "password", "old": "no", "new": "Another-long-one-2"})
    assert wrong.status_code == 422
    client.post(
        "/masterdata/account", {"form": "password", "old": "Quite-a-long-one-1", "new": "Another-long-one-2"}
    )
    assert client.get("/masterdata/account").status_code == 200  # still signed in
    page = text(client.post("/masterdata/account", {"form": "token", "name": "robot", "days": "30"}))
    assert "yj_" in page
    assert "yj_" not in text(client.get("/masterdata/account"))
    token = ApiToken.objects.get()
    assert signed_in(person()).post(f"/masterdata/account/tokens/{token.pk}/revoke").status_code == 403
    client.post(f"/masterdata/account/tokens/{token.pk}/revoke")
    token.refresh_from_db()
    assert token.revoked_at
