"""A supplier's goods go back to it by a return like any other: at once where its own man takes them, else in its turn."""

from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.exchange.client import ApiClient
from tests.flows.approving import rule, signing
from tests.flows.site import Site, contents
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.access.models import Person
from yanji.catalog.models import Supplier
from yanji.flows.approval import approvals_of, decide
from yanji.flows.correction import take_back
from yanji.flows.numbered import papers_numbered
from yanji.flows.papers import sheet_of
from yanji.flows.sendback.ask import authorise_return
from yanji.flows.sendback.models import SupplierReturn
from yanji.flows.sendback.send import send_return
from yanji.ledger.api import life_line, rebuild, unit_view


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


def head_signs(here: Site) -> Person:
    """A return needs the head's approval from now on; gives the head."""
    signs = signing(here)
    rule(here.h.campus, signs.head_role, kind="supplier_return")
    return signs.head


def decided(here: Site, return_id: int, by: Person, *, approve: bool) -> None:
    [step] = approvals_of("supplier_return", return_id)
    given = {"approve": approve, "comment": "seen"}
    decide(actor=here.actor(by), key=unique("d"), approval_id=step.pk, **given)


def test_whom_the_rules_name_decides_first(room: Room) -> None:
    room.agreement()
    room.price()
    epcs = room.consigned(1)
    by = head_signs(room.here)
    done = room.hand_back(room.here.h.cabinet.pk, *epcs)
    assert (done.state, done.events, unit_view(epcs[0]).status) == ("awaiting", (), "available")
    assert [step.state for step in approvals_of("supplier_return", done.id)] == ["waiting"]
    decided(room.here, done.id, by, approve=False)
    assert SupplierReturn.objects.get().state == "refused"


def test_what_the_supplier_agreed_to_holds_once_it_is_approved(room: Room) -> None:
    room.agreement()
    room.price()
    epcs = room.consigned(2)
    by = head_signs(room.here)
    cabinet, at = room.here.h.cabinet.pk, room.here
    done = room.hand_back(cabinet, epcs[0], authorisation=" RMA-9 ", handed_to=" Courier ")
    plain = room.hand_back(cabinet, epcs[1], authorisation="", handed_to="")
    back = SupplierReturn.objects.get(pk=done.id)
    assert (back.state, back.authorisation, back.handed_to, back.sent_at) == (
        "awaiting",
        "RMA-9",
        "Courier",
        None,
    )
    before = contents()
    refused("document_closed", lambda: send_return(actor=room.keeper, key=unique("s"), return_id=done.id))
    assert contents() == before
    for return_id, state in ((done.id, "authorised"), (plain.id, "requested")):
        decided(at, return_id, by, approve=True)
        assert SupplierReturn.objects.get(pk=return_id).state == state
    back.refresh_from_db()
    with override("en"):
        sheet = dict(sheet_of(room.keeper, "supplier_return", back.pk).facts)
    assert (sheet["Authorised under"], sheet["To be handed to"]) == ("RMA-9", "Courier")
    authorise_return(actor=room.keeper, key=unique("a"), return_id=plain.id, authorisation="RMA-10")
    before = contents()
    refused("handed_to_needed", lambda: send_return(actor=room.keeper, key=unique("s"), return_id=plain.id))
    assert contents() == before
    gone = send_return(actor=room.keeper, key=unique("s"), return_id=done.id)
    back.refresh_from_db()
    assert (gone.state, back.handed_to, life_line(epcs[0])[-1].documents["authorisation"]) == (
        "closed", "Courier", "RMA-9",
    )  # fmt: skip
    assert rebuild() == []


def test_program_and_page_know_what_was_given_while_it_waited(room: Room) -> None:
    room.agreement()
    room.price()
    here, by = room.here, head_signs(room.here)
    keeper = ApiClient(here.storekeeper)
    done = keeper.done(
        "/consignment/hand-backs", place_id=here.h.cabinet.pk, things=room.consigned(1), reason="not_needed",
        authorisation="RMA-9", handed_to="Courier",
    )  # fmt: skip
    decided(here, done["id"], by, approve=True)
    paper = keeper.get(f"/supplier-returns/{done['id']}").json()
    given = ("state", "authorisation", "handed_to", "sent_at")
    assert [paper[name] for name in given] == ["authorised", "RMA-9", "Courier", None]
    client = Client()
    client.force_login(here.storekeeper)
    address = reverse("buyer:supplier_return", args=[done["id"]])
    shown = client.get(address).content.decode()
    assert all(text in shown for text in ('value="RMA-9"', 'value="Courier"', "<dd>Courier</dd>"))
    sent = client.post(
        reverse("buyer:send_supplier_return", args=[done["id"]]),
        {"act_key": unique("page"), "handed_to": "Another courier"},
    )
    assert (sent.status_code, sent["Location"]) == (302, address)
    paper = keeper.get(f"/supplier-returns/{done['id']}").json()
    assert [paper[name] for name in given[:3]] == ["closed", "RMA-9", "Another courier"]


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
