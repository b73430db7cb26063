"""Search among a million units, twenty thousand items and orders, and two hundred thousand cases: how long the answer to each
further letter takes, and that to a whole word of each kind."""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from ground import Ground
from pages import ask, server, sign_in
from posting import Bench
from rows import Row, scaled

BUDGET_MS = 100.0
ITEMS, WORDS = 20_000, 60
ORDERS, CASES = 20_000, 200_000
OF_A_KIND = 40
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


def a_history(ground: Ground) -> None:
    """Orders and cases of years; each patient came twice."""
    from yanji.flows.models import Case
    from yanji.flows.models_order import PurchaseOrder
    from yanji.places.models import Kind, Place

    PurchaseOrder.objects.bulk_create(
        (
            PurchaseOrder(
                number=f"BO-{number:07}", supplier_id=ground.supplier, deliver_to_id=ground.store, actor_id=ground.actor
            )
            for number in range(scaled(ORDERS, 200))
        ),
        batch_size=5_000,
    )  # fmt: skip
    ward = Place.objects.filter(kind=Kind.DEPARTMENT, path__startswith=ground.campus_path).first()
    cases = (
        Case(number=f"BC-{number:07}", patient_token=f"BP-{number // 2:07}", department=ward, state="closed")
        for number in range(scaled(CASES, 200))
    )
    Case.objects.bulk_create(cases, batch_size=5_000)


def kinds(units: int) -> Mapping[str, Callable[[int], str]]:
    """What people look for, each by a whole word: kind -> the word of a number."""
    from yanji.catalog.pinyin import initials

    lots, items = max(1, units // 100), scaled(ITEMS, 200)
    orders, cases = scaled(ORDERS, 200), scaled(CASES, 200)
    return {
        "serial": lambda n: f"V{n % lots}-{n % 100}",
        "label": lambda n: f"]d2010690123450001721V{n % lots}-{n % 100}",
        "code of an item": lambda n: f"S-{n % items:06}",
        "Chinese name": lambda n: f"{NOUNS[n % len(NOUNS)]} {n % 97}mm",
        "part of a Chinese name": lambda n: NOUNS[n % len(NOUNS)][1:4],
        "pinyin initials": lambda n: initials(NOUNS[n % len(NOUNS)])[:5],
        "lot": lambda n: f"V{n % lots:07}",
        "order": lambda n: f"BO-{n % orders:07}",
        "number of a case": lambda n: f"BC-{n % cases:07}",
        "token of a patient": lambda n: f"BP-{n % (cases // 2):07}",
        "what is nowhere": lambda n: f"nowhere-{n}",
    }


def by_kind(port: int, browser: dict[str, str], units: int) -> Iterator[Row]:
    """For each kind the 95th of all answers to a whole word: below the box, and of the page that Enter opens."""
    pick = random.Random(13)
    took: dict[str, list[float]] = {}
    for turn in range(OF_A_KIND + 5):
        for kind, word in kinds(units).items():
            text = quote(word(pick.randrange(10**7)))
            for address in (f"/search/suggestions?q={text}", f"/search?q={text}"):
                started = time.perf_counter()
                ask(port, "GET", address, browser, well=(200, 302))
                if turn >= 5:
                    took.setdefault(kind, []).append((time.perf_counter() - started) * 1_000)
    for kind, each in took.items():
        slow = statistics.quantiles(each, n=20)[-1]
        name = f"search by {kind}, {units:,} units, 95th, against 100 ms"
        yield Row(name, slow, BUDGET_MS, slow / BUDGET_MS, "ms", len(each), 1.0, at_most=True)


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
                f"BO-{lot:07}",
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
    a_history(ground)
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
        of_kinds = list(by_kind(port, browser, units))
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
    yield from of_kinds
