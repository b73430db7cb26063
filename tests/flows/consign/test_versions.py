"""New terms of an agreement are a version from a day on: what was used before goes by the version of its day."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.site import soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.acts import Done
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.models import AgreementVersion, ConsignmentAgreement, Payable
from yanji.flows.consign.queries import agreements, refills
from yanji.flows.consign.versions import changed, versions_of
from yanji.flows.papers import sheet_of


def terms(room: Room, price: int, keep: int = 4, **fields: Any) -> Done:
    return room.agreement(items=[Kept(room.here.h.item.pk, Decimal(price), keep)], **fields)


def test_what_was_used_goes_by_the_version_of_its_day(room: Room) -> None:
    first = terms(room, 700)
    early, late = room.consigned(2, ago=3)
    done = terms(room, 650, agreement_id=first.id, valid_from=soon(0))
    assert (done.id, done.number, done.facts["version"]) == (first.id, first.number, 2)
    yesterday = timezone.now() - timedelta(days=1)
    room.use(room.case(), early, happened_at=yesterday)
    room.use(room.case(), late)
    assert [each.price for each in Payable.objects.order_by("at")] == [700, 650]
    assert {each.note.agreement_id for each in Payable.objects.all()} == {first.id}


def test_terms_to_come_do_not_hold_yet(room: Room) -> None:
    agreement = terms(room, 700).id
    other = Item.objects.create(code=unique("I"), name_zh="别的")
    room.agreement(
        agreement_id=agreement, valid_from=soon(2), all_items=False, items=[Kept(other.pk, Decimal(5), 9)]
    )
    [epc] = room.consigned()
    room.use(room.case(), epc)
    assert [each.price for each in Payable.objects.all()] == [700]
    [now] = agreements(room.buyer)
    [then] = agreements(room.buyer, valid_on=soon(2))
    assert (now.number, then.number) == (1, 2)
    assert [each.keep for each in refills(room.keeper)] == [4]
    assert [each.keep for each in refills(room.keeper, today=soon(2))] == [9]
    AgreementVersion.objects.filter(number=2).update(valid_from=soon(0))
    refused("no_contract", lambda: room.receive_consigned(room.here.arrival()))


def test_its_last_day_is_that_of_the_version_that_holds(room: Room) -> None:
    agreement = room.agreement(valid_to=soon(30)).id
    room.agreement(agreement_id=agreement, valid_from=soon(1), valid_to=soon(5))
    assert [each.number for each in agreements(room.buyer, valid_on=soon(5))] == [2]
    assert agreements(room.buyer, valid_on=soon(6)) == []


def test_no_version_begins_before_today_or_before_the_last(room: Room) -> None:
    agreement = terms(room, 700).id
    refusal = refused("terms_from_later", lambda: terms(room, 1, agreement_id=agreement, valid_from=soon(-1)))
    assert refusal.offences[0].facts["day"] == soon(0)
    terms(room, 690, agreement_id=agreement, valid_from=soon(9))
    refused("terms_from_later", lambda: terms(room, 1, agreement_id=agreement, valid_from=soon(8)))
    refused(
        "not_yours", lambda: terms(room, 1, agreement_id=agreement, valid_from=soon(9), actor=room.keeper)
    )
    # Entered wrongly: the next version of the same day takes its place.
    terms(room, 680, agreement_id=agreement, valid_from=soon(9))
    [held] = agreements(room.buyer, valid_on=soon(9))
    assert (held.number, [each.price for each in held.items.all()]) == (3, [680])


def test_every_version_is_read_and_compared(room: Room) -> None:
    agreement = terms(room, 700, note="Trial").id
    terms(room, 650, 6, agreement_id=agreement, valid_from=soon(0), valid_to=soon(90), settlement_day=9)
    versions = versions_of(ConsignmentAgreement.objects.get())
    assert [each.number for each in versions] == [2, 1]
    told = changed(versions)
    assert list(told) == [2]
    [valid_to, day, note, item] = told[2]
    assert (valid_to.before, valid_to.after) == ("", str(soon(90)))
    assert (day.before, day.after, note.before, note.after) == ("5", "9", "Trial", "")
    assert (item.what, "700.00" in item.before, "650.00" in item.after) == (room.here.h.item.name, True, True)
    printed = sheet_of(room.buyer, "consignment_agreement", agreement)
    now, compared, before = printed.sections
    assert [section.rows[0][-1] for section in (now, before)] == [650, 700]
    assert len(compared.rows) == 4


def test_the_api_tells_every_version(room: Room) -> None:
    agreement = terms(room, 700).id
    h, buyer = room.here.h, ApiClient(room.here.buyer)
    given = {"supplier_id": h.supplier.pk, "place_id": h.campus.pk, "agreement_id": agreement}
    late = buyer.post("/consignment/agreements", valid_from=soon(-1), **given).json()
    assert late["code"] == "terms_from_later"
    buyer.done("/consignment/agreements", valid_from=soon(0), **given)
    [now] = buyer.get("/consignment/agreements").json()
    assert (now["version"], now["items"]) == (2, [])
    last, first = buyer.get(f"/consignment/agreements/{agreement}/versions").json()
    assert ([each["price"] for each in first["items"]], first["changes"]) == (["700.00"], [])
    assert [each["what"] for each in last["changes"]] == [h.item.name]
