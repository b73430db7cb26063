"""An act that was scanned without a network is judged by the moment of its scan: what came since is nothing that was seen."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import scans
from tests.exchange.test_handheld_consigned import expected
from tests.exchange.test_handheld_keeping import why
from tests.exchange.test_handheld_lending import Wards
from tests.exchange.test_handheld_opened import GTIN
from tests.exchange.test_handheld_packing import PALLET
from tests.flows.site import Site, soon
from tests.flows.theatre.room import Room
from tests.flows.vials import opened, ward_lot
from tests.makers import unique
from yanji.catalog.models import ItemCode
from yanji.exchange.api import handheld_tasks
from yanji.flows.consign.loans import arrive_set
from yanji.flows.handheld.about import About
from yanji.flows.handheld.naming import named
from yanji.flows.handheld.ways import WAYS
from yanji.flows.lending.models import Lending, SettleUp
from yanji.flows.opened.models import OpenedPiece
from yanji.flows.opened.piece import discard
from yanji.flows.packing.contents import contents as inside
from yanji.flows.packing.pack import pack
from yanji.flows.reasons import known
from yanji.flows.reserving.queries import reserved_for
from yanji.flows.reserving.reserve import reserve

MINUTE = timedelta(minutes=1)


def late(client: ApiClient, flow: str, *texts: Any, at: datetime, **more: Any) -> Any:
    return client.send(
        "/handheld/acts", key=unique("pwa"), flow=flow, scans=scans(*texts), scanned_at=at, about={}, **more
    )


def refused_until_seen(client: ApiClient, flow: str, *texts: Any, said: datetime) -> None:
    """What came after ``said`` stands in the way; looked at again it does not."""
    key = unique("pwa")
    act = {"key": key, "flow": flow, "scans": scans(*texts), "about": {}}
    answer = client.send("/handheld/acts", **act, scanned_at=said)
    assert (answer.status_code, answer.json()["code"]) == (409, "more_since"), answer.content
    answer = client.send("/handheld/acts", **act, scanned_at=timezone.now(), again=True)
    assert answer.status_code == 200, answer.content


def test_what_was_kept_since_is_not_given_free_unseen(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    wanted, said = here.requisition((here.h.item, 3)), timezone.now() - 10 * MINUTE
    by = {"store_id": here.h.store.pk, "requisition_id": wanted.id}
    reserve(actor=here.keeper, key=unique("r"), things=here.stocked(2), **by)
    refused_until_seen(keeper, "unreserve", why(keeper), wanted.number, wanted.number, said=said)
    assert reserved_for([wanted.number]) == []


def test_what_was_given_back_since_is_not_confirmed_unseen(committed: Site) -> None:
    wards = Wards(committed)
    lending = wards.lent(2)
    said = timezone.now() - 10 * MINUTE
    answer = late(wards.borrows, "confirm_lending", lending.number, lending.number, at=said)
    assert answer.status_code == 200, answer.content
    assert Lending.objects.get().confirmed_at == said, "an act happened when it was scanned"
    wards.back(lending, 0)
    refused_until_seen(wards.lends, "confirm_settlement", lending.number, lending.number, said=said)
    assert not SettleUp.objects.filter(confirmed_at=None).exists()


def test_what_was_packed_since_does_not_come_out_unseen(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    said = timezone.now() - 10 * MINUTE
    for epc, at in zip(here.stocked(2), (said - MINUTE, said + MINUTE), strict=True):
        by = {"place_id": here.h.store.pk, "kind": "box", "code": PALLET, "happened_at": at}
        pack(actor=here.keeper, key=unique("p"), things=[epc], **by)
    refused_until_seen(keeper, "unpack", PALLET, PALLET, said=said)
    assert not inside([PALLET])[PALLET].packed


def test_all_of_it_is_done_once_whatever_others_do_since(committed: Site) -> None:
    """The answer was lost and somebody packed anew: what the device sends again takes nothing out, and what another was quicker
    with is refused."""
    here, keeper, other = committed, ApiClient(committed.storekeeper), ApiClient(committed.second)
    by = {"place_id": here.h.store.pk, "kind": "box", "code": PALLET}
    pack(actor=here.keeper, key=unique("p"), things=here.stocked(1), **by)
    act = {"key": unique("pwa"), "flow": "unpack", "scans": scans(PALLET, PALLET), "about": {}}
    assert keeper.send("/handheld/acts", **act).status_code == 200
    pack(actor=here.keeper, key=unique("p"), things=here.stocked(1), **by)
    again = keeper.send("/handheld/acts", **act)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert len(inside([PALLET])[PALLET].units) == 1
    assert late(other, "unpack", PALLET, PALLET, at=timezone.now()).status_code == 200
    slower = late(keeper, "unpack", PALLET, PALLET, at=timezone.now())
    assert (slower.status_code, slower.json()["code"]) == (409, "box_is_empty")


def test_what_came_to_a_set_since_does_not_go_back_unseen(committed: Site) -> None:
    room = Room(committed)
    room.price()
    room.agreement()
    loan, here, said = expected(room), committed, timezone.now() - 10 * MINUTE
    for serial, at in (("SI1", said - MINUTE), ("SI2", said + MINUTE)):
        arrive_set(
            actor=here.keeper, key=unique("a"), loan_set_id=loan.pk, dock_id=here.h.store.pk,
            arrivals=[here.arrival(serial=serial)], arrived_at=at,
        )  # fmt: skip
    refused_until_seen(ApiClient(here.storekeeper), "hand_back_set", loan.number, loan.number, said=said)


@pytest.fixture
def label(committed: Site) -> str:
    """The label of a vial of which ten lie in the ward."""
    ItemCode.objects.create(issuer="GS1", code=GTIN, item=committed.counted)
    ward_lot(committed)
    return f"]d201{GTIN}17{soon(90):%y%m%d}10B1"


def piece(here: Site, **times: datetime) -> OpenedPiece:
    made = opened(here, here.counted.lots.get().pk)
    OpenedPiece.objects.filter(pk=made.id).update(opened_at=timezone.now() - 120 * MINUTE, **times)
    return OpenedPiece.objects.get(pk=made.id)


def test_what_was_taken_within_its_open_life_counts_when_it_arrives_later(
    committed: Site, label: str
) -> None:
    here, nurse, now = committed, ApiClient(committed.nurse), timezone.now()
    vial = piece(here, use_until=now - 30 * MINUTE)
    given = [vial.number, "YANJI:AMOUNT:2", vial.number]
    after = late(nurse, "take", *given, at=now - 20 * MINUTE)
    assert (after.status_code, after.json()["code"]) == (409, "open_life_over")
    within = late(nurse, "take", *given, at=now - 40 * MINUTE)
    assert within.status_code == 200, within.content
    assert vial.taken.get().at == now - 40 * MINUTE


def test_a_vial_by_its_label_is_the_one_that_was_open_when_it_was_scanned(
    committed: Site, label: str
) -> None:
    here, nurse, now = committed, ApiClient(committed.nurse), timezone.now()
    first = piece(here)
    discard(actor=here.ward, key=unique("d"), piece_id=first.pk, reason=min(known("waste")), happened_at=now)
    second = opened(here, here.counted.lots.get().pk)
    given = [label, "YANJI:AMOUNT:2", label]
    answer = late(nurse, "take", *given, at=now - 20 * MINUTE)
    assert (answer.status_code, answer.json()["code"]) == (409, "document_closed"), answer.content
    assert first.number in answer.content.decode()
    assert late(nurse, "take", *given, at=timezone.now()).status_code == 200
    assert [part.piece_id for part in OpenedPiece.objects.get(pk=second.id).taken.all()] == [second.id]
    assert not first.taken.exists()


def test_who_sees_no_patients_is_told_nothing_of_one(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, case = committed, Room(committed).case()
    nurse = here.ward
    blind = replace(nurse, scopes={k: v for k, v in nurse.scopes.items() if k != "view_patient"})
    about = About(case_id=case.pk)
    assert case.patient_token in named(about, WAYS["use"], nurse)["case_id"]
    assert named(about, WAYS["use"], blind) == {"case_id": here.h.department.name}
    asked = f"/handheld/todo?flow=use&kind=case&paper_id={case.pk}"
    monkeypatch.setattr(handheld_tasks, "actor", lambda _request: blind)
    assert ApiClient(here.nurse).get(asked).json() == []
