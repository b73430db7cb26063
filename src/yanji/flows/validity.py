"""Whether a supplier may deliver, and an item be used, on a day: licences, registrations, makers' authorisations.

Regulations on the Supervision and Administration of Medical Devices (State Council order 739). Articles 45 and 55: who buys
checks the seller's licence and the device's papers, and what is not registered is not used. Which papers there must be: article
13, devices of classes II and III are registered; articles 41 and 42, who sells class II has filed that, and class III a permit;
article 43, a maker needs neither to sell what is registered to it. Class I is only filed, which the catalogue does not keep:
nothing is asked of it but its seller's business licence. That a seller is authorised by the maker is no rule of the
regulations: hospitals ask for it.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from yanji.catalog.models import Item, Licence, Maker, Supplier
from yanji.ledger.api import Offence, Refused

from .buying.models import PaperRule
from .things import Thing

Stage, Subject, Answer = PaperRule.Stage, PaperRule.Paper, PaperRule.Answer


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows at a stage where a paper has lapsed, and where it was never shown."""

    lapsed: str
    missing: str = Answer.WARN


# Nobody at a bedside can do anything about a seller whose papers were never entered: warned of at every scan, they would hide
# what has lapsed.
STANDARD = {
    **{(stage, paper): Rule(Answer.REFUSE) for stage in (Stage.ORDER, Stage.RECEIPT) for paper in Subject},
    (Stage.ISSUE, Subject.LICENCE): Rule(Answer.WARN, Answer.IGNORE),
    (Stage.ISSUE, Subject.REGISTRATION): Rule(Answer.WARN),
    (Stage.ISSUE, Subject.AUTHORISATION): Rule(Answer.WARN, Answer.IGNORE),
}
CODES = {
    Subject.LICENCE: "supplier_licence_lapsed",
    Subject.REGISTRATION: "item_registration_lapsed",
    Subject.AUTHORISATION: "authorisation_lapsed",
}
MISSING = {
    Subject.LICENCE: "supplier_licence_missing",
    Subject.REGISTRATION: "item_registration_missing",
    Subject.AUTHORISATION: "authorisation_missing",
}
REGISTERED = (Item.RiskClass.II, Item.RiskClass.III)


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
    """The papers that were ever shown, and the rules about them. Licences by supplier and kind; authorisations by supplier and
    maker (None: all). Items, their makers and suppliers only to be named and told apart: they are not to be saved."""

    licences: Mapping[tuple[int, str], Sequence[Span]] = field(default_factory=dict)
    authorisations: Mapping[tuple[int, int | None], Sequence[Span]] = field(default_factory=dict)
    registrations: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    items: Mapping[int, Item] = field(default_factory=dict)
    suppliers: Mapping[int, Supplier] = field(default_factory=dict)
    made_decides: bool = True
    rules: Mapping[tuple[str, str], Rule] = field(default_factory=lambda: STANDARD)

    def over(self, day: date) -> dict[int, Sequence[Span]]:
        """Items whose every registration is out of its validity on the day -> when those held, as far as that counts."""
        lapsed = {item: spans for item, spans in self.registrations.items() if not usable(spans, day)}
        return lapsed if self.made_decides else dict.fromkeys(lapsed, ())


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

    def urgent(self) -> "Findings":
        """What was never shown as warnings only: what is in the patient already is recorded all the same."""
        late = tuple(each for each in self.offences if each.code in MISSING.values())
        return Findings(tuple(each for each in self.offences if each not in late), (*late, *self.warnings))

    def facts(self) -> dict[str, list[str]]:
        """The warnings as an act's facts; nothing where there are none."""
        said = list(dict.fromkeys(offence.sentence() for offence in self.warnings))
        return {"warnings": said} if said else {}


def judge(
    goods: Iterable[Goods],
    held: Held,
    rules: Mapping[tuple[str, str], Rule],
    stage: str,
    day: date,
    *,
    lapsed: Collection[str] = tuple(Subject),
) -> Findings:
    """Each paper that has lapsed or was never shown once, by what the rules say of it. ``lapsed``: only such papers are looked at
    for having lapsed. Pure."""
    stops: list[Offence] = []
    says: list[Offence] = []
    seen: set[tuple[str, str, str]] = set()
    for thing in dict.fromkeys(goods):
        found = [
            (CODES[subject], "lapsed", subject, *rest)
            for subject, *rest in _lapsed(thing, held, day)
            if subject in lapsed
        ]
        found += [(MISSING[subject], "missing", subject, *rest) for subject, *rest in _lacking(thing, held)]
        for code, how, subject, name, facts in found:
            mark = (code, name, str(facts.get("kind", "")))
            rule = rules.get((stage, subject))
            answer = getattr(rule, how) if rule else Answer.IGNORE
            if mark not in seen and answer != Answer.IGNORE:
                seen.add(mark)
                (stops if answer == Answer.REFUSE else says).append(Offence(code, name, facts))
    return Findings(tuple(stops), tuple(says))


Amiss = tuple[PaperRule.Paper, str, dict[str, object]]


def _lapsed(thing: Goods, held: Held, day: date) -> Iterator[Amiss]:
    item = held.items.get(thing.item_id)
    spans = held.registrations.get(thing.item_id, ())
    if spans and not usable(spans, day, thing.made if held.made_decides else None):
        yield Subject.REGISTRATION, item.name if item else f"item {thing.item_id}", {"day": day}
    if thing.supplier_id is not None:
        yield from _supplier_lapsed(thing.supplier_id, item.maker if item else None, held, day)


def _supplier_lapsed(supplier_id: int, maker: Maker | None, held: Held, day: date) -> Iterator[Amiss]:
    supplier = _named(held, supplier_id)
    for kind in (Licence.Kind.BUSINESS, Licence.Kind.DEVICE_TRADE):
        shown = held.licences.get((supplier_id, kind), ())
        if shown and not usable(shown, day):
            yield Subject.LICENCE, supplier, {"kind": str(kind.label), "licence": kind.value, "day": day}
    papers = _authorisations(held, supplier_id, maker)
    if papers and not usable(papers, day):
        yield Subject.AUTHORISATION, supplier, {"kind": maker.name if maker else "", "day": day}


def _lacking(thing: Goods, held: Held) -> Iterator[Amiss]:
    """What the goods need and nobody ever showed: see the regulations named above."""
    item = held.items.get(thing.item_id)
    if item is not None and item.risk_class in REGISTERED and not held.registrations.get(thing.item_id):
        yield Subject.REGISTRATION, item.name, {}
    if item is not None and thing.supplier_id is not None:
        yield from _supplier_lacking(thing.supplier_id, item, held)


def _supplier_lacking(supplier_id: int, item: Item, held: Held) -> Iterator[Amiss]:
    seller, maker = held.suppliers.get(supplier_id), item.maker
    makes = bool(seller and maker and same_firm(seller, maker))
    needs = [Licence.Kind.BUSINESS]
    needs += [Licence.Kind.DEVICE_TRADE] if item.risk_class in REGISTERED and not makes else []
    for kind in needs:
        if not held.licences.get((supplier_id, kind)):
            yield Subject.LICENCE, _named(held, supplier_id), {"kind": str(kind.label), "licence": kind.value}
    if maker and not makes and not _authorisations(held, supplier_id, maker):
        yield Subject.AUTHORISATION, _named(held, supplier_id), {"kind": maker.name}


def _named(held: Held, supplier_id: int) -> str:
    return held.suppliers[supplier_id].name if supplier_id in held.suppliers else ""


def _authorisations(held: Held, supplier_id: int, maker: Maker | None) -> list[Span]:
    """Those that speak for a maker: one that names no maker speaks for all of them."""
    named = held.authorisations.get((supplier_id, maker.pk), ()) if maker else ()
    return [*held.authorisations.get((supplier_id, None), ()), *named]


def same_firm(seller: Supplier, maker: Maker) -> bool:
    """Whether a supplier is the maker itself, for the catalogue has both: by its name, whatever its spaces, its capitals and the
    width of its signs. Pure."""
    return _spelt(seller.name_zh) == _spelt(maker.name_zh)


def _spelt(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).lower()


def usable(spans: Iterable[Span], day: date, made: date | None = None) -> bool:
    """Whether a paper holds on the day, or held when the thing was made. Pure."""
    return any(span.covers(day) or (made is not None and span.covers(made)) for span in spans)


def answers() -> dict[tuple[str, str], Rule]:
    """(stage, paper) -> what follows where it has lapsed, and where it was never shown. One statement."""
    return {
        **STANDARD,
        **{(row.stage, row.paper): Rule(row.answer, row.missing) for row in PaperRule.objects.all()},
    }


# All that bears on goods at once: every act that moves goods asks for it.
HELD = """
SELECT
  (SELECT json_agg(json_build_array(s.id, s.name_zh, s.name_en, (
     SELECT json_agg(json_build_array(l.kind, l.maker_id, l.valid_from, l.valid_to) ORDER BY l.id)
       FROM catalog_licence l WHERE l.supplier_id = s.id)))
     FROM catalog_supplier s WHERE s.id = ANY (%(suppliers)s)),
  (SELECT json_agg(json_build_array(i.id, i.name_zh, i.name_en, i.risk_class, m.id, m.name_zh, m.name_en, (
     SELECT json_agg(json_build_array(r.valid_from, r.valid_to) ORDER BY r.id)
       FROM catalog_registration r WHERE r.item_id = i.id)))
     FROM catalog_item i LEFT JOIN catalog_maker m ON m.id = i.maker_id WHERE i.id = ANY (%(items)s)),
  (SELECT json_agg(json_build_array(stage, paper, answer, missing)) FROM flows_paperrule),
  (SELECT made_decides FROM flows_buyingrules WHERE id = 1)
"""


def held_papers(goods: Iterable[Goods]) -> Held:
    """The papers that bear on the goods, and the rules about papers. One statement, however many goods."""
    wanted = list(goods)
    asked = {
        "suppliers": sorted({thing.supplier_id for thing in wanted if thing.supplier_id is not None}),
        "items": sorted({thing.item_id for thing in wanted}),
    }
    with connection.cursor() as cursor:
        cursor.execute(HELD, asked)
        [(suppliers, items, kept, made_decides)] = cursor.fetchall()
    return held_of(
        licences=[(row[0], *shown) for row in suppliers or () for shown in row[-1] or ()],
        registrations={row[0]: row[-1] or () for row in items or ()},
        items={row[0]: _item(*row[:-1]) for row in items or ()},
        suppliers={row[0]: Supplier(pk=row[0], name_zh=row[1], name_en=row[2]) for row in suppliers or ()},
        made_decides=made_decides,
        rules=kept or (),
    )


def held_of(
    *,
    licences: Iterable[tuple[int, str, int | None, str, str | None]],
    registrations: Mapping[int, Iterable[tuple[str, str | None]]],
    items: Mapping[int, Item],
    suppliers: Mapping[int, Supplier],
    made_decides: bool | None,
    rules: Iterable[tuple[str, str, str, str]],
) -> Held:
    """What was read of papers. ``licences``: supplier, kind, maker, from, to; ``rules``: stage, paper, what follows where it has
    lapsed, and where it was never shown; what the hospital never decided is as usual. Pure."""
    by_kind: dict[tuple[int, str], list[Span]] = {}
    authorisations: dict[tuple[int, int | None], list[Span]] = {}
    for supplier, kind, maker, first, last in licences:
        if kind == Licence.Kind.AUTHORISATION:
            authorisations.setdefault((supplier, maker), []).append(_span(first, last))
        else:
            by_kind.setdefault((supplier, kind), []).append(_span(first, last))
    return Held(
        licences=by_kind,
        authorisations=authorisations,
        registrations={
            item: [_span(*each) for each in spans] for item, spans in registrations.items() if spans
        },
        items=items,
        suppliers=suppliers,
        made_decides=made_decides is not False,
        rules={**STANDARD, **{(stage, paper): Rule(*said) for stage, paper, *said in rules}},
    )


def _span(first: str, last: str | None) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last) if last else None)


def _item(pk: int, zh: str, en: str, risk: str, maker: int | None, *maker_names: Any) -> Item:
    made_by = Maker(pk=maker, name_zh=maker_names[0], name_en=maker_names[1]) if maker else None
    return Item(pk=pk, name_zh=zh, name_en=en, risk_class=risk, maker=made_by)


def check_papers(
    stage: str, goods: Iterable[Goods], *, day: date, lapsed: Collection[str] = tuple(Subject)
) -> Findings:
    """What the papers of these goods lead to at a stage; ``lapsed`` as for :func:`judge`. One statement."""
    wanted = list(dict.fromkeys(goods))
    if not wanted:
        return Findings()
    held = held_papers(wanted)
    return judge(wanted, held, held.rules, stage, day, lapsed=lapsed)


def papers_at_issue(things: Sequence[Thing], at: datetime) -> Findings:
    """What the papers of things lead to where they leave a store or go to a patient. Two statements."""
    return check_papers(Stage.ISSUE, goods_of(things).values(), day=timezone.localdate(at))


def papers_of_each(groups: Sequence[Sequence[Thing]], at: datetime) -> list[Findings]:
    """The same for each group of things, each named with its own papers; the same statements however many groups."""
    goods = goods_of([thing for group in groups for thing in group])
    day = timezone.localdate(at)
    held = held_papers(goods.values()) if goods else Held()
    return [
        judge([goods[thing] for thing in group if thing in goods], held, held.rules, Stage.ISSUE, day)
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
