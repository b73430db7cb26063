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
from .models import AgreementItem, AgreementVersion, ConsignmentAgreement
from .versions import latest_of


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
    """Write an agreement, or with ``agreement_id`` its next version: what it says from ``valid_from`` on. What comes and is
    used before that day goes by the versions before. ``facts.version``: its number.

    Raises :class:`Refused`: it has ended; another supplier or place for one that was written before - what came and is
    owed under it would be somebody else's; a version that begins before today, or before the last one; dates out of order,
    a day of settlement that not every month has, items that do not exist, no item at all where not all are meant.
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
        number = _next_version(agreement, valid_from)
    else:
        number = 1
        agreement = ConsignmentAgreement.objects.create(
            number=next_number("CA", path=place.path, at=now), supplier=supplier, place=place,
            actor_id=actor.person_id, written_at=now,
        )  # fmt: skip
    version = AgreementVersion.objects.create(
        agreement=agreement, number=number, valid_from=valid_from, valid_to=valid_to, all_items=all_items,
        settlement_day=settlement_day, note=note, actor_id=actor.person_id, made_at=now,
    )  # fmt: skip
    AgreementItem.objects.bulk_create(
        AgreementItem(version=version, item_id=each.item_id, price=each.price, keep=each.keep)
        for each in items
    )
    return Done(agreement.number, agreement.pk, agreement.state, facts={"version": number})


def _next_version(agreement: ConsignmentAgreement, valid_from: date) -> int:
    """The number of a version that begins on this day. What came and was used is not given other terms afterwards."""
    allowed("change", agreement)
    last = latest_of(agreement)
    first = max(timezone.localdate(), last.valid_from)
    if valid_from < first:
        raise Refused("terms_from_later", thing=agreement.number, day=first)
    return last.number + 1


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
