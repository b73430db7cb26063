"""What stores keep for a requisition, and so for its case: fetched for it, given free early, kept for tomorrow."""

from datetime import date, timedelta
from decimal import Decimal

from yanji.flows.requisition import Wanted, close_requisition
from yanji.flows.reserving.reserve import reserve
from yanji.ledger.api import LotQuantity

from ..stage import made, place, these
from ..teller import Teller
from .case import Surgery
from .scanned import between, label, sent
from .supply import STORE, Asked
from .theatres import PCI
from .transfers import wanted

HEART = "MAIN-CATH"


def fetched(teller: Teller, day: date) -> None:
    """Kept for a requisition in the morning, so that nobody else's takes it; picked and handed over in the afternoon."""
    things = teller.units(STORE, 2, day, below=8_000)
    first = teller.after(day)
    asked = Asked(teller, f"kept:{day}", HEART, things)
    asked.ask(first, 563, note="择期手术，规格请预留")
    scans = between(asked.name, things)
    teller.scene(first, 570, sent(asked.keeper, f"demo:scan:{asked.name}", scans, flow="reserve"))
    asked.pick(first, 840)
    asked.hand_over(first, 878)
    asked.take_in(first, 912)
    teller.back(first, HEART, things)


def given_free(teller: Teller, day: date) -> None:
    """Asked and kept for a case of the day after, for which another size was chosen: given free before its time was over."""
    things = teller.units(STORE, 2, day, below=12_000)
    others = teller.units(HEART, 2, day, families=("DES", "PTCA"))
    first = teller.after(day)
    case = _case(teller, f"free:{day}", first, teller.after(first))
    asked = Asked(teller, f"free:{day}", HEART, things)
    asked.ask(first, 563, note="赵医生指定规格", case=case.number)
    told = {"store_id": place(STORE), "things": these(things), "requisition_id": made(asked.name)}
    teller.do(first, 600, reserve, asked.keeper, note="赵医生指定规格", **told)
    scans = ["YANJI:REASON:unreserve:not_needed", *map(label, things)]
    teller.scene(first, 870, sent(asked.keeper, f"demo:scan:free:{day}", scans, flow="unreserve"))
    teller.do(first, 876, close_requisition, asked.nurse, requisition_id=made(asked.name))
    teller.back(first, STORE, things)
    case.use(700, others, implants=others[:1])
    case.close(730)
    case.charge(case.day, 790)


def this_morning(teller: Teller, day: date) -> None:
    """Asked and kept for tomorrow's case: two units, and pieces of a counted lot."""
    today = teller.world.today
    units = teller.units(STORE, 2, day, below=12_000)
    lain = teller.bulk(STORE, 20, ("TRB", "AGW", "DXC"))
    case = _case(teller, "kept", today, today + timedelta(days=1))
    kept, pieces = these(units), wanted(units)
    asked = Asked(teller, "kept", HEART, units)
    asked.ask(
        today, 563, case=case.number,
        lines=lambda stage: [*pieces(stage), Wanted(stage.rows.items[lain.batch.item], 4)],
    )  # fmt: skip
    teller.do(
        today, 590, reserve, "storekeeper", store_id=place(STORE), requisition_id=made(asked.name),
        things=lambda stage: [*kept(stage), LotQuantity(stage.lot(lain.batch), Decimal(4), stage.rows.places[lain.place])],
    )  # fmt: skip


def _case(teller: Teller, name: str, written: date, day: date) -> Surgery:
    case = Surgery(teller, f"kept:{name}", HEART, PCI, "赵医生", day)
    case.plan(written, 459, 560)
    return case
