"""Which loan sets wait for who has the scan page in hand: to come, to go to their theatre, to go back; and what of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from yanji.access.actor import Actor
from yanji.ledger.models import Movement
from yanji.places.models import VIRTUAL
from yanji.places.rules import ids_of

from ..alternatives import localised
from ..consign.contents import contents_of_sets
from ..consign.models import ConsignmentAgreement, ConsignmentReceipt, LoanSet, LoanSetLine
from ..queries import within
from .left import Left, Todo, todo_with

MOST_SETS = 40  # of an act, as of other papers
STATES = {
    "arrive_set": ("expected", "arrived", "sterilised"),
    "send_set": ("sterilised",),
    "hand_back_set": ("arrived", "sterilised", "in_theatre"),
}
OPERATION = {"arrive_set": "consign", "send_set": "consign", "hand_back_set": "return_goods"}


def open_sets(actor: Actor, flows: Iterable[str]) -> dict[str, list[LoanSet]]:
    """Act -> the sets that wait for it, those to be closed first before all others. Two statements, none for who does none."""
    asked = [flow for flow in flows if flow in STATES]
    if not asked:
        return {}
    paths = {path for flow in asked for path in actor.scopes.get(OPERATION[flow], ())}
    found = list(
        LoanSet.objects.filter(within("department", paths), closed_at__isnull=True)
        .annotate(left=_left())
        .select_related("agreement__supplier", "department")
        .prefetch_related(Prefetch("lines", LoanSetLine.objects.select_related("item").order_by("id")))
        .order_by("due_on", "id")[:200]
    )
    return {flow: [each for each in found if set_waits(flow, each, actor)][:MOST_SETS] for flow in asked}


def _left() -> Exists:
    """Whether something of a set may be here still: a unit that lies anywhere in the house, or pieces, of which only its account
    says so."""
    receipts = ConsignmentReceipt.objects.filter(loan_set=OuterRef(OuterRef("pk")))
    came = Movement.objects.filter(event__in=receipts.values("received_event"))
    return Exists(came.exclude(unit__isnull=False, unit__place__kind__in=VIRTUAL))


def set_waits(flow: str, loan: LoanSet, actor: Actor) -> bool:
    """Whether a set waits for an act of this actor. Of one that has come, the rest does. Pure, where its lines are read."""
    if loan.state not in STATES[flow] or not actor.may(OPERATION[flow], loan.department.path):
        return False
    if flow == "hand_back_set":
        return bool(getattr(loan, "left", True))
    return flow != "arrive_set" or loan.state == "expected" or any(line.missing for line in loan.lines.all())


def coming_left(flow: str, kind: str, papers: Sequence[LoanSet]) -> Iterator[Todo]:
    """What the list of a set names and has not come."""
    for loan in papers:
        lines = list(loan.lines.all())
        left = tuple(Left(line.missing, line.item_id, line.item.name) for line in lines if line.missing)
        yield todo_with(flow, kind, loan, sum(line.listed for line in lines), left)


def going_left(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What of a set is still here. Two statements for all of them."""
    accounts = contents_of_sets(papers)
    for loan in papers:
        things = accounts[loan.pk].things
        left = tuple(
            Left(
                each.open,
                each.item_id,
                localised(each.item_name),
                each.lot,
                each.expiry,
                (each.serial,) if each.serial else (),
            )
            for each in things
            if each.open
        )
        yield todo_with(flow, kind, loan, sum(each.taken for each in things), left)


def told_of_set(flow: str, loan: Any) -> tuple[str, tuple[str, ...], int]:
    """Label, further names and pieces, as the page lists it. Pure, where it is read with its lines."""
    missing = sum(line.missing for line in loan.lines.all()) if flow == "arrive_set" else 0
    return f"{loan.agreement.supplier.name} · {loan.name}", (), missing


def consigning(actor: Actor) -> list[tuple[int, str]]:
    """Who has an agreement for a place where the actor takes goods over. One statement."""
    above = {key for path in actor.scopes.get("consign", ()) for key in ids_of(path)}
    there = within("place", actor.scopes.get("consign", ())) | Q(place__in=above)
    found = ConsignmentAgreement.objects.filter(there, supplier__active=True).select_related("supplier")
    return sorted({(each.supplier_id, each.supplier.name) for each in found}, key=lambda each: each[1])
