"""Boxes and kits of the hospital's own: built after their bill, packed into cartons and pallets, opened again."""

from datetime import date

from yanji.flows.packing.bill import InKit, set_bill
from yanji.flows.packing.pack import pack, unpack

from ..stage import Later, Stage, item, place, these
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
