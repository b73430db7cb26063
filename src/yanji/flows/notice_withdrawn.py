"""A ship notice that will not come, or not as it says, is withdrawn: what it announced can be announced anew."""

from collections.abc import Collection, Iterator

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Status
from yanji.ledger.models import Unit

from .acts import Done, verb
from .documents import RUNNING, NoticeState, allow, reached
from .models import PurchaseOrder, ShipNotice, ShipNoticeLine
from .packing.delivered import unannounce_boxes
from .portal.gates import notice_to_withdraw


@verb
def withdraw_notice(*, actor: Actor, key: str, notice_id: int, reason: str) -> Done:
    """Nothing more comes under a notice: by its supplier, or by who announces for the order; somebody says why.

    Its units stay expected in the ledger, which forgets nothing: they may be announced anew, or come after all.
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
    """Units that the ledger still expects, and that a withdrawn notice announced for the order, or for another one of its
    supplier that takes nothing more: what comes of them comes for this one. One statement, none without units."""
    if not epcs:
        return frozenset()
    expected = Unit.objects.filter(epc=OuterRef("epc"), status=Status.EXPECTED)
    lines = ShipNoticeLine.objects.filter(
        Exists(expected),
        Q(notice__order=order) | ~Q(notice__order__state__in=RUNNING),
        notice__order__supplier=order.supplier_id,
        notice__state=NoticeState.WITHDRAWN,
        epc__in=epcs,
    )
    # Two orders may both announce what was withdrawn: the lock lets the second one see the first one's notice.
    return frozenset(line.epc for line in lines.select_for_update(of=("self",)).order_by("pk"))


def still_announced(epcs: Collection[str]) -> Iterator[Offence]:
    """Units that were announced anew already and have not come: none stands on two notices. One statement, none without
    units."""
    lines = ShipNoticeLine.objects.filter(epc__in=epcs, arrived_at=None)
    lines = lines.exclude(notice__state=NoticeState.WITHDRAWN).order_by("epc")
    for epc, number in lines.values_list("epc", "notice__number"):
        yield Offence("still_announced", epc, {"notice": number})
