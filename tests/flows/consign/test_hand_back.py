"""A supplier's goods go back to it by a return like any other: at once where its own man takes them, else in its turn."""

from tests.flows.approving import rule, signing
from tests.flows.site import contents
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.catalog.models import Supplier
from yanji.flows.approval import approvals_of
from yanji.flows.correction import take_back
from yanji.flows.numbered import papers_numbered
from yanji.flows.papers import sheet_of
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.send import send_return
from yanji.ledger.api import rebuild, unit_view


def test_what_leaves_at_once_has_its_paper(room: Room) -> None:
    room.agreement()
    room.price()
    epcs = room.consigned(2)
    done = room.hand_back(room.here.h.cabinet.pk, *epcs, note="Nobody asked for them")
    back = SupplierReturn.objects.get(pk=done.id)
    assert (back.number[:3], back.state, back.authorisation, back.handed_to, back.expected) == (
        "RS-", "closed", "RMA-9", "Courier", 0,
    )  # fmt: skip
    assert {unit_view(epc).status for epc in epcs} == {"returned"}
    assert [(paper.kind, key) for paper, key in papers_numbered(done.number)] == [
        ("supplier_return", back.pk)
    ]
    sheet = sheet_of(room.keeper, "supplier_return", back.pk)
    assert (sheet.number, len(sheet.sections[0].rows)) == (done.number, 2)
    # Taken back, the same paper waits to be sent anew.
    [event] = done.events
    take_back(actor=room.keeper, key=unique("t"), event_id=event, reason="wrong_scan")
    back.refresh_from_db()
    assert (back.state, back.events, {unit_view(epc).status for epc in epcs}) == (
        "authorised",
        [],
        {"available"},
    )
    send_return(actor=room.keeper, key=unique("s"), return_id=back.pk, handed_to="Courier")
    assert rebuild() == []


def test_without_the_suppliers_number_it_waits_for_it(room: Room) -> None:
    room.agreement()
    room.price()
    epcs = room.consigned(1)
    done = room.hand_back(room.here.h.cabinet.pk, *epcs, authorisation="", handed_to="")
    assert (done.state, done.events, unit_view(epcs[0]).status) == ("requested", (), "available")


def test_whom_the_rules_name_decides_first(room: Room) -> None:
    room.agreement()
    room.price()
    epcs = room.consigned(1)
    rule(room.here.h.campus, signing(room.here).head_role, kind="supplier_return")
    done = room.hand_back(room.here.h.cabinet.pk, *epcs)
    assert (done.state, done.events, unit_view(epcs[0]).status) == ("awaiting", (), "available")
    assert [step.state for step in approvals_of("supplier_return", done.id)] == ["waiting"]


def test_what_cannot_go_back_so_is_refused_and_nothing_is_written(room: Room) -> None:
    room.agreement()
    room.price()
    [theirs], [ours] = room.consigned(1), room.units(1)
    at = room.here.h.campus.pk
    refused("not_consigned", lambda: room.hand_back(at, theirs, ours))
    refused("authorisation_needed", lambda: room.hand_back(at, theirs, authorisation=" "))
    refused("handed_to_needed", lambda: room.hand_back(at, theirs, handed_to=""))
    refused("unknown_reason", lambda: room.hand_back(at, theirs, reason="because"))
    refused("empty", lambda: room.hand_back(at))
    other = Supplier.objects.create(code=unique("S"), name_zh="Other")
    [strange] = room.here.h.stocked(1, owner_id=other.pk)
    before = contents()
    refused("of_other_supplier", lambda: room.hand_back(at, theirs, strange))
    assert contents() == before
    assert not SupplierReturn.objects.exists()
