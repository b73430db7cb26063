"""Preference cards: what a procedure needs, surgeon by surgeon; and how a case gets its needs from one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind

from ..acts import Done, verb
from ..documents import allow, reached
from ..gates import case_for, check, place_at
from ..models import Case
from .models import CaseNeed, PreferenceCard, PreferenceLine

THEATRES = (Kind.DEPARTMENT, Kind.ROOM)


@dataclass(frozen=True, slots=True)
class Need:
    """One item that is needed, how many pieces, and the items that serve as well."""

    item_id: int
    quantity: int
    alternatives: tuple[int, ...] = ()


def check_needs(needs: Sequence[Need]) -> Iterator[Offence]:
    """Each item once, in whole pieces above zero, and never as its own alternative. Pure."""
    seen: set[int] = set()
    for need in needs:
        if need.item_id in seen:
            yield Offence("line_twice", str(need.item_id))
        seen.add(need.item_id)
        if need.item_id in need.alternatives or len(set(need.alternatives)) < len(need.alternatives):
            yield Offence("alternative_twice", str(need.item_id))


@verb
def save_card(
    *,
    actor: Actor,
    key: str,
    department_id: int,
    procedure: str,
    needs: Sequence[Need],
    surgeon: str = "",
    note: str = "",
    card_id: int | None = None,
) -> Done:
    """Write a card, or change one. Cases that were planned with it keep what they were planned with.

    Raises :class:`Refused`: no procedure, nothing needed, an item twice, or another card for procedure and surgeon.
    """
    department = place_at(actor, department_id, may="use", kinds=THEATRES)
    if not procedure.strip():
        raise Refused("procedure_needed")
    if not needs:
        raise Refused("empty")
    _check_items(needs)
    card = card_for(actor, card_id, may="use", lock=True) if card_id else PreferenceCard()
    card.department, card.procedure, card.surgeon = department, procedure.strip(), surgeon.strip()
    card.note, card.active, card.actor_id, card.changed_at = note, True, actor.person_id, timezone.now()
    card.save()
    card.lines.all().delete()
    lines = PreferenceLine.objects.bulk_create(
        PreferenceLine(card=card, item_id=need.item_id, quantity=need.quantity) for need in needs
    )
    through = PreferenceLine.alternatives.through
    through.objects.bulk_create(
        through(preferenceline_id=line.pk, item_id=other)
        for line, need in zip(lines, needs, strict=True)
        for other in need.alternatives
    )
    return Done(str(card), card.pk, "active")


def _check_items(needs: Sequence[Need]) -> None:
    offences = list(check_needs(needs))
    named = {need.item_id for need in needs} | {other for need in needs for other in need.alternatives}
    known = Item.objects.in_bulk(named)
    offences += [Offence("unknown_item", str(item)) for item in sorted(named - known.keys())]
    offences += [Offence("not_for_sale", item.name) for item in known.values() if not item.active]
    if offences:
        raise Refused.of(offences)


@verb
def retire_card(*, actor: Actor, key: str, card_id: int) -> Done:
    """A card that is not used any more; cases planned with it keep their needs."""
    card = card_for(actor, card_id, may="use", lock=True)
    card.active = False
    card.save(update_fields=["active"])
    return Done(str(card), card.pk, "retired")


@verb
def plan_needs(
    *, actor: Actor, key: str, case_id: int, needs: Sequence[Need] = (), card_id: int | None = None
) -> Done:
    """Say what a case needs: from a card, or line by line. What it had been said to need before is replaced."""
    case = case_for(actor, case_id, may="use", lock=True)
    allow("case", "plan", number=case.number, state=case.state, label=case.get_state_display())
    wanted = needs_on(card_for(actor, card_id)) if card_id else list(needs)
    if not wanted:
        raise Refused("empty")
    _check_items(wanted)
    case.needs.all().delete()
    write_needs(case, wanted)
    return Done(case.number, case.pk, reached("case", "plan", case.state))


def write_needs(case: Case, needs: Sequence[Need]) -> None:
    """Two statements, whatever the number of lines."""
    rows = CaseNeed.objects.bulk_create(
        CaseNeed(case=case, item_id=need.item_id, quantity=need.quantity) for need in needs
    )
    through = CaseNeed.alternatives.through
    through.objects.bulk_create(
        through(caseneed_id=row.pk, item_id=other)
        for row, need in zip(rows, needs, strict=True)
        for other in need.alternatives
    )


def needs_on(card: PreferenceCard) -> list[Need]:
    """The lines of a card. Two statements."""
    return as_needs(card.lines.prefetch_related("alternatives").order_by("id"))


def as_needs(lines: Iterable[PreferenceLine | CaseNeed]) -> list[Need]:
    """Lines of a card or of a case as values; their alternatives must be loaded."""
    return [
        Need(line.item_id, line.quantity, tuple(item.pk for item in line.alternatives.all()))
        for line in lines
    ]


def fitting_card(department_id: int, procedure: str, surgeon: str) -> PreferenceCard | None:
    """The card of procedure and surgeon, else the department's own for the procedure. One statement."""
    if not procedure.strip():
        return None
    found = PreferenceCard.objects.filter(
        Q(surgeon=surgeon.strip()) | Q(surgeon=""),
        department_id=department_id,
        procedure__iexact=procedure.strip(),
        active=True,
    )
    return found.order_by("-surgeon").first()


def card_for(actor: Actor, card_id: int, *, may: str = "view", lock: bool = False) -> PreferenceCard:
    """A card is seen and changed where its department is."""
    found = PreferenceCard.objects.select_related("department")
    found = found.select_for_update(of=("self",)) if lock else found
    card = found.filter(pk=card_id).first() if 0 < card_id < 2**63 else None
    if card is None:
        raise NotFound("card")
    check(actor, [card.department.path], may=may, thing=str(card))
    return card
