"""Things as they stand in a document that only later moves them: what each is, whose, where, and what it is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from yanji.ledger.api import BY_NAME, LotQuantity, Offence, Refused, Status
from yanji.ledger.models import Level, Unit
from yanji.places.rules import ids_of

from .things import Thing

CENT = Decimal("0.01")


class ListedThing(models.Model):
    """One line of such a document: a unit, or pieces of a lot in a status at a place. ``value``: CNY, of the line."""

    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    lot = models.ForeignKey("ledger.Lot", models.PROTECT, related_name="+")
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    owner = models.ForeignKey("catalog.Supplier", models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=12)
    quantity = models.PositiveIntegerField(default=1)
    value = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """The serial of a unit, the number of a lot."""
        return self.unit.serial if self.unit else self.lot.number

    def thing(self, *, owned: bool = False) -> Thing:
        """As the ledger moves it; ``owned``: after the hospital took title to it. Load ``unit`` with the line."""
        if self.unit:
            return str(self.unit.epc)
        owner = None if owned else self.owner_id
        return LotQuantity(self.lot_id, Decimal(self.quantity), self.place_id, owner, self.status)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the ledger says of one thing now."""

    thing: Thing
    item_id: int
    lot_id: int
    unit_id: int | None
    place_id: int
    path: str
    status: str
    owner_id: int | None
    supplier_id: int | None
    quantity: int
    value: Decimal

    def line(self) -> dict[str, object]:
        """The fields of a document's line."""
        return {
            "item_id": self.item_id, "lot_id": self.lot_id, "unit_id": self.unit_id, "place_id": self.place_id,
            "owner_id": self.owner_id, "status": self.status, "quantity": self.quantity, "value": self.value,
        }  # fmt: skip


def listed(things: Sequence[Thing]) -> list[Listed]:
    """What the ledger says of the things, in their order. At most two statements.

    Raises :class:`Refused` naming every unit that is unknown or named twice, and every lot of which there is too little.
    """
    if not things:
        raise Refused("empty")
    epcs = [thing for thing in things if isinstance(thing, str)]
    units = (
        Unit.objects.filter(epc__in=epcs).select_related("place").in_bulk(field_name="epc") if epcs else {}
    )
    levels = _levels([thing for thing in things if not isinstance(thing, str)])
    offences = [Offence("unknown_unit", epc) for epc in epcs if epc not in units]
    offences += [
        Offence("scanned_twice", epc) for epc in sorted({epc for epc in epcs if epcs.count(epc) > 1})
    ]
    found = []
    for thing in things:
        if isinstance(thing, str):
            found += [_unit(units[thing])] if thing in units else []
        elif (level := _fullest(levels, thing)) is None or level.quantity < thing.quantity:
            there = int(level.quantity) if level else 0
            offences.append(
                Offence("not_enough", f"lot {thing.lot_id}", {"available": there, "wanted": thing.quantity})
            )
        else:
            found.append(_portion(level, thing))
    if offences:
        raise Refused.of(offences)
    return found


def _unit(unit: Unit) -> Listed:
    return Listed(
        unit.epc, unit.item_id, unit.lot_id, unit.pk, unit.place_id, unit.place.path, unit.status, unit.owner_id,
        unit.supplier_id, 1, _worth(unit.status, unit.cost),
    )  # fmt: skip


def _worth(status: str, value: Decimal) -> Decimal:
    """What came out of a patient was paid for with its use: no credit is due for it, and to destroy it loses nothing. Pure."""
    return Decimal(0) if status == Status.EXPLANTED else value


def _portion(level: Level, wanted: LotQuantity) -> Listed:
    value = (level.value * wanted.quantity / level.quantity).quantize(CENT)
    exact = LotQuantity(level.lot_id, wanted.quantity, level.place_id, level.owner_id, level.status)
    return Listed(
        exact, level.lot.item_id, level.lot_id, None, level.place_id, level.place.path, level.status, level.owner_id,
        level.owner_id, int(wanted.quantity), _worth(level.status, value),
    )  # fmt: skip


def _levels(wanted: Sequence[LotQuantity]) -> list[Level]:
    if not wanted:
        return []
    asked = Q(pk__in=[])
    for each in wanted:
        asked |= Q(lot_id=each.lot_id, place_id=each.from_place_id)
    return list(Level.objects.filter(asked, quantity__gt=0).select_related("lot", "place"))


def _fullest(levels: Iterable[Level], wanted: LotQuantity) -> Level | None:
    """The level that the pieces are of. What is opened or reserved goes by papers of its own and is never listed here; what came
    out of a patient is, where it is named. Pure."""
    fitting = [
        level
        for level in levels
        if (level.lot_id, level.place_id, level.owner_id)
        == (wanted.lot_id, wanted.from_place_id, wanted.owner_id)
        and (level.status not in BY_NAME or level.status == wanted.status == Status.EXPLANTED)
        and wanted.status in ("", level.status)
    ]
    return max(fitting, key=lambda level: level.quantity, default=None)


def common_path(paths: Iterable[str]) -> str:
    """The path of the deepest place that holds all of them. Raises ``no_common_place`` where there is none."""
    ways = [ids_of(path) for path in paths]
    shared = [step[0] for step in zip(*ways, strict=False) if len(set(step)) == 1]
    if not shared:
        raise Refused("no_common_place")
    return "".join(f"/{key}" for key in shared) + "/"


def on_papers(lines: models.QuerySet[Any], number: str) -> list[Offence]:
    """Units that stand on a paper of these lines already; ``number``: where the paper's own is found. One statement."""
    found = lines.filter(unit__isnull=False).order_by("pk").values_list("unit__epc", number)
    return [Offence("on_other_paper", epc, {"paper": paper}) for epc, paper in found]
