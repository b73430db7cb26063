"""A ship notice that will not come, or not as it says, is withdrawn: what it announced can be announced anew."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from django.db.models import Exists, OuterRef
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Status
from yanji.ledger.models import Unit

from .acts import Done, verb
from .documents import allow, reached
from .models import PurchaseOrder, ShipNotice, ShipNoticeLine
from .packing.delivered import unannounce_boxes
from .portal.gates import notice_to_withdraw
from .states import NoticeState
from .things import KnownUnit


@verb
def withdraw_notice(*, actor: Actor, key: str, notice_id: int, reason: str) -> Done:
    """Nothing more comes under a notice: by its supplier, or by who announces for the order; somebody says why.

    Its units stay expected in the ledger, which forgets nothing: they may be announced anew for any order of the supplier,
    or come after all.
    """
    notice = notice_to_withdraw(actor, notice_id)
    allow("notice", "withdraw", number=notice.number, state=notice.state, label=notice.get_state_display())
    if not reason.strip():
        raise Refused("reason_needed")
    withdraw(notice, actor=actor, reason=reason.strip())
    return Done(notice.number, notice.pk, notice.state, facts={"order_id": notice.order_id})


def withdraw(notice: ShipNotice, *, actor: Actor, reason: str) -> None:
    """Take a notice out of what is awaited, and its cartons apart. Its order is locked by who calls."""
    unannounce_boxes(notice.pk)
    notice.state = reached("notice", "withdraw", NoticeState.WITHDRAWN)
    notice.withdrawn_by_id, notice.withdrawn_at, notice.withdrawn_because = (
        actor.person_id,
        timezone.now(),
        reason,
    )
    notice.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawn_because"])


def expected_before(order: PurchaseOrder, epcs: Collection[str]) -> frozenset[str]:
    """Units that the ledger still expects, and that a withdrawn notice of the same supplier announced, for whichever order:
    what comes of them comes for this one. One statement, none without units."""
    if not epcs:
        return frozenset()
    expected = Unit.objects.filter(epc=OuterRef("epc"), status=Status.EXPECTED)
    lines = ShipNoticeLine.objects.filter(
        Exists(expected),
        notice__order__supplier=order.supplier_id,
        notice__state=NoticeState.WITHDRAWN,
        epc__in=epcs,
    )
    # Two orders may both announce what was withdrawn: the lock lets the second one see the first one's notice.
    return frozenset(line.epc for line in lines.select_for_update(of=("self",)).order_by("pk"))


def awaited_now(order: PurchaseOrder, known: Mapping[str, KnownUnit]) -> dict[str, KnownUnit]:
    """Units with the order that awaits them now, for a delivery of an order: what was announced anew is awaited by that
    notice's order, and what only withdrawn notices of this supplier announced comes for any order. One statement, and only
    where there are units that the ledger expects."""
    expected = [epc for epc, unit in known.items() if unit.status == Status.EXPECTED and unit.order_number]
    if not expected:
        return dict(known)
    rows = list(
        ShipNoticeLine.objects.filter(epc__in=expected, arrived_at=None).values_list(
            "epc", "notice__state", "notice__order__number", "notice__order__supplier_id"
        )
    )
    waiting = {epc: number for epc, state, number, _of in rows if state != NoticeState.WITHDRAWN}
    freed = {
        epc for epc, state, _number, of in rows if state == NoticeState.WITHDRAWN and of == order.supplier_id
    }
    said = {epc: replace(known[epc], order_number=waiting.get(epc, "")) for epc in waiting.keys() | freed}
    return {**known, **said}


def still_announced(epcs: Collection[str]) -> Iterator[Offence]:
    """Units that were announced anew already and have not come: none stands on two notices. One statement, none without
    units."""
    lines = ShipNoticeLine.objects.filter(epc__in=epcs, arrived_at=None)
    lines = lines.exclude(notice__state=NoticeState.WITHDRAWN).order_by("epc")
    for epc, number in lines.values_list("epc", "notice__number"):
        yield Offence("still_announced", epc, {"notice": number})
