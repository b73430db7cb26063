"""Consignment agreements: which supplier's goods may lie where, and how many of them should."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.ledger.api import Offence, Refused
from yanji.places.rules import REAL_KINDS

from ..acts import Done, verb
from ..documents import allow
from ..gates import check, place_at
from ..numbers import next_number
from ..purchase import check_items
from .models import AgreementItem, ConsignmentAgreement


@dataclass(frozen=True, slots=True)
class Kept:
    """One item of an agreement: the price of one piece (None: the catalogue's), and how many should lie here."""

    item_id: int
    price: Decimal | None = None
    keep: int = 0


@verb
def save_agreement(
    *,
    actor: Actor,
    key: str,
    supplier_id: int,
    place_id: int,
    valid_from: date,
    valid_to: date | None = None,
    all_items: bool = True,
    items: Sequence[Kept] = (),
    settlement_day: int = 5,
    note: str = "",
    agreement_id: int | None = None,
) -> Done:
    """Write an agreement, or change one. What was used under it keeps the price it was used at.

    Raises :class:`Refused`: it has ended; another supplier or place for one that was written before - what came and is
    owed under it would be somebody else's - dates out of order, a day of settlement that not every month has, items that
    do not exist, no item at all where not all are meant.
    """
    place = place_at(actor, place_id, may="contract", kinds=REAL_KINDS)
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        raise NotFound("supplier")
    _check(items, all_items, valid_from, valid_to, settlement_day)
    now = timezone.now()
    if agreement_id:
        agreement = agreement_at(actor, agreement_id, may="contract", lock=True)
        if (agreement.supplier_id, agreement.place_id) != (supplier.pk, place.pk):
            raise Refused("agreement_of_another", thing=agreement.number, supplier=agreement.supplier.name)
        allowed("change", agreement)
    else:
        agreement = ConsignmentAgreement(number=next_number("CA", path=place.path, at=now), written_at=now)
    agreement.supplier, agreement.place = supplier, place
    agreement.valid_from, agreement.valid_to, agreement.all_items = valid_from, valid_to, all_items
    agreement.settlement_day, agreement.note = settlement_day, note
    agreement.actor_id, agreement.changed_at = actor.person_id, now
    agreement.save()
    agreement.items.all().delete()
    AgreementItem.objects.bulk_create(
        AgreementItem(agreement=agreement, item_id=each.item_id, price=each.price, keep=each.keep)
        for each in items
    )
    return Done(agreement.number, agreement.pk, agreement.state)


def _check(
    items: Sequence[Kept], all_items: bool, valid_from: date, valid_to: date | None, settlement_day: int
) -> None:
    offences = []
    if valid_to is not None and valid_to < valid_from:
        offences.append(Offence("dates_out_of_order"))
    if not 1 <= settlement_day <= 28:
        offences.append(Offence("bad_settlement_day"))
    if not items and not all_items:
        offences.append(Offence("empty"))
    offences += [
        Offence("bad_quantity", str(each.item_id)) for each in items if not 0 <= each.keep <= 1_000_000
    ]
    if offences:
        raise Refused.of(offences)
    if items:
        check_items([each.item_id for each in items])


def agreement_at(
    actor: Actor, agreement_id: int, *, may: str = "view", lock: bool = False
) -> ConsignmentAgreement:
    """An agreement is seen and changed at the place for which it holds."""
    found = ConsignmentAgreement.objects.select_related("supplier", "place")
    found = found.select_for_update(of=("self",)) if lock else found
    agreement = found.filter(pk=agreement_id).first() if 0 < agreement_id < 2**63 else None
    if agreement is None:
        raise NotFound("agreement")
    check(actor, [agreement.place.path], may=may, thing=agreement.number)
    return agreement


def allowed(verb_: str, agreement: ConsignmentAgreement) -> None:
    """Raises :class:`Refused` where the agreement's state does not allow the verb."""
    state, label = agreement.state, agreement.get_state_display()
    allow("agreement", verb_, number=agreement.number, state=state, label=label)
