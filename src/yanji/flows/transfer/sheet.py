"""A transfer on paper: what to take and where while it is picked, what was sent and by whom it is signed, what arrived and what
differed."""

from collections.abc import Collection, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.ledger.api import Step

from ..documents import verbs
from ..out_of_turn import of_transfer, section
from ..papers import Paper, Section, Sheet, letterhead, register, shown
from ..pick_list import PickLine, pick_list
from ..reasons import reason_words
from ..sheets import THING_COLUMNS, moved, walk
from ..turn import Policy
from ..waves.models import InTurn
from .climate import Climate
from .curve import Outside, judged, unpacked
from .gate import transfer_for
from .models import Transfer, TransferArrival, TransferLine
from .pick import barred_here
from .queries import classes_arrived, differences, way_cost


def transfer_sheet(transfer: Transfer, policy: Policy | None = "fefo") -> Sheet:
    """For the driver and both stores; the pick list before anything was sent: where to take what is still to be picked, as the
    page proposes it by the same ``policy``. Without one nothing is proposed: shelves, lots and serials of the sending store are
    for who picks there. As many statements whatever was sent."""
    lines = list(transfer.lines.select_related("item").order_by("id"))
    open_ones = [line for line in lines if line.open_to_pick and "pick" in verbs("transfer", transfer.state)]
    left = open_ones if policy else []
    taken = _taken(transfer, left, policy) if policy and left else []
    loads = list(transfer.shipments.order_by("id"))
    sent = moved([load.event_id for load in loads if not load.called_back])
    found, words = differences(transfer), reason_words()
    rows = [
        (
            line.item.code, line.item.name, line.quantity, line.picked, line.shipped, line.arrived, line.on_the_way, line.lost,
        )
        for line in lines
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Wanted"), _("Picked"), _("Sent"), _("Arrived"), _("Still on its way"), _("Given up as lost"),
    )  # fmt: skip
    return Sheet(
        title=_("Pick list") if left and not loads else _("Transfer note"),
        number=transfer.number,
        state=transfer.get_state_display(),
        head=letterhead(transfer.source.path),
        facts=(
            (_("From"), transfer.source.name),
            (_("To"), transfer.destination.name),
            (_("Written by"), transfer.actor.name),
            (_("Needed by"), transfer.needed_by),
            *([(_("Order of picking"), str(InTurn(policy).label))] if policy and left else []),
            (_("Handed to"), ", ".join(dict.fromkeys(load.handed_to for load in loads))),
            (_("Seals"), ", ".join(load.seals for load in loads if load.seals)),
            (_("Cost of the way (CNY)"), way_cost(loads)),
        ),
        sections=(
            Section(_("Lines"), columns, rows),
            *([walk(taken)] if left else []),
            Section(_("Sent"), THING_COLUMNS(), [row.cells for row in sent]),
            *_on_the_way(transfer),
            *(section(of_transfer(transfer)) if policy else []),
            Section(
                _("Differences"),
                (_("Difference"), _("Thing"), _("Item"), _("Quantity"), _("Reason")),
                [
                    (each.get_kind_display(), each.code, each.name, each.pieces,
                     words.of(each.reason, group="transfer_difference", step=Step.ARRIVE))
                    for each in found
                ],
            ),
        ),
        signatures=(_("Picked by"), _("Checked by")) if left and not loads else (_("Sent by"), _("Carried by"), _("Received by")),
        note=transfer.note,
    )  # fmt: skip


def _on_the_way(transfer: Transfer) -> list[Section]:
    """What the logger of each arrival showed, against the limits of what came then, and whether the seals held: for whoever
    claims the damage. Nothing where nobody read a logger and no seal was broken. At most two statements."""
    arrivals = list(transfer.arrivals.select_related("place").order_by("id"))
    read = [each for each in arrivals if each.celsius_min is not None]
    if not read and all(each.seals_sound for each in arrivals):
        return []
    classes = classes_arrived(transfer) if read else {}
    columns = (
        _("Arrived at"), _("Taken in at"), _("Logger"), _("Lowest, °C"), _("Highest, °C"), _("Limits"),
        _("Outside the limits"), _("Seals"),
    )  # fmt: skip
    rows = [
        (
            each.at, each.place.name, each.logger, each.celsius_min, each.celsius_max, limits, beyond,
            _("Intact") if each.seals_sound else _("Seal broken"),
        )
        for each in arrivals
        for limits, beyond in _judged(each, classes.get(each.at, ()))
    ]  # fmt: skip
    return [Section(_("Temperature and seals on the way"), columns, rows)]


def _judged(arrival: TransferArrival, classes: Collection[str]) -> list[tuple[str, str]]:
    """Each temperature class of what came, and when the way was outside it; known to the minute where readings were kept."""
    if arrival.celsius_min is None or arrival.celsius_max is None:
        return [("", "")]
    way, readings = Climate(arrival.celsius_min, arrival.celsius_max), unpacked(arrival.record)
    found = []
    for each in judged(readings, classes):
        times = [
            _("%(first)s to %(last)s: %(worst)s")
            % {"first": shown(stretch.first_at), "last": _until(stretch), "worst": stretch.said}
            for stretch in each.stretches
        ]
        kept = _("Kept all the way") if way.fits(each.band.code) else _("Outside, moment not recorded")
        found.append((str(each.band.name), "; ".join(times) or kept))
    return found or [("", "")]


def _until(stretch: Outside) -> str:
    """When it was over: the hour alone on the day on which it began. Pure."""
    same = timezone.localdate(stretch.first_at) == timezone.localdate(stretch.last_at)
    return f"{timezone.localtime(stretch.last_at):%H:%M}" if same else shown(stretch.last_at)


def _taken(transfer: Transfer, left: Sequence[TransferLine], policy: Policy) -> list[PickLine]:
    """What to take; a supplier's goods that may not lie at the other end are skipped, as on the page."""
    barred = barred_here(transfer, timezone.localdate())
    return pick_list(transfer, policy=policy, lines=left, barred=barred)


register(
    Paper(
        kind="transfer",
        label=gettext_lazy("Transfer"),
        model=Transfer,
        gate=transfer_for,
        page=lambda transfer: ("storeroom:transfer", (transfer.pk,)),
        sheet=transfer_sheet,
        in_turn=True,
        picked_at=lambda transfer: transfer.source.path,
    )
)
