"""Boxes and kits of the hospital's own: built after their bill, packed into cartons and pallets, opened again."""

from datetime import date

from yanji.flows.issue import issue, take_in
from yanji.flows.packing.bill import InKit, set_bill
from yanji.flows.packing.pack import pack, unpack
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, request

from ..stage import Later, Stage, item, made, place, these, witness
from ..teller import Teller

STORE = "MAIN-IS"


def _box(name: str) -> Later:
    """The code of a box that an earlier scene packed."""
    return lambda stage: stage.done[name].facts["code"]


def bill(teller: Teller, day: date) -> None:
    """The buyer says what belongs in the set for a coronary intervention: three kinds of things beside its first."""
    world = teller.world
    kit, *parts = (
        min(world.families[code], key=lambda number: -world.item(number).sales)
        for code in ("INF", "CGW", "GC", "SHT")
    )
    teller.kit, teller.parts = kit, parts
    teller.do(
        teller.after(day), 545, set_bill, "buyer", kit_id=item(kit),
        lines=lambda stage: [InKit(stage.rows.items[part], 1) for part in parts],
    )  # fmt: skip


def built(teller: Teller, day: date) -> None:
    """Two kits are built; one is opened again the day after, because a part was needed."""
    first = teller.after(day)
    for number in (1, 2):
        things = [teller.units(STORE, 1, day, item=part)[0] for part in teller.parts]
        name = f"kit:{day}:{number}"
        teller.do(
            first, 620 + number, pack, teller.keeper(STORE), name=name, place_id=place(STORE), kind="kit", things=these(things),
            item_id=item(teller.kit), note="择期 PCI 基础包",
        )  # fmt: skip
        if number == 2:
            teller.do(
                teller.after(first), 630, unpack, teller.keeper(STORE), code=_box(name), note="单件急用"
            )
            teller.back(teller.after(first), STORE, things)


def served(teller: Teller, day: date) -> None:
    """A kit is built in the morning, and goes whole to the department that asked for one, as one piece."""
    first, keeper, nurse = teller.after(day), teller.keeper(STORE), "nurse"
    things = [teller.units(STORE, 1, day, item=part)[0] for part in teller.parts]
    name = f"kit:served:{day}"
    together = place(teller.world.home(STORE, teller.kit))  # a kit lies in one place, or it is not whole
    teller.do(first, 612, put_away, keeper, things=these(things), to_place_id=together)
    teller.do(
        first, 625, pack, keeper, name=name, place_id=place(STORE), kind="kit", things=these(things), item_id=item(teller.kit),
        note="导管室申领",
    )  # fmt: skip
    teller.do(
        first, 640, request, nurse, name=f"requisition:{name}", department_id=place("MAIN-CATH"), store_id=place(STORE),
        lines=lambda stage: [Wanted(stage.rows.items[teller.kit], 1)],
    )  # fmt: skip
    asked = made(f"requisition:{name}")
    teller.do(
        first, 655, pick, keeper, requisition_id=asked, things=lambda stage: [stage.done[name].facts["code"]]
    )
    teller.do(first, 670, issue, keeper, name=f"issue:{name}", requisition_id=asked, receiver=witness(nurse))
    teller.do(first, 700, take_in, nurse, issue_id=made(f"issue:{name}"), to_place_id=place("MAIN-CATH-C1"))


def boxed(teller: Teller, day: date) -> None:
    """Cartons on a pallet, made up for a transfer; one unit is taken out of its carton."""
    first = teller.after(day)
    cartons = []
    for number in (1, 2):
        things = teller.units(STORE, 4, day, below=6_000)
        name = f"carton:{day}:{number}"
        cartons.append(name)
        teller.do(
            first,
            640 + number,
            pack,
            teller.keeper(STORE),
            name=name,
            place_id=place(STORE),
            kind="box",
            things=these(things),
        )
        if number == 2:
            teller.do(
                first, 660, unpack, teller.keeper(STORE), code=_box(name), units=[things[0].epc], note="抽检"
            )
            teller.back(first, STORE, things[:1])

    def boxes(stage: Stage) -> list[str]:
        return [stage.done[name].facts["code"] for name in cartons]

    teller.do(
        first,
        670,
        pack,
        teller.keeper(STORE),
        place_id=place(STORE),
        kind="pallet",
        boxes=boxes,
        note="拟调新城院区",
    )
