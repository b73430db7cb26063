"""Search as somebody types, among a million units and twenty thousand items: how long the answer to each further letter takes."""

import random
import statistics
import time
from collections.abc import Iterator
from urllib.parse import quote

from ground import Ground
from pages import ask, server, sign_in
from posting import Bench
from rows import Row, scaled

BUDGET_MS = 100.0
ITEMS, WORDS = 20_000, 60
NOUNS = (
    "药物洗脱冠脉支架",
    "球囊扩张导管",
    "人工髋关节假体",
    "可吸收缝合线",
    "封堵器",
    "起搏电极导线",
    "造影导丝",
)
WARM = 30
# What no answer can do without: the units whose number begins so.
FLOOR = "SELECT epc FROM ledger_unit WHERE serial BETWEEN %s AND %s || chr(1114111) ORDER BY serial LIMIT 5"


def a_catalogue() -> None:
    from yanji.catalog.models import Item
    from yanji.catalog.pinyin import initials

    short = [initials(noun) for noun in NOUNS]
    Item.objects.bulk_create(
        Item(
            code=f"S-{number:06}", name_zh=f"{NOUNS[number % len(NOUNS)]} {number % 97}mm", name_en=f"Device {number % 97} mm",
            pinyin=f"{short[number % len(short)]}{number % 97}mm", model=f"M{number % 1013}", temperature_class="room",
        )
        for number in range(scaled(ITEMS, 200))
    )  # fmt: skip


def typed(units: int) -> list[str]:
    """Words as they grow in the box: numbers of units and lots, initials, names, an order, and what is nowhere."""
    pick = random.Random(11)
    words = []
    for turn in range(WORDS):
        lot = pick.randrange(max(1, units // 100))
        words.append(
            (
                f"V{lot}-{lot % 60}",
                f"V{lot:07}",
                "ywxtgm",
                "可吸收缝合线",
                f"PO-{lot}",
                "Device 4",
                "nowhere",
            )[turn % 7]
        )
    return [word[:end] for word in words for end in range(2, len(word) + 1)]


def searching(ground: Ground) -> Iterator[Row]:
    """Median and 95th of every letter, over HTTP; in turns with the raw statement for the same letters."""
    from yanji.host.static import build_assets, collect

    build_assets()
    collect()
    a_catalogue()
    _api, browser = sign_in(ground)
    bench = Bench(ground)
    bench.raw.execute("ANALYZE")
    (units,) = bench.raw.execute("SELECT count(*) FROM ledger_unit").fetchone() or (0,)
    took, plain = list[float](), list[float]()
    with server() as port:
        for turn, text in enumerate(typed(units)):
            started = time.perf_counter()
            ask(port, "GET", f"/search/suggestions?q={quote(text)}", browser)
            between = time.perf_counter()
            bench.raw.execute(FLOOR, (text, text)).fetchall()
            if turn >= WARM:
                took.append((between - started) * 1_000)
                plain.append((time.perf_counter() - between) * 1_000)
    median, floor, slow = (
        statistics.median(took),
        statistics.median(plain),
        statistics.quantiles(took, n=20)[-1],
    )
    name = f"search: each letter, {units:,} units"
    yield Row(
        f"{name}, against 100 ms", median, BUDGET_MS, median / BUDGET_MS, "ms", len(took), 1.0, at_most=True
    )
    yield Row(
        f"{name}, 95th, against 100 ms", slow, BUDGET_MS, slow / BUDGET_MS, "ms", len(took), 1.0, at_most=True
    )
    yield Row(
        f"{name}, against its units alone", median, floor, median / floor, "ms", len(took), at_most=True
    )
