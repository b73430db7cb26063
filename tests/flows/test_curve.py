"""The curve of a way: kept whole, drawn thinner, and said in words where it was outside."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from yanji.flows.transfer.climate import Reading
from yanji.flows.transfer.curve import outside, packed, thinned, unpacked
from yanji.places.temperature import CLASSES


def test_the_curve_of_a_way_keeps_its_peaks_and_says_where_it_was_outside() -> None:
    """Whole seconds and hundredths are kept; drawn are fewer, with each peak; a stretch that crosses a class is two."""
    start = datetime(2026, 11, 1, 8, tzinfo=UTC)
    values = [Decimal(5)] * 4_000
    values[1_000:1_003] = [Decimal("8.5"), Decimal("-40.25"), Decimal("9.1")]
    readings = [Reading(start + timedelta(seconds=20 * n), value) for n, value in enumerate(values)]
    record = packed(readings[::-1])
    assert unpacked(json.loads(json.dumps(record))) == readings
    assert (packed([]), unpacked(None)) == (None, [])
    drawn = thinned(readings, 400)
    assert len(drawn) <= 400
    assert {Decimal("9.1"), Decimal("-40.25")} <= {each.celsius for each in drawn}
    assert [each.at for each in drawn] == sorted(each.at for each in drawn)
    spells = list(outside(readings, CLASSES["refrigerated"]))
    assert [each.worst for each in spells] == [Decimal("8.5"), Decimal("-40.25"), Decimal("9.1")]
    assert spells[0].first_at == spells[0].last_at == start + timedelta(seconds=20_000)
    assert list(outside(readings[:900], CLASSES["refrigerated"])) == []
    assert list(outside(readings, CLASSES["any"])) == []
