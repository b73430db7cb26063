"""Goods that lie here and belong to their supplier: brought, used (and bought by that), given back, settled by month."""

from datetime import date, timedelta
from decimal import Decimal

from yanji.flows.consign.agreements import Kept, save_agreement
from yanji.flows.consign.ending import end_agreement, take_ending_back
from yanji.flows.consign.goods import receive_consigned
from yanji.flows.consign.settle import confirm_settlement, discard_settlement, draft_settlement
from yanji.flows.consign.void import void_settlement
from yanji.flows.correction import void_consigned
from yanji.flows.putaway import put_away
from yanji.flows.sendback.consigned import hand_back_goods

from ..record import Piece
from ..stage import Later, arrivals, made, place, supplier, these, witness
from ..teller import Teller
from .case import Surgery
from .invoices import OfSettlement, dearer

BONE, HEART = "MAIN-BOR", "MAIN-CATH"  # the theatres in which consigned goods lie
LEAD = "lead-main"


def kept(teller: Teller, items: list[int], share: str) -> Later:
    """Each item at a share of its price, and how many should lie here."""
    prices = {
        item: (teller.world.item(item).price * Decimal(share)).quantize(Decimal("0.01")) for item in items
    }
    return lambda stage: [Kept(stage.rows.items[item], price, keep=3) for item, price in prices.items()]


def heart_seller(teller: Teller) -> int:
    """Who sells most stents."""
    sold = [
        item.supplier
        for item in teller.world.catalogue.of("DES")
        if item.supplier != teller.world.catalogue.lapsed_supplier
    ]
    return max(sorted(set(sold)), key=sold.count)


def agreements(teller: Teller, day: date) -> None:
    """The partner consigns whatever it sells to the main campus; a seller of stents some items; one agreement is over."""
    world = teller.world
    bone = teller.for_sale("MAIN-BS", 6, supplier=teller.partner, below=20_000)
    teller.do(
        day, 380, save_agreement, "buyer", name="agreement:bone", supplier_id=supplier(teller.partner), place_id=place("MAIN"),
        valid_from=day, items=kept(teller, bone, "0.95"), note="骨科植入物寄售及跟台器械",
    )  # fmt: skip
    seller = heart_seller(teller)
    stents = [
        number
        for number, item in enumerate(world.catalogue.items)
        if item.family.code == "DES" and item.supplier == seller
    ]
    teller.do(
        day, 382, save_agreement, "buyer", name="agreement:heart", supplier_id=supplier(seller), place_id=place("MAIN"),
        valid_from=day, valid_to=world.today + timedelta(days=40), all_items=False, items=kept(teller, stents, "0.97"),
        settlement_day=8,
    )  # fmt: skip
    other = teller.for_sale("EAST-OS", 3)
    teller.do(
        day, 384, save_agreement, "buyer", name="agreement:over", supplier_id=supplier(world.item(other[0]).supplier),
        place_id=place("EAST"), valid_from=day - timedelta(days=200), valid_to=day + timedelta(days=45), all_items=False,
        items=kept(teller, other, "0.98"), note="试用期寄售，已终止",
    )  # fmt: skip
    over = {"agreement_id": made("agreement:over")}
    last_day = day + timedelta(days=35)
    # The first time it was the wrong agreement that the buyer had open.
    teller.do(
        teller.after(day, 12), 700, end_agreement, "buyer", agreement_id=made("agreement:heart"), last_day=last_day,
        reason="试用期寄售，不再续签",
    )  # fmt: skip
    teller.do(
        teller.after(day, 12),
        704,
        take_ending_back,
        "buyer",
        agreement_id=made("agreement:heart"),
        reason="wrong_scan",
    )
    teller.do(
        teller.after(day, 12),
        706,
        end_agreement,
        "buyer",
        last_day=last_day,
        reason="试用期寄售，不再续签",
        **over,
    )


def bring(teller: Teller, day: date, minute: float, department: str, things: list[Piece]) -> None:
    """Taken over at the theatre's door, and laid into its cabinet."""
    seller = things[0].supplier
    rng = teller.rng
    teller.do(
        day, minute, receive_consigned, LEAD, supplier_id=supplier(seller), dock_id=place(department),
        arrivals=arrivals(things), reference=f"JS{day:%y%m%d}{rng.randint(100, 999)}",
    )  # fmt: skip
    teller.do(
        day, minute + 15, put_away, LEAD, things=these(things), to_place_id=place(f"{department}-C1"),
        from_place_id=place(department),
    )  # fmt: skip


def used(teller: Teller, day: date, department: str, items: list[int], procedure: str, surgeon: str) -> None:
    """Brought on one day, half of it used in a case two days later: title passes, and the rest lies on."""
    first = teller.after(day)
    things = [thing for item in items for thing in teller.fresh(item, 2, first)]
    bring(teller, first, 520, department, things)
    second = teller.after(first, 2)
    case = Surgery(teller, f"consigned:{department}:{day}", department, procedure, surgeon, second)
    case.plan(first, 900, 600)
    needed = things[::2]
    case.set_out(575, needed)
    case.use(690, needed, implants=needed)
    case.close(740)
    case.charge(second, 800)
    owe(teller, second, "bone" if department == BONE else "heart")


def bones(teller: Teller, day: date) -> None:
    items = teller.for_sale("MAIN-BS", 3, supplier=teller.partner, below=20_000)
    used(teller, day, BONE, items, "全髋关节置换术", "周医生")


def stents(teller: Teller, day: date) -> None:
    items = teller.for_sale("MAIN-IS", 2, supplier=heart_seller(teller), families=("DES",), below=40_000)
    used(teller, day, HEART, items, "经皮冠状动脉支架置入术", "赵医生")


def new_terms(teller: Teller, day: date) -> None:
    """The seller of stents lowers its prices from the day after on: a second version of the agreement."""
    world, seller = teller.world, heart_seller(teller)
    sold = world.catalogue.of("DES")
    stents = [
        number
        for number, item in enumerate(world.catalogue.items)
        if item in sold and item.supplier == seller
    ]
    teller.do(
        day, 1080, save_agreement, "buyer", agreement_id=made("agreement:heart"), supplier_id=supplier(seller),
        place_id=place("MAIN"), valid_from=day + timedelta(days=1), valid_to=world.today + timedelta(days=40),
        all_items=False, items=kept(teller, stents, "0.94"), settlement_day=8, note="续谈降价，自次日起执行",
    )  # fmt: skip


def brought_wrongly(teller: Teller, day: date) -> None:
    """Received for the wrong theatre: the receipt is taken back, and the goods are received where they belong."""
    first = teller.after(day)
    [item, *_] = teller.for_sale("MAIN-BS", 1, supplier=teller.partner, below=10_000)
    things = teller.fresh(item, 2, first)
    name = f"consigned:wrong:{day}"
    teller.do(
        first, 531, receive_consigned, LEAD, name=name, supplier_id=supplier(things[0].supplier), dock_id=place(HEART),
        arrivals=arrivals(things), reference=f"JS{first:%y%m%d}901",
    )  # fmt: skip
    teller.do(first, 536, void_consigned, LEAD, receipt_id=made(name), reason="wrong_place")
    bring(teller, first, 541, BONE, things)
    teller.do(
        teller.after(first, 20), 856, hand_back_goods, LEAD, place_id=place(BONE), things=these(things), reason="not_needed",
        authorisation=f"RMA-{first:%y%m}-7701", handed_to="供应商业务员 高女士",
    )  # fmt: skip


def given_back(teller: Teller, day: date) -> None:
    """Two pieces that nobody asked for in a month go back to their owner, whose man is there to take them."""
    first = teller.after(day)
    # Together not worth so much that the manager decides.
    [item, *_] = teller.for_sale("MAIN-BS", 1, supplier=teller.partner, below=10_000)
    things = teller.fresh(item, 2, first)
    bring(teller, first, 526, BONE, things)
    teller.do(
        teller.after(first, 20), 850, hand_back_goods, LEAD, place_id=place(BONE), things=these(things), reason="not_needed",
        authorisation=f"RMA-{first:%y%m}-{teller.rng.randint(1000, 9999)}", handed_to="供应商业务员 高女士",
        note="近三十日无使用",
    )  # fmt: skip


def owe(teller: Teller, day: date, agreement: str) -> None:
    """Something was used on this day: when its month is over, the buyer adds it up and the accountant confirms it, and it is
    invoiced. The last statement is a draft still."""
    month, today = day.replace(day=1), teller.world.today
    after = (month + timedelta(days=32)).replace(day=1)
    if (agreement, month) in teller.owed or after > today:
        return
    first_one = not any(owed == agreement for owed, _month in teller.owed)
    teller.owed.add((agreement, month))
    name = f"settlement:{agreement}:{month}"
    added_up = teller.after(after + timedelta(days=3))
    minute = 560 if agreement == "bone" else 564
    if first_one and agreement == "bone":
        # Before the theatre had entered everything: the draft is thrown away.
        _add_up(teller, added_up, minute - 30, agreement, month, f"{name}:early")
        teller.do(added_up, minute - 20, discard_settlement, "buyer", settlement_id=made(f"{name}:early"))
    _add_up(teller, added_up, minute, agreement, month, name)
    if after >= today.replace(day=1):
        return
    teller.do(added_up, minute + 40, confirm_settlement, "accountant", settlement_id=made(name))
    if first_one and agreement == "heart":
        name = _added_up_anew(teller, added_up, minute + 90, agreement, month, name)
    latest = (after + timedelta(days=32)).replace(day=1) == today.replace(day=1)
    charged(teller, teller.after(added_up, 2), agreement, name, latest=latest)


def _add_up(teller: Teller, day: date, minute: float, agreement: str, month: date, name: str) -> None:
    teller.do(
        day,
        minute,
        draft_settlement,
        "buyer",
        name=name,
        agreement_id=made(f"agreement:{agreement}"),
        month=month,
    )


def _added_up_anew(teller: Teller, day: date, minute: float, agreement: str, month: date, wrong: str) -> str:
    """The first statement was confirmed before the supplier had looked at it: two void it, and it is added up once more."""
    name = f"{wrong}:anew"
    teller.do(
        day, minute, void_settlement, "accountant", settlement_id=made(wrong), witness=witness("buyer"),
        reason="wrong_quantity", note="供应商尚未核对，先作废重做",
    )  # fmt: skip
    _add_up(teller, day, minute + 15, agreement, month, name)
    teller.do(day, minute + 40, confirm_settlement, "accountant", settlement_id=made(name))
    return name


def charged(teller: Teller, day: date, agreement: str, settlement: str, *, latest: bool) -> None:
    """The partner writes its own invoice on its pages; what the seller of stents sends, a buyer enters. Both are paid, but
    of the latest month: the one waits for its release, the other charges more than was settled."""
    own = agreement == "bone"
    invoice = OfSettlement(teller, settlement, teller.partner if own else heart_seller(teller), "MAIN")
    change = dearer if latest and not own else list
    invoice.enter(day, 590 if own else 596, "supplier" if own else invoice.buyer, change=change)
    if not latest:
        invoice.release(teller.after(day, 3), 645 if own else 651)
