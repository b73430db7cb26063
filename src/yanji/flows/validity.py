"""Whether a supplier may deliver, and an item be used, on a day: licences, registrations, makers' authorisations.

Regulations on the Supervision and Administration of Medical Devices (State Council order 739), articles 45 and 55: who
buys checks the seller's licence and the device's papers, and what is not registered is not used.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from yanji.catalog.models import Item, Licence, Maker, Registration
from yanji.ledger.api import Offence, Refused

from .buying.models import PaperRule
from .buying.pricing import rules
from .things import Thing

Stage, Subject, Answer = PaperRule.Stage, PaperRule.Paper, PaperRule.Answer
STANDARD = {
    (Stage.ORDER, Subject.LICENCE): Answer.REFUSE,
    (Stage.ORDER, Subject.REGISTRATION): Answer.REFUSE,
    (Stage.ORDER, Subject.AUTHORISATION): Answer.REFUSE,
    (Stage.RECEIPT, Subject.LICENCE): Answer.REFUSE,
    (Stage.RECEIPT, Subject.REGISTRATION): Answer.REFUSE,
    (Stage.RECEIPT, Subject.AUTHORISATION): Answer.REFUSE,
    (Stage.ISSUE, Subject.LICENCE): Answer.WARN,
    (Stage.ISSUE, Subject.REGISTRATION): Answer.WARN,
    (Stage.ISSUE, Subject.AUTHORISATION): Answer.WARN,
}
CODES = {
    Subject.LICENCE: "supplier_licence_lapsed",
    Subject.REGISTRATION: "item_registration_lapsed",
    Subject.AUTHORISATION: "authorisation_lapsed",
}


@dataclass(frozen=True, slots=True)
class Goods:
    """Something to be ordered, received or issued: from whom it comes, and when it was made, as far as known."""

    item_id: int
    supplier_id: int | None = None
    made: date | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both included."""

    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Held:
    """The papers that were ever shown. Licences by supplier and kind; authorisations by supplier and maker (None: all)."""

    licences: Mapping[tuple[int, str], Sequence[Span]] = field(default_factory=dict)
    authorisations: Mapping[tuple[int, int | None], Sequence[Span]] = field(default_factory=dict)
    registrations: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    items: Mapping[int, Item] = field(default_factory=dict)
    suppliers: Mapping[int, str] = field(default_factory=dict)
    made_decides: bool = True


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands in the way, and what only has to be said."""

    offences: tuple[Offence, ...] = ()
    warnings: tuple[Offence, ...] = ()

    def check(self) -> "Findings":
        """Raises :class:`Refused` where something stands in the way."""
        if self.offences:
            raise Refused.of(self.offences)
        return self

    def ahead(self) -> "Findings":
        """All of it as warnings: said before the act that it will stop."""
        return Findings(warnings=(*self.offences, *self.warnings))

    def facts(self) -> dict[str, list[str]]:
        """The warnings as an act's facts; nothing where there are none."""
        said = list(dict.fromkeys(offence.sentence() for offence in self.warnings))
        return {"warnings": said} if said else {}


def judge(
    goods: Iterable[Goods], held: Held, answers: Mapping[tuple[str, str], str], stage: str, day: date
) -> Findings:
    """Each lapsed paper once, by what the rules say of it. A paper that nobody ever showed is not judged. Pure."""
    stops: list[Offence] = []
    says: list[Offence] = []
    seen: set[tuple[str, str, str]] = set()
    for thing in dict.fromkeys(goods):
        for subject, name, facts in _lapsed(thing, held, day):
            mark = (subject, name, str(facts.get("kind", "")))
            answer = answers.get((stage, subject), Answer.IGNORE)
            if mark not in seen and answer != Answer.IGNORE:
                seen.add(mark)
                offence = Offence(CODES[Subject(subject)], name, facts)
                (stops if answer == Answer.REFUSE else says).append(offence)
    return Findings(tuple(stops), tuple(says))


Lapsed = tuple[str, str, dict[str, object]]


def _lapsed(thing: Goods, held: Held, day: date) -> Iterator[Lapsed]:
    item = held.items.get(thing.item_id)
    spans = held.registrations.get(thing.item_id, ())
    if spans and not usable(spans, day, thing.made if held.made_decides else None):
        yield Subject.REGISTRATION, item.name if item else f"item {thing.item_id}", {"day": day}
    if thing.supplier_id is not None:
        yield from _supplier_lapsed(thing.supplier_id, item.maker if item else None, held, day)


def _supplier_lapsed(supplier_id: int, maker: Maker | None, held: Held, day: date) -> Iterator[Lapsed]:
    supplier = held.suppliers.get(supplier_id, "")
    for kind in (Licence.Kind.BUSINESS, Licence.Kind.DEVICE_TRADE):
        shown = held.licences.get((supplier_id, kind), ())
        if shown and not usable(shown, day):
            yield Subject.LICENCE, supplier, {"kind": str(kind.label), "licence": kind.value, "day": day}
    # A paper that names no maker speaks for all of them.
    papers = [*held.authorisations.get((supplier_id, None), ())]
    papers += held.authorisations.get((supplier_id, maker.pk), ()) if maker else ()
    if papers and not usable(papers, day):
        yield Subject.AUTHORISATION, supplier, {"kind": maker.name if maker else "", "day": day}


def usable(spans: Iterable[Span], day: date, made: date | None = None) -> bool:
    """Whether a paper holds on the day, or held when the thing was made. Pure."""
    return any(span.covers(day) or (made is not None and span.covers(made)) for span in spans)


def answers() -> dict[tuple[str, str], str]:
    """(stage, paper) -> what follows where it has lapsed. One statement."""
    return {**STANDARD, **{(row.stage, row.paper): row.answer for row in PaperRule.objects.all()}}


def held_papers(
    goods: Iterable[Goods], subjects: Collection[str], day: date, items: Mapping[int, Item] | None = None
) -> Held:
    """The papers of these kinds that bear on the goods. Four statements at most, however many goods; one less where their
    ``items`` are given, with their makers."""
    wanted = list(dict.fromkeys(goods))
    licences: dict[tuple[int, str], list[Span]] = defaultdict(list)
    authorisations: dict[tuple[int, int | None], list[Span]] = defaultdict(list)
    suppliers: dict[int, str] = {}
    for row in _licences(wanted, subjects):
        suppliers[row.supplier_id] = row.supplier.name
        span = Span(row.valid_from, row.valid_to)
        if row.kind != Licence.Kind.AUTHORISATION:
            licences[row.supplier_id, row.kind].append(span)
        elif Subject.AUTHORISATION in subjects:
            authorisations[row.supplier_id, row.maker_id].append(span)
    registrations = _registrations(wanted) if Subject.REGISTRATION in subjects else {}
    lapsed = any(not usable(spans, day) for spans in registrations.values())
    # Names of items and the rule about dates of manufacture are only asked for where something may be wrong.
    named = items or {}
    if items is None and (lapsed or authorisations):
        named = Item.objects.select_related("maker").in_bulk({thing.item_id for thing in wanted})
    decides = rules().made_decides if lapsed else True
    chosen = licences if Subject.LICENCE in subjects else {}
    return Held(chosen, authorisations, registrations, named, suppliers, decides)


def _licences(goods: Sequence[Goods], subjects: Collection[str]) -> Iterable[Licence]:
    ids = {thing.supplier_id for thing in goods if thing.supplier_id}
    if not ids or not {Subject.LICENCE, Subject.AUTHORISATION} & set(subjects):
        return []
    return Licence.objects.filter(supplier_id__in=ids).select_related("supplier")


def _registrations(goods: Sequence[Goods]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    rows = Registration.objects.filter(item_id__in={thing.item_id for thing in goods})
    for item_id, first, last in rows.values_list("item_id", "valid_from", "valid_to"):
        found[item_id].append(Span(first, last))
    return found


def check_papers(
    stage: str,
    goods: Iterable[Goods],
    *,
    day: date,
    only: str = "",
    items: Mapping[int, Item] | None = None,
) -> Findings:
    """What the papers of these goods lead to at a stage; ``only`` one kind of paper. Five statements at most: what a lapsed
    paper leads to is asked only where one has lapsed. ``items``: see :func:`held_papers`."""
    wanted = list(dict.fromkeys(goods))
    held = held_papers(wanted, {only} if only else set(Subject), day, items)
    if not any(paper for thing in wanted for paper in _lapsed(thing, held, day)):
        return Findings()
    chosen = {(of, paper): answer for (of, paper), answer in answers().items() if only in ("", paper)}
    return judge(wanted, held, chosen, stage, day)


def papers_at_issue(things: Sequence[Thing], at: datetime) -> Findings:
    """What the papers of things lead to where they leave a store or go to a patient. Six statements at most; three where
    nothing has lapsed."""
    return check_papers(Stage.ISSUE, goods_of(things).values(), day=timezone.localdate(at))


def papers_of_each(groups: Sequence[Sequence[Thing]], at: datetime) -> list[Findings]:
    """The same for each group of things, each named with its own papers; the same statements however many groups."""
    goods = goods_of([thing for group in groups for thing in group])
    wanted, day = list(dict.fromkeys(goods.values())), timezone.localdate(at)
    held = held_papers(wanted, set(Subject), day)
    lapsed = any(paper for thing in wanted for paper in _lapsed(thing, held, day))
    chosen = answers() if lapsed else {}
    return [
        judge([goods[thing] for thing in group if thing in goods], held, chosen, Stage.ISSUE, day)
        for group in groups
    ]


def said_of(thing: str, found: Iterable[Offence]) -> list[Offence]:
    """What is said of papers, as said of the thing that they are about; with facts that can be kept and told later in any
    language, see :func:`.paper_words.told`. Pure."""
    return [Offence(each.code, thing, {"thing": each.thing, **each.facts}) for each in found]


GOODS_OF = """
SELECT u.epc, NULL, u.item_id, u.supplier_id, lo.made
  FROM ledger_unit u JOIN ledger_lot lo ON lo.id = u.lot_id WHERE u.epc = ANY (%s)
UNION ALL
SELECT NULL, lo.id, lo.item_id,
       (SELECT e.source_party_id FROM ledger_movement m JOIN ledger_event e ON e.id = m.event_id
         WHERE m.lot_id = lo.id AND m.unit_id IS NULL AND m.from_status IS NULL AND e.source_party_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)
         ORDER BY e.happened_at DESC, e.id DESC LIMIT 1), lo.made
  FROM ledger_lot lo WHERE lo.id = ANY (%s)
"""


def goods_of(things: Iterable[Thing]) -> dict[Thing, Goods]:
    """What is known of things in the ledger. Pieces of a lot come from their owner, and those of the hospital from whoever
    delivered of the lot last: which delivery a piece is of is not known. One statement."""
    wanted = list(things)
    epcs = [thing for thing in wanted if isinstance(thing, str)]
    lots = [thing.lot_id for thing in wanted if not isinstance(thing, str)]
    with connection.cursor() as cursor:
        cursor.execute(GOODS_OF, (epcs, lots))
        rows = cursor.fetchall()
    known = {epc or lot: Goods(*rest) for epc, lot, *rest in rows}
    found: dict[Thing, Goods] = {}
    for thing in wanted:
        goods = known.get(thing if isinstance(thing, str) else thing.lot_id)
        if goods:
            found[thing] = (
                goods
                if isinstance(thing, str)
                else replace(goods, supplier_id=thing.owner_id or goods.supplier_id)
            )
    return found
