"""The curve of a way: kept whole, drawn thinner, and said in words where it was outside."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.flows.site import Site
from tests.flows.transferring import way
from tests.makers import unique
from yanji.catalog.models import Item
from yanji.flows.papers import shown
from yanji.flows.transfer.arrive import arrive
from yanji.flows.transfer.climate import Reading
from yanji.flows.transfer.curve import outside, packed, thinned, unpacked
from yanji.flows.transfer.sheet import transfer_sheet
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


def test_each_way_is_judged_by_what_came_on_it(committed: Site) -> None:
    """Two loads of one transfer, each with its logger: the cool box was cold enough, the van as warm as a room may be. Neither
    is blamed for the limits of what went the other way."""
    to, now = way(committed), timezone.now()
    kept_cool = Item.objects.create(
        code=unique("COLD"), name_zh="组织密封胶", temperature_class="refrigerated"
    )
    kept_warm = Item.objects.create(code=unique("ROOM"), name_zh="缝线", temperature_class="room")
    chilled, warm = (
        committed.arrival(item=item, serial=serial, epc=f"01/06901234500028/21/{serial}")
        for item, serial in ((kept_cool, "C1"), (kept_warm, "W1"))
    )
    committed.receive(committed.order((kept_cool, 1), (kept_warm, 1)), chilled, warm)
    done = to.sent([chilled.epc, warm.epc], (kept_cool, 1), (kept_warm, 1))
    for arrival, celsius, shelf in ((chilled, "5", to.fridge), (warm, "22", to.shelf)):
        arrive(
            actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=shelf.pk, things=[arrival.epc],
            readings=[Reading(now + timedelta(minutes=n), Decimal(celsius)) for n in range(3)], logger=arrival.serial,
        )  # fmt: skip
    client = Client()
    client.force_login(to.far)
    curves = client.get(f"/storeroom/transfers/{done.id}").context["curves"]
    said = {
        curve.arrival.logger: [(each.band.code, len(each.stretches)) for each in curve.judged]
        for curve in curves
    }
    assert said == {"C1": [("refrigerated", 0)], "W1": [("room", 0)]}
    assert [curve.chart["judged"] for curve in curves] == [True, True]


def test_the_paper_says_how_warm_the_way_was(committed: Site) -> None:
    """Whoever claims the damage shows the paper: the logger with its lowest and highest, the limits of what came, when it was
    outside them, and a seal that was broken."""
    to, now = (
        way(committed),
        (timezone.localtime() - timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0),
    )
    cold = Item.objects.create(code=unique("COLD"), name_zh="组织密封胶", temperature_class="refrigerated")
    came = [committed.arrival(item=cold, serial=n, epc=f"01/06901234500028/21/{n}") for n in ("K1", "K2")]
    committed.receive(committed.order((cold, 2)), *came)
    done = to.sent([each.epc for each in came], (cold, 2))
    values = ("5", "9.4", "8.6", "6")
    readings = [Reading(now + timedelta(minutes=n), Decimal(value)) for n, value in enumerate(values)]
    by_logger = {"readings": readings, "logger": "TL-9", "seals_sound": False}
    by_eye = {"celsius_min": Decimal(1), "celsius_max": Decimal(7)}
    for each, shown_by in zip(came, (by_logger, by_eye), strict=True):
        arrive(
            actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.fridge.pk, things=[each.epc], **shown_by
        )  # fmt: skip
    with translation.override("en"), CaptureQueriesContext(connection) as asked:
        sheet = transfer_sheet(to.transfer(done))
    [way_rows] = [
        section.rows for section in sheet.sections if section.title == "Temperature and seals on the way"
    ]
    limits = "Refrigerated, 2–8 °C"
    first, last = (shown(now + timedelta(minutes=n)) for n in (1, 2))
    assert [tuple(map(shown, row[2:])) for row in way_rows] == [
        ("TL-9", "5.00", "9.40", limits, f"{first} to {last[-5:]}: 9.40 °C", "Seal broken"),
        ("–", "1.00", "7.00", limits, "Outside, moment not recorded", "Intact"),
    ]
    assert len(asked) <= 14, len(asked)
