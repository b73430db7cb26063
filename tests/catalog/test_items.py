"""Items, their codes, and what holds from a day to a day."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.makers import unique
from yanji.access.actor import Actor
from yanji.catalog import actions, dated, queries
from yanji.catalog.codes import guess_issuer, national_code, normal_code
from yanji.catalog.models import BillingCode, Item, ItemCode, Licence, Maker, Price, Registration, Supplier
from yanji.catalog.pinyin import initials
from yanji.sheets.problems import Problem

pytestmark = pytest.mark.django_db

BUYER = Actor(1, "buyer", {"edit_catalog": ("/1/",)})
NURSE = Actor(2, "nurse", {"use": ("/1/",)})


def fields(**given) -> actions.ItemFields:
    return actions.ItemFields(**{"code": unique("IT"), "name_zh": "药物洗脱冠脉支架", **given})


@pytest.fixture
def item() -> Item:
    return actions.create_item(actor=BUYER, fields=fields(maker="华东医疗"))


@pytest.fixture
def supplier() -> Supplier:
    return actions.create_supplier(actor=BUYER, fields=actions.SupplierFields(unique("SUP"), "国药器械"))


def test_an_item_is_found_by_any_of_its_words(item):
    actions.add_code(actor=BUYER, item_id=item.pk, issuer="GS1", code="6901234500011")
    for text in ("冠脉", "ywxt", "YWXTgmzj", item.code, "6901234500011", "06901234500011", "支架 药物"):
        assert item in queries.search(text), text
    for text in ("球囊", "支架 球囊", "%", "\0", "06901234500028"):
        assert item not in queries.search(text) or text == "\0", text


def test_initials():
    assert initials("药物洗脱 3.0×18mm") == "ywxt3018mm"
    assert initials("") == ""


def test_who_may_not_edit_writes_nothing(item):
    for act in (
        lambda: actions.create_item(actor=NURSE, fields=fields(maker="新厂")),
        lambda: actions.edit_item(actor=NURSE, item_id=item.pk, fields=fields()),
        lambda: actions.retire_item(actor=NURSE, item_id=item.pk),
        lambda: actions.add_code(actor=NURSE, item_id=item.pk, issuer="LOCAL", code="X"),
        lambda: dated.set_registration(
            actor=NURSE, item_id=item.pk, number="1", days=dated.Days(date(2026, 1, 1))
        ),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert list(Item.objects.values_list("pk", "active")) == [(item.pk, True)]
    assert not Maker.objects.filter(name_zh="新厂").exists()
    assert not ItemCode.objects.exists()


def test_a_provisional_item_is_complete_once_edited(item):
    Item.objects.filter(pk=item.pk).update(provisional=True)
    edited = actions.edit_item(
        actor=BUYER, item_id=item.pk, fields=fields(code=item.code, name_zh="球囊导管")
    )
    assert (edited.provisional, edited.pinyin) == (False, "qndg")


def test_codes_are_stored_as_a_label_gives_them():
    assert normal_code("GS1", "6901234500011") == "06901234500011"
    assert normal_code("HIBCC", "M4400103Z1") == "M4400103Z1"
    assert normal_code("ICCBBA", "A9999XYZ100T0479") == "A9999XYZ100T0479"
    assert normal_code("LOCAL", "支架-01") == "支架-01"
    for issuer, code, reason in (
        ("GS1", "06901234500012", "code_check_digit"),
        ("GS1", "0690123450001", "code_check_digit"),
        ("GS1", "123", "code_length"),
        ("GS1", "٠٦٩٠١٢٣٤٥٠٠٠١١", "code_not_digits"),
        ("HIBCC", "00841523106431", "code_unreadable"),
        ("MA", "MA.156", "code_unreadable"),
        ("GS1", "", "code_unreadable"),
        ("LOCAL", "a\0b", "code_unreadable"),
    ):
        found = normal_code(issuer, code)
        assert isinstance(found, Problem), (issuer, code)
        assert found.code == reason
    assert [guess_issuer(code) for code in ("6901234500011", "MA.156.M0", "+M440", "A-01")] == [
        "GS1",
        "MA",
        "LOCAL",
        "LOCAL",
    ]


def test_a_code_belongs_to_one_item(item):
    actions.add_code(actor=BUYER, item_id=item.pk, issuer="GS1", code="06901234500011")
    other = actions.create_item(actor=BUYER, fields=fields())
    for code in ("06901234500011", "6901234500011", "06901234500012"):
        with pytest.raises(ValidationError) as refused:
            actions.add_code(actor=BUYER, item_id=other.pk, issuer="GS1", code=code)
        assert "code" in refused.value.message_dict
    with pytest.raises(ValidationError):
        actions.add_code(actor=BUYER, item_id=other.pk, issuer="LOCAL", code="BOX", level="unit", quantity=10)
    assert not other.codes.exists()


def test_many_codes_cost_one_statement(item):
    for number in range(20):
        ItemCode.objects.create(
            item=item, issuer="LOCAL", code=f"C{number}", level="case", quantity=number + 1
        )
    asked = [("LOCAL", f"C{number}") for number in range(40)]
    with CaptureQueriesContext(connection) as captured:
        found = queries.items_by_code(asked)
    assert len(captured) == 1
    assert len(found) == 20
    assert found["LOCAL", "C4"].quantity == 5
    assert queries.items_by_code([]) == {}


def test_a_new_price_ends_the_old_one(item, supplier):
    set_price = {"actor": BUYER, "item_id": item.pk, "supplier_id": supplier.pk}
    dated.set_price(**set_price, amount=Decimal(100), days=dated.Days(date(2026, 1, 1)))
    dated.set_price(**set_price, amount=Decimal(90), days=dated.Days(date(2026, 7, 1)))
    assert list(Price.objects.order_by("valid_from").values_list("amount", "valid_to")) == [
        (Decimal(100), date(2026, 6, 30)),
        (Decimal(90), None),
    ]
    key = (item.pk, supplier.pk)
    assert queries.prices_on(date(2026, 6, 30), [item.pk]) == {key: Decimal(100)}
    assert queries.prices_on(date(2026, 7, 1), [item.pk]) == {key: Decimal(90)}
    assert queries.prices_on(date(2025, 12, 31), [item.pk]) == {}
    for first, last in (
        (date(2026, 1, 1), None),
        (date(2025, 1, 1), None),
        (date(2025, 1, 1), date(2026, 1, 1)),
    ):
        with pytest.raises(ValidationError) as refused:
            dated.set_price(**set_price, amount=Decimal(80), days=dated.Days(first, last))
        assert refused.value.message_dict["valid_from"]
    dated.set_price(**set_price, amount=Decimal(80), days=dated.Days(date(2025, 1, 1), date(2025, 12, 31)))
    assert Price.objects.count() == 3


def test_the_database_refuses_overlaps_by_itself(item, supplier):
    first, later = date(2026, 1, 1), date(2026, 6, 1)
    clashes = [
        lambda day: Price.objects.create(item=item, supplier=supplier, amount=1, valid_from=day),
        lambda day: Registration.objects.create(item=item, number=str(day), valid_from=day),
        lambda day: BillingCode.objects.create(item=item, kind="charge", code="x", valid_from=day),
        lambda day: Licence.objects.create(
            supplier=supplier, kind="business", number=str(day), valid_from=day
        ),
    ]
    for create in clashes:
        create(first)
        with pytest.raises(IntegrityError), transaction.atomic():
            create(later)
    for number in "12":
        Licence.objects.create(supplier=supplier, kind="authorisation", number=number, valid_from=first)
    for kind in ("insurance", "charge"):
        assert BillingCode.objects.get_or_create(
            item=item, kind=kind, defaults={"code": "x", "valid_from": first}
        )


def test_only_the_national_code_has_the_nations_shape(item):
    """20 or 27 characters, as copied from a list; what the hospital charges under is the hospital's own."""
    national = "C0201010770100109221"
    for written in (national, national + "0000007", f" c{national[1:]} ", "Ｃ" + national[1:]):
        assert national_code(written) in (national, national + "0000007")
    for written in (
        "",
        "C0201",
        national[:-1],
        national + "0",
        national.replace("C", "X"),
        national[:-1] + "X",
    ):
        assert national_code(written).code == "national_code"

    def enter(kind, code, first=date(2026, 1, 1)):
        return dated.set_billing_code(
            actor=BUYER, item_id=item.pk, kind=kind, code=code, days=dated.Days(first)
        )

    with pytest.raises(ValidationError, match="19") as refused:
        enter("insurance", "C0201")
    assert list(refused.value.message_dict) == ["code"]
    assert enter("insurance", national.lower()).code == national
    assert enter("charge", "C0201").code == "C0201"


def test_what_has_held_can_only_end(item):
    row = dated.set_registration(actor=BUYER, item_id=item.pk, number="R1", days=dated.Days(date(2026, 1, 1)))
    with pytest.raises(ValidationError):
        dated.remove_row(actor=BUYER, kind=Registration, row_id=row.pk, today=date(2026, 1, 2))
    dated.end_row(actor=BUYER, kind=Registration, row_id=row.pk, last=date(2026, 3, 31))
    with pytest.raises(ValidationError):
        dated.end_row(actor=BUYER, kind=Registration, row_id=row.pk, last=date(2027, 3, 31))
    dated.remove_row(actor=BUYER, kind=Registration, row_id=row.pk, today=date(2026, 1, 1))
    assert not Registration.objects.exists()


def test_licences_and_the_days_they_have_left(supplier):
    def show(kind, number, first, last=None):
        dated.set_licence(
            actor=BUYER, supplier_id=supplier.pk, kind=kind, number=number, days=dated.Days(first, last)
        )

    show("business", "B1", date(2020, 1, 1), date(2026, 5, 31))
    show("device_trade", "D1", date(2020, 1, 1))
    day = date(2026, 6, 1)
    papers = {paper.licence.kind: paper for paper in queries.papers([supplier.pk], day)[supplier.pk]}
    assert (papers["business"].days_left, papers["business"].lapsed) == (-1, True)
    assert (papers["device_trade"].days_left, papers["device_trade"].lapsed) == (None, False)
    assert queries.lapsed_on(day) == [(supplier, "business")]
    show("business", "B1", date(2026, 6, 1), date(2027, 5, 31))
    assert queries.lapsed_on(day) == []
    assert {p.licence.kind: p.days_left for p in queries.papers([supplier.pk], day)[supplier.pk]}[
        "business"
    ] == 364


def test_lists_cost_the_same_for_many_rows(item, supplier, django_assert_num_queries):
    for _ in range(30):
        actions.create_item(actor=BUYER, fields=fields(maker=unique("厂"), supplier_id=supplier.pk))
    with django_assert_num_queries(1):
        assert [(row.maker.name, row.supplier and row.supplier.name) for row in queries.search("支架")]
    with django_assert_num_queries(1):
        queries.papers([supplier.pk, *range(1000, 1100)], date(2026, 1, 1))
