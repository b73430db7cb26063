"""What one act of the scan page is: who may do it, what it needs to be told, and what its verb is called with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused

from ..acts import Done
from ..models import Case
from ..scanning import Meaning
from ..things import Thing
from .about import About, Scanned
from .sights import Handful
from .sources import lots_taken


@dataclass(frozen=True, slots=True)
class Told:
    """What a verb is called with: the things as they were read, and what they are for. ``scans``: all but the code that
    confirms, in their order, the two symbols of one label as one; ``reasons``: of each thing what was said of it, its group and
    its code."""

    flow: str
    key: str
    things: Sequence[Meaning]
    about: About
    at: datetime
    case: Case | None = None
    confirmed_by: str = ""
    scans: Sequence[Scanned] = ()
    reasons: Sequence[str] = ()

    def said(self, group: str) -> list[str]:
        """Of each thing the code of what was said of it, of one group of reasons; empty where nothing was."""
        found = [each.partition(":") for each in self.reasons or [""] * len(self.things)]
        return [code if said == group else "" for said, _colon, code in found]


# What is said where none of the kinds of paper of an act was named.
WHICH: Mapping[tuple[str, ...], str] = {
    ("order", "notice"): "scan_which_order",
    ("requisition", "transfer", "wave"): "scan_which_picking",
    ("requisition",): "scan_which_requisition",
    ("transfer",): "scan_which_transfer",
    ("issue",): "scan_which_issue",
    ("case",): "scan_which_case",
    ("requisition", "case"): "scan_which_kept_for",
    ("opened",): "scan_which_vial",
    ("lending",): "scan_which_lending",
    ("loan_set",): "scan_which_set",
    ("supplier_return",): "scan_which_return",
    ("count",): "scan_which_count",
}
# What is said instead where the things that were scanned could have named it, and do not.
NAMED_BY_THINGS = frozenset({"no_lending_owes", "lendings_owe"})
# What says of things that were understood what stands in the way of an act.
Ask = Callable[[Sequence[Meaning]], list[Meaning]]


@dataclass(frozen=True, slots=True)
class Way:
    """One act. ``verbs``: in which ones ``act`` may end; ``may``: what the gate of its paper is asked, where that is not
    the operation, and ``may_of`` that of one kind of paper; ``documents``: the kinds of paper of which one must be named,
    or may, without ``needs_paper``; ``beside``: no act that a paper is scanned for where another waits for it;
    ``takes_all``: without things, all that the paper names; ``reasons``: the group of reasons from which one must be
    chosen, or may, without ``needs_reason``; ``reasons_of``: the groups of which one may be said of a thing after it was
    scanned, ``reasons_freely`` also where nothing asks for it; ``needs_carrier``: somebody must be named who takes the
    things along; ``by_shelf``: each thing lies on the shelf that was scanned before it, and no act is about one place;
    ``by_item``: things stand for their items; ``asks_store``: a store is named beside the place that the things are for, in
    ``from_place_id``; ``takes_box``: a box is named, ``any`` that is scanned or the ``last`` one, those before it going
    into it, and so is the kit that it becomes; ``looks_at``: what says what stands in the way of its things, and of all of
    it, where that is not what the ledger says of a step; ``no_place``: what is said where a place is needed and not known;
    ``whither``: the kinds of any place, whoever works there, to which it goes; ``asks_supplier``: whose goods they are is
    said, or follows from the things; ``ask``: what says what stands in the way of the things alone, ``against`` of the act as
    a whole, with what is still to be said; ``also``: the kinds of paper of which one may be named beside; ``measures``: an
    amount is said; ``single``: one piece of one thing, whatever its label stands for; ``says``: what is told of it once it is
    done, beside the number of its paper."""

    operation: str
    act: Callable[[Told, Actor], Done] | None
    verbs: tuple[Callable[..., Done], ...] = ()
    documents: tuple[str, ...] = ()
    takes_place: bool = False
    needs_place: bool = False
    takes_all: bool = False
    reasons: str = ""
    needs_reason: bool = True
    reasons_of: tuple[str, ...] = ()
    reasons_freely: bool = False
    needs_carrier: bool = False
    by_shelf: bool = False
    by_item: bool = False
    asks_store: bool = False
    may: str = ""
    may_of: Mapping[str, str] = field(default_factory=dict)
    needs_paper: bool = True
    beside: bool = False
    takes_box: str = ""
    looks_at: Callable[[Handful, Actor], Handful] | None = None
    no_place: str = "scan_where"
    whither: tuple[str, ...] = ()
    asks_supplier: bool = False
    ask: Callable[[About, Sequence[Meaning], Actor], Ask] | None = None
    against: Callable[[Handful, Actor], Iterable[Offence]] | None = None
    also: tuple[str, ...] = ()
    measures: bool = False
    single: bool = False
    says: Callable[[Done], str] | None = None

    @property
    def papers(self) -> tuple[str, ...]:
        """The kinds of paper that scans of it name."""
        return (*self.documents, *self.also)

    @property
    def no_paper(self) -> str:
        """What is said where its paper is not known."""
        return WHICH[self.documents]

    @property
    def judged(self) -> bool:
        """Whether something may stand in the way of a thing; what is only looked at, or asked for, moves nothing."""
        return self.act is not None and not self.by_item

    @property
    def asks(self) -> str:
        """What the gate of its paper is asked."""
        return self.may or self.operation

    def asks_of(self, kind: str) -> str:
        """The same of one kind of paper."""
        return self.may_of.get(kind, self.asks)


def moved(told: Told, actor: Actor) -> list[Thing]:
    """Units by identity, boxes by code, counted lots by quantity, from where they lie. Raises :class:`Refused` for what is not
    known, lots of which there is not enough, and those of which somebody has to say where they come from."""
    things: list[Thing] = [meaning.epc for meaning in told.things if meaning.kind != "lot" and meaning.epc]
    unknown = [
        Offence("unknown_unit", meaning.lot or meaning.scan[:80])
        for meaning in told.things
        if (meaning.lot_id is None if meaning.kind == "lot" else not meaning.epc)
    ]
    if unknown:
        raise Refused.of(unknown)
    found = lots_taken(told.flow, told.about, told.case, told.things, actor)
    if found.offences:
        raise Refused.of(found.offences)
    if lost := found.passed_over(told.things):
        raise Refused.of(lost)
    return [*things, *found.things]
