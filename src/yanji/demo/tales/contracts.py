"""Framework contracts: in force, soon over, ended, refused, waiting for approval, half written."""

from datetime import date, timedelta
from decimal import Decimal

from yanji.flows.buying.contracts import Agreed, Terms, end_contract, start_contract, write_contract

from ..stage import Later, made, place, supplier
from ..teller import Teller

BONE_STORE, HEART_STORE = "MAIN-BS", "MAIN-IS"
CENT = Decimal("0.01")


def agreed(teller: Teller, items: list[int], share: Decimal) -> Later:
    """A share of the catalogue's price for each item."""
    prices = {item: (teller.world.item(item).price * share).quantize(CENT) for item in items}
    return lambda stage: [Agreed(stage.rows.items[item], price) for item, price in prices.items()]


def write(
    teller: Teller,
    day: date,
    name: str,
    items: list[int],
    *,
    days: int,
    most: int,
    share: str = "0.94",
    consigned: bool = False,
) -> None:
    """A draft, written at nine."""
    terms = Terms(
        valid_from=day, valid_to=day + timedelta(days=days), reference=f"YS-{day:%Y%m}-{teller.rng.randint(100, 999)}",
        minimum_value=Decimal(most // 5), maximum_value=Decimal(most), over_delivery_percent=Decimal(20),
        price_tolerance_percent=Decimal(1), consignment=consigned, note="省平台集中带量采购协议",
    )  # fmt: skip
    teller.do(
        day, 540, write_contract, "buyer", name=f"contract:{name}", supplier_id=supplier(teller.world.item(items[0]).supplier),
        place_id=place("YANSHAN"), terms=terms, prices=agreed(teller, items, Decimal(share)),
    )  # fmt: skip


def start(teller: Teller, day: date, name: str) -> None:
    teller.do(day, 565, start_contract, "buyer", contract_id=made(f"contract:{name}"))


def approve(teller: Teller, day: date, name: str, *, yes: bool = True, comment: str = "") -> None:
    teller.decide(day, 600, "approver", "contract", f"contract:{name}", approve=yes, comment=comment)


def signed(teller: Teller, day: date) -> None:
    """The two by which most is bought, and one with the first supplier that covers its consignment."""
    first = teller.after(day)
    for name, store, seller in (("heart", HEART_STORE, None), ("bone", BONE_STORE, teller.partner)):
        items = teller.for_sale(store, 12 if seller is None else 99, supplier=seller, below=40_000)
        write(teller, first, name, items, days=365, most=3_000_000, consigned=name == "bone")
        start(teller, first, name)
        approve(teller, teller.after(first), name)


def soon_over(teller: Teller, day: date) -> None:
    """Ends in less than a month from today: somebody has to think of the next one."""
    first = teller.after(day)
    items = teller.for_sale("EAST-OS", 8, families=("CST", "EST", "RLD", "USK", "MSH"))
    write(
        teller,
        first,
        "soon_over",
        items,
        days=(teller.world.today - first).days + 24,
        most=600_000,
        share="0.97",
    )
    start(teller, first, "soon_over")
    approve(teller, teller.after(first), "soon_over")


def ended(teller: Teller, day: date) -> None:
    """The maker withdrew a product line."""
    first = teller.after(day)
    write(
        teller,
        first,
        "ended",
        teller.for_sale("MAIN-OS", 4, families=("IOL", "TIOL", "CTR", "AGV")),
        days=365,
        most=400_000,
    )
    start(teller, first, "ended")
    approve(teller, teller.after(first), "ended")
    last = teller.after(first, 30)
    teller.do(
        last,
        820,
        end_contract,
        "buyer",
        contract_id=made("contract:ended"),
        reason="厂家产品线调整，停止供货",
    )


def refused(teller: Teller, day: date) -> None:
    """Too dear, said the approver; it lies with the buyer again."""
    first = teller.after(day)
    write(teller, first, "refused", teller.for_sale("MAIN-IS", 5), days=365, most=900_000, share="1.04")
    start(teller, first, "refused")
    approve(teller, teller.after(first), "refused", yes=False, comment="高于省平台中位价，请重新议价")


def on_the_desk(teller: Teller, day: date) -> None:
    """One waits for the approver this morning, one is still being written."""
    today = teller.world.today
    write(teller, today, "waiting", teller.for_sale("NEW-OS", 6), days=365, most=1_200_000)
    start(teller, today, "waiting")
    write(teller, today, "draft", teller.for_sale("MAIN-OS", 3), days=180, most=200_000)
