"""From facts to the list of variances that people decide on."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from yanji.ledger.models import Lot

from . import facts
from .facts import Absent, Present
from .judge import judge
from .models import Count, CountedItem, CountScan, ItemClass, Variance
from .scan import effective
from .scope import campus_of

V = Variance.Kind
CENT = Decimal("0.01")
KEPT = (Variance.Decision.ACCEPT, Variance.Decision.EXPLAIN)


def find(count: Count) -> list[Variance]:
    """Every variance of the count as it stands now, not yet saved. The same statements for any number of things.

    What was decided in an earlier round of the very same variance stands; what a later round found again is confirmed.
    """
    before = {_name(each): each for each in count.variances.filter(round=count.round - 1)}
    found = [*_units(count), *_lots(count), *_unknown(count)]
    for variance in found:
        variance.count, variance.round = count, count.round
        earlier = before.get(_name(variance))
        if earlier is None:
            continue
        variance.confirmed = _confirmed(variance, earlier, count)
        if earlier.decision in KEPT:
            variance.decision, variance.reason = earlier.decision, earlier.reason
            variance.note, variance.decided_by_id = earlier.note, earlier.decided_by_id
            variance.takes_title = earlier.takes_title
    return found


def _name(variance: Variance) -> tuple[object, ...]:
    return (variance.kind, variance.unit_id, variance.lot_id, variance.seen_place_id or variance.book_place_id,
            variance.code if variance.kind == V.UNKNOWN else "")  # fmt: skip


def _confirmed(variance: Variance, earlier: Variance, count: Count) -> bool:
    """Looked for again by a second person, with the same result."""
    if variance.kind in (V.MISSING, V.LOT_SHORT, V.LOT_OVER):
        again = earlier.decision == Variance.Decision.RECOUNT or earlier.confirmed
        return again and variance.pieces == earlier.pieces
    return earlier.confirmed or getattr(variance, "sighted_in", 0) == count.round


def _units(count: Count) -> Iterator[Variance]:
    for lost in facts.absent(count):
        yield _missing(lost)
    for seen in facts.present(count):
        kind = judge(seen.sighting(), counted_path=count.place.path)
        if kind:
            yield _sighted(seen, kind)


def _missing(lost: Absent) -> Variance:
    return Variance(
        kind=V.MISSING,
        code=lost.epc,
        unit_id=lost.unit_id,
        lot_id=lost.lot_id,
        item_id=lost.item_id,
        owner_id=lost.owner_id,
        book_place_id=lost.place_id,
        book_status=lost.status,
        booked=1,
        counted=0,
        value=lost.cost,
        seq=lost.seq,
    )


def _sighted(seen: Present, kind: str) -> Variance:
    variance = Variance(
        kind=kind,
        code=seen.epc,
        unit_id=seen.unit_id,
        lot_id=seen.lot_id,
        item_id=seen.item_id,
        owner_id=seen.owner_id,
        book_place_id=seen.book_place_id,
        book_status=seen.book_status or "",
        seen_place_id=seen.seen_place_id,
        seen_at=seen.seen_at,
        booked=1 if kind == V.SHELF else 0,
        counted=1,
        value=seen.cost,
        seq=seen.seq,
    )
    variance.sighted_in = seen.round  # of use only until the row is saved
    return variance


def _lots(count: Count) -> Iterator[Variance]:
    different = [each for each in facts.lots(count) if each.difference]
    numbers = dict(Lot.objects.filter(pk__in={each.lot_id for each in different}).values_list("pk", "number"))
    for each in different:
        pieces = abs(each.difference)
        yield Variance(
            kind=V.LOT_SHORT if each.difference < 0 else V.LOT_OVER,
            code=numbers[each.lot_id] or f"lot {each.lot_id}",
            lot_id=each.lot_id,
            item_id=each.item_id,
            owner_id=each.owner_id,
            book_place_id=each.place_id,
            seen_place_id=each.place_id if each.counted is not None else None,
            seen_at=each.seen_at,
            booked=max(0, each.booked),
            counted=each.counted or 0,
            pieces=pieces,
            value=(each.unit_value * pieces).quantize(CENT),
        )


def _unknown(count: Count) -> Iterator[Variance]:
    """Codes that mean nothing here, once each: somebody must look at the thing itself."""
    seen: set[str] = set()
    for scan in effective(count).filter(kind=CountScan.Kind.UNKNOWN).order_by("-pk"):
        code = scan.epc or scan.raw
        if code not in seen:
            seen.add(code)
            yield Variance(
                kind=V.UNKNOWN, code=code, item_id=scan.item_id, seen_place_id=scan.place_id, seen_at=scan.seen_at,
                counted=1,
            )  # fmt: skip


def results(count: Count, variances: Sequence[Variance]) -> list[CountedItem]:
    """How each item came out: pieces looked at, pieces right, value looked at, value that was off. Not yet saved.

    Looked at is what was seen and what is missing. A thing on another shelf, of another place or of a wrong status is
    not right: a picker would not have found it.
    """
    checked, right, value, off = ({} for _ in range(4))

    def add(totals: dict[int, Decimal], item_id: int | None, much: Decimal | int) -> None:
        if item_id is not None:
            totals[item_id] = totals.get(item_id, Decimal(0)) + much

    for seen in facts.present(count):
        add(checked, seen.item_id, 1)
        add(right, seen.item_id, 1)
        add(value, seen.item_id, seen.cost)
    for each in facts.lots(count):
        pieces = max(each.booked, each.counted or 0)
        add(checked, each.item_id, pieces)
        add(right, each.item_id, pieces)
        add(value, each.item_id, each.unit_value * pieces)
    for variance in variances:
        if variance.kind == V.UNKNOWN:
            continue
        if variance.kind == V.MISSING:
            add(checked, variance.item_id, 1)
            add(value, variance.item_id, variance.value)
        else:
            add(right, variance.item_id, -variance.pieces)
        add(off, variance.item_id, variance.value)
    classes = dict(ItemClass.objects.filter(campus_id=campus_of(count.place)).values_list("item_id", "abc"))
    return [
        CountedItem(
            count=count,
            item_id=item,
            abc=classes.get(item, "C"),
            checked=int(pieces),
            right=max(0, int(right.get(item, Decimal(0)))),
            value=value.get(item, Decimal(0)).quantize(CENT),
            value_off=off.get(item, Decimal(0)).quantize(CENT),
        )
        for item, pieces in sorted(checked.items())
        if pieces > 0
    ]
