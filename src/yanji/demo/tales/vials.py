"""Reagents are opened and used in parts: used up, thrown away when their open life is over, in use this morning."""

from datetime import date
from decimal import Decimal
from functools import partial

from yanji.flows.opened.models import Taken
from yanji.flows.opened.openings import Holds, set_opening
from yanji.flows.opened.piece import discard, open_piece, take
from yanji.flows.opened.undo import take_part_back

from ..record import Bulk
from ..stage import Stage, item, made, place
from ..teller import Teller
from .scanned import sent

LAB = "MAIN-LAB"
HEART = "MAIN-CATH"
# family, what a piece holds, how many hours it keeps once opened, the measure
HOLDS = (("TNI", 100, 336, "人份"), ("BNP", 50, 168, "人份"), ("PCT", 50, 720, "人份"), ("CM", 100, 8, "ml"))


def holds(teller: Teller, day: date) -> None:
    """The buyer says what a piece of these holds, and how long it keeps; some of each have lain here from the start."""
    for number, (family, content, hours, measure) in enumerate(HOLDS):
        lain = teller.bulk(HEART if family == "CM" else LAB, 8, (family,))
        teller.vials[family] = lain
        teller.do(
            day,
            386 + number,
            set_opening,
            "buyer",
            item_id=item(lain.item),
            holds=Holds(Decimal(content), measure, hours),
        )


def _open(teller: Teller, family: str, name: str, day: date, minute: float, who: str = "") -> None:
    lain: Bulk = teller.vials[family]
    teller.do(
        day, minute, open_piece, who or teller.keeper(LAB), name=f"vial:{name}", place_id=place(lain.place),
        lot_id=lambda stage: stage.lot(lain.batch),
    )  # fmt: skip


def _take(teller: Teller, name: str, day: date, minute: float, amount: int) -> None:
    piece = made(f"vial:{name}")
    teller.do(day, minute, take, teller.keeper(LAB), piece_id=piece, amount=Decimal(amount), note="批次检验")


def used_up(teller: Teller, day: date) -> None:
    """Opened, and used up within four days."""
    first = teller.after(day)
    name = f"used_up:{day}"
    _open(teller, "TNI", name, first, 500)
    for number, amount in enumerate((36, 40, 24)):
        _take(teller, name, teller.after(first, number + 1), 540, amount)


def discarded(teller: Teller, day: date) -> None:
    """A third of it was left when its open life was over."""
    first = teller.after(day)
    name = f"discarded:{day}"
    _open(teller, "BNP", name, first, 505)
    _take(teller, name, first, 560, 22)
    _take(teller, name, teller.after(first), 560, 12)
    teller.do(
        teller.after(first, 7), 520, discard, teller.keeper(LAB), piece_id=made(f"vial:{name}"), reason="remainder",
        note="开瓶效期已到",
    )  # fmt: skip


def opened_by_mistake(teller: Teller, day: date) -> None:
    """The wrong bottle was scanned: it is closed still, and lies where it lay."""
    first = teller.after(day)
    _open(teller, "PCT", f"mistaken:{day}", first, 512)
    teller.take_back(first, 516, teller.keeper(LAB), f"vial:mistaken:{day}", "wrong_scan", "未开封，误扫")


def in_use(teller: Teller, day: date) -> None:
    """Four stand open: two of this morning, one of last week, and one whose open life is over."""
    today = teller.world.today
    old = teller.after(day)
    _open(teller, "BNP", "over", old, 508)
    _take(teller, "over", old, 565, 18)
    recent = teller.after(old, 6)
    _open(teller, "PCT", "recent", recent, 509)
    _take(teller, "recent", recent, 566, 12)
    _open(teller, "TNI", "fresh", today, 500)
    _take(teller, "fresh", today, 560, 15)
    _open(teller, "CM", "contrast", today, 520, "nurse")
    # By the scan page: its number, how much, and its number once more.
    scans = partial(_scanned, name="vial:contrast", amount=35)
    teller.scene(today, 570, sent("nurse", "demo:scan:contrast", scans, flow="take"))


def _scanned(stage: Stage, *, name: str, amount: int) -> list[str]:
    number = stage.done[name].number
    return [number, f"YANJI:AMOUNT:{amount}", number]


def part_mistyped(teller: Teller, day: date) -> None:
    """Forty were typed for four: the part is taken back, and entered as it was."""
    first = teller.after(day)
    name = f"mistyped:{day}"
    _open(teller, "TNI", name, first, 503)
    teller.do(first, 563, take, teller.keeper(LAB), piece_id=made(f"vial:{name}"), amount=Decimal(40))
    teller.do(
        first, 569, take_part_back, teller.keeper(LAB), piece_id=made(f"vial:{name}"), reason="wrong_quantity",
        part_id=lambda stage: Taken.objects.filter(piece_id=stage.done[f"vial:{name}"].id).latest("pk").pk,
    )  # fmt: skip
    _take(teller, name, first, 571, 4)
    teller.do(
        teller.after(first, 3), 524, discard, teller.keeper(LAB), piece_id=made(f"vial:{name}"), reason="remainder",
        note="当日检验结束，余量弃用",
    )  # fmt: skip
