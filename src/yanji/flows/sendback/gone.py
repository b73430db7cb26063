"""What was sent back to its supplier: whoever wants it in stock again is told so, not what else would be wrong."""

from collections.abc import Iterable, Sequence

from django.db.models import Q

from yanji.ledger.api import Offence, virtual_places

from ..things import Thing
from .models import SupplierReturnLine


def gone_back(offences: Iterable[Offence], things: Sequence[Thing]) -> list[Offence]:
    """The offences; of each thing that lies at its supplier since a return, that alone. One statement, for a refusal."""
    there = virtual_places().supplier
    units = [thing for thing in things if isinstance(thing, str)]
    lots = [each.lot_id for each in things if not isinstance(each, str) and each.from_place_id == there]
    sent = SupplierReturnLine.objects.filter(
        Q(unit__epc__in=units, unit__place_id=there) | Q(unit__isnull=True, lot_id__in=lots),
        supplier_return__sent_at__isnull=False,
    )
    papers = {
        line.unit.epc if line.unit else f"lot {line.lot_id}": line.supplier_return.number
        for line in sent.select_related("unit", "supplier_return").order_by("pk")
    }
    found = [Offence("gone_back", thing, {"paper": paper}) for thing, paper in papers.items()]
    return [*found, *(offence for offence in offences if offence.thing not in papers)]
