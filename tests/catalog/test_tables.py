"""Tables of items, suppliers, places and people: shown before, imported once, and exactly as shown."""

from datetime import date
from decimal import Decimal
from time import process_time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.makers import everything, person, place, unique
from tests.places.sound import broken_paths
from yanji.access.actor import Actor
from yanji.access.models import Grant, Person, Role
from yanji.access.sheet import SHEET as PEOPLE
from yanji.catalog import actions
from yanji.catalog.imports.items import SHEET as ITEMS
from yanji.catalog.imports.suppliers import SHEET as SUPPLIERS
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
from yanji.identity import gs1_mod10
from yanji.places.models import Kind, Place
from yanji.places.sheet import SHEET as PLACES
from yanji.sheets import batches
from yanji.sheets.models import ImportBatch
from yanji.sheets.problems import BadFile
from yanji.sheets.read import read_table
from yanji.sheets.template import template

pytestmark = pytest.mark.django_db
ALL = (ITEMS, SUPPLIERS, PLACES, PEOPLE)


@pytest.fixture
def campus() -> Place:
    return place(Kind.CAMPUS, code="HQ")


@pytest.fixture
def actor(campus) -> Actor:
    return everything(campus, person())


@pytest.fixture
def supplier() -> Supplier:
    return Supplier.objects.create(code="SUP-1", name_zh="供应商")


def show(sheet, actor, text: str) -> ImportBatch:
    return batches.preview(sheet, actor=actor, file_name="表.csv", data=text.encode())


def take(sheet, actor, batch) -> ImportBatch:
    return batches.confirm(sheet, actor=actor, batch_id=batch.pk, keep_bad=actions.quarantine)


def wrong(batch) -> dict[int, set[str]]:
    return {row["number"]: {problem["code"] for problem in row["problems"]} for row in batch.bad}


def gtin(number: int) -> str:
    body = f"0690{number:09d}"
    return body + gs1_mod10(body)


FULL = (
    "品种编码,品名,生产厂家,供应商编码,产品标识DI,箱DI,箱数量,单价,价格生效日,"
    "注册证号,注册证起始日,注册证有效期至,医保编码,编码生效日,植入\n"
)


def test_a_full_row_becomes_everything_that_it_says(actor, supplier):
    row = (
        f"IT-1,药物洗脱支架,华东,SUP-1,{gtin(1)},{gtin(2)},10,6980.00,2026-01-01,R1,2026-01-01,2030-12-31,"
        "c0201010770100109221 ,2026-01-01,是\n"
    )
    batch = show(ITEMS, actor, FULL + row)
    assert (len(batch.good), batch.bad) == (1, [])
    assert not Item.objects.exists()
    take(ITEMS, actor, batch)
    item = Item.objects.get()
    assert (item.name_zh, item.pinyin, item.maker.name_zh, item.supplier, item.implant) == (
        "药物洗脱支架",
        "ywxtzj",
        "华东",
        supplier,
        True,
    )
    assert set(item.codes.values_list("code", "level", "quantity")) == {
        (gtin(1), "unit", 1),
        (gtin(2), "case", 10),
    }
    assert item.prices.get().amount == Decimal("6980.00")
    assert item.registrations.get().valid_to == date(2030, 12, 31)
    billed = item.billing_codes.get()
    assert (billed.kind, billed.code) == (BillingCode.Kind.INSURANCE, "C0201010770100109221")


def test_every_bad_row_says_why_and_only_good_ones_are_imported(actor, supplier):
    rows = [
        "IT-1,好,,,,,,,,,,,,,",
        ",没有编码,,,,,,,,,,,,,",
        f"IT-3,错码,,,{gtin(1)[:-1]}x,,,,,,,,,,",
        "IT-4,校验,,,06901234500012,,,,,,,,,,",
        "IT-5,无供应商,,SUP-9,,,,,,,,,,,",
        "IT-6,价格,,SUP-1,,,,-5,2026-01-01,,,,,,",
        "IT-7,缺日期,,SUP-1,,,,5,,,,,,,",
        "IT-8,日期,,,,,,,,R,2030-01-01,2026-01-01,,,",
        "IT-1,重复,,,,,,,,,,,,,",
        "IT-10,<script>alert(1)</script>,,,,,,,,,,,,,",
        "IT-11,=cmd|' /C calc'!A0,,,,,,,,,,,,,",
        "IT-12,'; DROP TABLE catalog_item; --,,,,,,,,,,,,,",
        f"IT-13,甲,,,{gtin(7)},,,,,,,,,,",
        f"IT-14,乙,,,{gtin(7)},,,,,,,,,,",
        "IT-15,箱,,,,06901234500011,,,,,,,,,",
        "IT-16,医保,,,,,,,,,,,C0201,2026-01-01,",
    ]
    batch = show(ITEMS, actor, FULL + "\n".join(rows))
    assert wrong(batch) == {
        3: {"required"}, 4: {"code_not_digits"}, 5: {"code_check_digit"}, 6: {"supplier_unknown"}, 7: {"not_an_amount"},
        8: {"needs_other"}, 9: {"days_out_of_order"}, 10: {"duplicate_row"}, 11: {"markup"}, 12: {"formula"},
        15: {"code_twice"}, 16: {"needs_other"}, 17: {"national_code"},
    }  # fmt: skip
    take(ITEMS, actor, batch)
    assert set(Item.objects.values_list("code", flat=True)) == {row["values"]["code"] for row in batch.good}
    assert "IT-12" in set(Item.objects.values_list("code", flat=True))
    assert Quarantined.objects.count() == len(batch.bad)
    assert Quarantined.objects.get(row=11).content["name_zh"] == "<script>alert(1)</script>"


def test_a_preview_is_imported_once_and_only_by_its_owner(actor, campus):
    batch = show(ITEMS, actor, "code,品名\nA,甲\n")
    with pytest.raises(PermissionDenied):
        take(ITEMS, everything(campus, person()), batch)
    with pytest.raises(PermissionDenied):
        take(SUPPLIERS, actor, batch)
    take(ITEMS, actor, batch)
    with pytest.raises(ValidationError):
        take(ITEMS, actor, batch)
    with pytest.raises(ValidationError):
        batches.drop(ITEMS, actor=actor, batch_id=batch.pk)
    assert Item.objects.count() == 1


def test_a_dropped_preview_leaves_nothing(actor):
    batch = show(ITEMS, actor, "code,品名\nA,甲\n,乙\n")
    batches.drop(ITEMS, actor=actor, batch_id=batch.pk)
    with pytest.raises(ValidationError):
        take(ITEMS, actor, batch)
    assert not Item.objects.exists()
    assert not Quarantined.objects.exists()


def test_what_changed_since_the_preview_stops_the_whole_import(actor):
    batch = show(ITEMS, actor, f"code,品名,DI\nA,甲,{gtin(1)}\nB,乙,{gtin(2)}\n,坏,\n")
    other = Item.objects.create(code="Z", name_zh="早")
    ItemCode.objects.create(item=other, issuer="GS1", code=gtin(2))
    with pytest.raises(ValidationError) as refused:
        take(ITEMS, actor, batch)
    assert refused.value.code == "changed_since"
    assert list(Item.objects.values_list("code", flat=True)) == ["Z"]
    assert not Quarantined.objects.exists()


def test_only_the_columns_that_came_are_changed(actor, supplier):
    take(
        ITEMS,
        actor,
        show(ITEMS, actor, f"code,品名,生产厂家,规格型号,DI,供应商编码\nA,甲,华东,3.0,{gtin(1)},SUP-1\n"),
    )
    take(ITEMS, actor, show(ITEMS, actor, "code,品名\nA,甲二\n"))
    item = Item.objects.get()
    assert (item.name_zh, item.pinyin, item.maker.name_zh, item.model, item.supplier) == (
        "甲二",
        "je",
        "华东",
        "3.0",
        supplier,
    )
    assert Maker.objects.count() == 1


def test_a_later_price_ends_the_earlier_and_an_earlier_one_is_wrong(actor, supplier):
    head = "code,品名,供应商编码,单价,价格生效日\n"
    for amount, day, bad in (("5", "2026-01-01", set()), ("5", "2026-02-01", set()), ("6", "2026-07-01", set()),
                             ("7", "2026-07-01", {"price_overlaps"}), ("7", "2026-03-01", {"price_overlaps"})):  # fmt: skip
        batch = show(ITEMS, actor, f"{head}A,甲,SUP-1,{amount},{day}\n")
        assert wrong(batch).get(2, set()) == bad, (amount, day)
        take(ITEMS, actor, batch)
    assert list(Price.objects.order_by("valid_from").values_list("amount", "valid_from", "valid_to")) == [
        (Decimal(5), date(2026, 1, 1), date(2026, 6, 30)),
        (Decimal(6), date(2026, 7, 1), None),
    ]


def test_suppliers_with_their_papers(actor):
    head = "供应商编码,名称,证照类型,证照编号,生效日,有效期至\n"
    rows = (
        "S1,国药,营业执照,B1,2026-01-01,2030-12-31\n"
        "S1,国药,经营许可证,D1,2026-01-01,2030-12-31\n"
        "S1,国药,授权书,M1,2026-01-01,\nS1,国药,授权书,M2,2026-01-01,\n"
        "S1,国药,营业执照,B2,2027-01-01,\n"
        "S1,别名,,,,\n"
        "S2,无日期,营业执照,B1,,\n"
        "S3,只有名字,,,,\n"
    )
    batch = show(SUPPLIERS, actor, head + rows)
    assert wrong(batch) == {6: {"duplicate_row"}, 7: {"name_differs"}, 8: {"needs_other"}}
    take(SUPPLIERS, actor, batch)
    assert set(Supplier.objects.values_list("code", "pinyin")) == {("S1", "gy"), ("S3", "zymz")}
    assert Licence.objects.count() == 4
    renewed = show(SUPPLIERS, actor, head + "S1,国药,营业执照,B1,2030-01-01,2035-12-31\n")
    assert not renewed.bad
    take(SUPPLIERS, actor, renewed)
    assert list(Licence.objects.filter(kind="business").order_by("valid_from").values_list("valid_to", flat=True)) == [
        date(2029, 12, 31), date(2035, 12, 31),
    ]  # fmt: skip


def test_places_in_any_order(actor, campus):
    head = "库位编码,名称,类型,上级编码,GLN,温度\n"
    rows = (
        "A-03,三柜,柜,A,,冷藏\nA,A库,库房,HQ,6901234500011,\nB,错,库房,NOWHERE,,\nC,错,库房,A-03,,\n"
        "D,错,房间,E,,\nE,错,房间,D,,\nF,错,货位,C,,\nG,错,库房,HQ,6901234500018,\nSCRAP,错,库房,HQ,,\nT,顶,库房,,,\n"
    )
    batch = show(PLACES, actor, head + rows)
    assert wrong(batch) == {
        4: {"parent_unknown"}, 5: {"kind_below_kind"}, 6: {"below_itself"}, 7: {"below_itself"}, 8: {"parent_bad"},
        9: {"bad_gln"}, 10: {"virtual"}, 11: {"not_a_root"},
    }  # fmt: skip
    take(PLACES, actor, batch)
    cabinet, store = Place.objects.get(code="A-03"), Place.objects.get(code="A")
    assert cabinet.path == f"{campus.path}{store.pk}/{cabinet.pk}/"
    assert (cabinet.temperature_class, store.temperature_class) == ("refrigerated", "room")
    assert broken_paths() == []
    moved = show(PLACES, actor, head + "A-03,柜三,柜,HQ,,\nA,A库房,科室,HQ,,\n")
    assert wrong(moved) == {2: {"moved"}, 3: {"kind_changed"}}
    take(PLACES, actor, show(PLACES, actor, "库位编码,名称,类型\nA-03,柜三,柜\n"))
    cabinet.refresh_from_db()
    assert (cabinet.name_zh, cabinet.temperature_class) == ("柜三", "refrigerated")


def test_people_with_roles_that_one_may_give(campus):
    administrator = Actor(person().pk, "a", {"edit_access": (campus.path,)})
    ward = place(Kind.DEPARTMENT, campus, code="W1")
    place(Kind.CAMPUS, code="FAR")
    Role.objects.create(code="nurse", name_zh="护士", name_en="Nurse", operations=["use"])
    Role.objects.create(code="chief", name_zh="管理", name_en="Chief", operations=["edit_places"])
    person(username="taken")
    rows = "w.li,李,W1,护士,\nTaken,王,W1,,\nx y,空,W1,,\nfar,远,FAR,,\nup,升,W1,chief,\nno,无,W1,nobody,\nw.li,李二,W1,,\n"
    place(Kind.BIN, ward, code="SHELF")
    rows += "shelf,柜,SHELF,,\nof.all,院," + campus.code + ",,\n"
    batch = show(PEOPLE, administrator, "用户名,姓名,科室编码,角色,授权库位编码\n" + rows)
    assert wrong(batch) == {
        3: {"person_known"}, 4: {"bad_username"}, 5: {"not_administered"}, 6: {"role_above"}, 7: {"role_unknown"},
        8: {"duplicate_row"}, 9: {"no_workplace"},
    }  # fmt: skip
    take(PEOPLE, administrator, batch)
    made = Person.objects.get(username="w.li")
    assert not made.has_usable_password()
    assert Grant.objects.get(person=made).place == ward


@pytest.mark.parametrize("sheet", ALL, ids=lambda sheet: sheet.kind)
def test_the_template_reads_back(sheet, actor):
    table = read_table(template(sheet))
    assert len(table.titles) == len(sheet.columns)
    batch = batches.preview(sheet, actor=actor, file_name="t.xlsx", data=template(sheet))
    assert batch.unknown == []
    # The examples are well-formed; only what they refer to is not there.
    known = {"supplier_unknown", "parent_unknown", "place_unknown", "role_unknown"}
    assert set().union(*wrong(batch).values()) <= known


@pytest.mark.parametrize("sheet", ALL, ids=lambda sheet: sheet.kind)
def test_who_may_not_gets_no_preview(sheet):
    with pytest.raises(PermissionDenied):
        show(sheet, Actor(person().pk, "x", {"view": ("/",)}), "code\nA\n")
    assert not ImportBatch.objects.exists()


_WORDS = st.sampled_from(
    [
        "",
        "A",
        "B",
        "HQ",
        "甲",
        "柜",
        "库房",
        "SUP-1",
        "<b>",
        "=1",
        "-1",
        "1e9",
        "2026-01-01",
        "是",
        gtin(1),
        "x" * 300,
        "\0",
        "nurse",
    ]
)


@pytest.mark.parametrize("sheet", ALL, ids=lambda sheet: sheet.kind)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_table_raises(sheet, actor, supplier, data):
    width = len(sheet.columns)
    rows = data.draw(st.lists(st.lists(_WORDS, min_size=width, max_size=width), min_size=1, max_size=5))
    text = ",".join(column.zh for column in sheet.columns) + "\n" + "\n".join(",".join(row) for row in rows)
    try:
        batch = show(sheet, actor, text)
    except BadFile:
        return
    take(sheet, actor, batch)
    assert ImportBatch.objects.get(pk=batch.pk).state == "imported"
    assert broken_paths() == []


def _many(count: int) -> str:
    rows = (
        f"IT-{n},支架 {n},厂家 {n % 50},SUP-1,{gtin(n)},{gtin(n + 100_000)},10,{n}.50,2026-01-01,"
        f"R{n},2026-01-01,2030-12-31,C{n:019d},2026-01-01,是"
        for n in range(count)
    )
    return FULL + "\n".join(rows)


def test_ten_thousand_rows_take_seconds(actor, supplier):
    begun = process_time()
    batch = show(ITEMS, actor, _many(10_000))
    take(ITEMS, actor, batch)
    assert Item.objects.count() == Price.objects.count() == Registration.objects.count() == 10_000
    assert ItemCode.objects.count() == 20_000
    # Of this process alone: a busy machine must not fail it.
    assert process_time() - begun < 30


def test_statements_do_not_grow_with_rows(actor, supplier):
    counts = []
    for rows in (1, 400):
        with CaptureQueriesContext(connection) as captured:
            take(ITEMS, actor, show(ITEMS, actor, _many(rows).replace("IT-", unique("IT"))))
        counts.append(len(captured))
        ItemCode.objects.all().delete()
    assert abs(counts[0] - counts[1]) <= 2, counts
