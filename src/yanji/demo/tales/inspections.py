"""Deliveries are looked at by plan: every piece of one item, a sample of another; a faulty piece, and a lot sent back."""

from datetime import date
from decimal import Decimal

from yanji.flows.inspecting.plans import (
    Plan,
    add_inspection_plan,
    edit_inspection_plan,
    set_inspection_plan_active,
)

from ..stage import item, made
from ..teller import Teller
from .buying import Purchase

STORE = "MAIN-OS"
POINTS = ("packaging", "label", "sterile_barrier")


def plans(teller: Teller, day: date) -> None:
    """Lenses are looked at piece by piece, or by sample; a third plan looks at less than at first, and has ended."""
    whole, sampled, over = teller.for_sale(STORE, 3, families=("IOL", "TIOL"))
    teller.inspected = {"full": whole, "sampling": sampled}
    for number, (name, method, aql, of) in enumerate(
        (
            ("full", "full", None, whole),
            ("sampling", "sampling", Decimal("1.0"), sampled),
            ("over", "full", None, over),
        )
    ):
        teller.do(
            day, 391 + number, add_inspection_plan, "admin", name=f"plan:{name}",
            plan=lambda stage, of=of, method=method, aql=aql: Plan(
                item_id=item(of)(stage), method=method, aql=aql, points=POINTS
            ),
        )  # fmt: skip
    teller.do(
        teller.after(day, 15), 548, edit_inspection_plan, "admin", plan_id=made("plan:over"),
        plan=lambda stage: Plan(item_id=item(over)(stage), method="full", points=POINTS[:2]),
    )  # fmt: skip
    teller.do(
        teller.after(day, 40),
        550,
        set_inspection_plan_active,
        "admin",
        plan_id=made("plan:over"),
        active=False,
    )


def inspected(teller: Teller, day: date) -> None:
    """One lens of the item that is looked at whole is faulty; of the sampled lot so many are that none of it is taken."""
    whole, sampled = teller.inspected["full"], teller.inspected["sampling"]
    bought = Purchase(teller, f"inspected:{day}", STORE, {whole: 4, sampled: 13})
    first = teller.after(day)
    bought.place(first, 591)
    second = teller.after(first, 3)
    things = bought.pack(second)
    faulty = {bought.things[whole][0].epc: ("sterile_barrier",)}
    lot_is_bad = day.toordinal() % 2 == 0
    if lot_is_bad:
        faulty |= {thing.epc: ("label",) for thing in bought.things[sampled]}
    bought.receive(second, 552, things, noticed=False, faulty=faulty)
    bought.shelve(second, 592, bought.things[whole][1:] + ([] if lot_is_bad else bought.things[sampled]))
