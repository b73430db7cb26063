"""Boxes and kits of the hospital's own: built after their bill, packed into cartons and pallets, opened again."""

from datetime import date

from yanji.flows.issue import issue, take_in
from yanji.flows.packing.bill import InKit, set_bill
from yanji.flows.packing.pack import pack, unpack
from yanji.flows.pick import pick, unpick
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted, request
from yanji.flows.transfer.arrive import arrive
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.request import ask_transfer, close_transfer
from yanji.flows.transfer.ship import ship

from ..record import Piece
from ..stage import Later, Stage, item, made, place, these, witness
from ..teller import Teller

STORE, OTHER = "MAIN-IS", "NEW-OS"


def _box(name: str) -> Later:
    """The code of a box that an earlier scene packed."""
    return lambda stage: stage.done[name].facts["code"]


def bill(teller: Teller, day: date) -> None:
    """The buyer says what belongs in the set for a coronary intervention: a wire, a guide catheter and a sheath."""
    world = teller.world
    kit, *parts = (
        min(world.families[code], key=lambda number: -world.item(number).sales)
        for code in ("PCK", "CGW", "GC", "SHT")
    )
    teller.kit, teller.parts = kit, parts
    teller.do(
        teller.after(day), 545, set_bill, "buyer", kit_id=item(kit),
        lines=lambda stage: [InKit(stage.rows.items[part], 1) for part in parts],
    )  # fmt: skip


def _shelf(teller: Teller) -> str:
    """Where kits are built and kept."""
    return teller.world.home(STORE, teller.kit)


def _brought(teller: Teller, day: date, minute: float, things: list[Piece]) -> Later:
    """Parts are laid on the kit's own shelf first: a kit lies in one place, or it is not whole. That shelf."""
    together = place(_shelf(teller))
    teller.do(day, minute, put_away, teller.keeper(STORE), things=these(things), to_place_id=together)
    return together


def built(teller: Teller, day: date) -> None:
    """Two kits are built, of parts brought to one shelf first; one is opened again the day after, because a part was needed: what
    was in it goes back to its own shelves."""
    first = teller.after(day)
    for number in (1, 2):
        things = [teller.units(STORE, 1, day, item=part)[0] for part in teller.parts]
        name = f"kit:{day}:{number}"
        together = _brought(teller, first, 612 + number, things)
        teller.do(
            first, 620 + number, pack, teller.keeper(STORE), name=name, place_id=together, kind="kit", things=these(things),
            item_id=item(teller.kit), note="择期 PCI 基础包",
        )  # fmt: skip
        if number == 2:
            teller.do(
                teller.after(first), 630, unpack, teller.keeper(STORE), code=_box(name), note="单件急用"
            )
            apart = [thing for thing in things if teller.world.home(STORE, thing.item) != _shelf(teller)]
            for more, thing in enumerate(apart):
                teller.do(
                    teller.after(first), 634 + more, put_away, teller.keeper(STORE), things=these([thing]),
                    to_place_id=place(teller.world.home(STORE, thing.item)),
                )  # fmt: skip
            teller.back(teller.after(first), STORE, things)


def served(teller: Teller, day: date) -> None:
    """A kit is built in the morning, and goes whole to the department that asked for one, as one piece; it was put back once,
    for a case that was called off and came after all."""
    first, keeper, nurse = teller.after(day), teller.keeper(STORE), "nurse"
    things = [teller.units(STORE, 1, day, item=part)[0] for part in teller.parts]
    name = f"kit:served:{day}"
    together = _brought(teller, first, 612, things)
    teller.do(
        first, 625, pack, keeper, name=name, place_id=together, kind="kit", things=these(things), item_id=item(teller.kit),
        note="导管室申领",
    )  # fmt: skip
    teller.do(
        first, 640, request, nurse, name=f"requisition:{name}", department_id=place("MAIN-CATH"), store_id=place(STORE),
        lines=lambda stage: [Wanted(stage.rows.items[teller.kit], 1)],
    )  # fmt: skip
    asked = made(f"requisition:{name}")
    whole = {"requisition_id": asked, "things": lambda stage: [stage.done[name].facts["code"]]}
    for minute, verb in ((648, pick), (651, unpick), (655, pick)):
        teller.do(first, minute, verb, keeper, **whole)
    teller.do(first, 670, issue, keeper, name=f"issue:{name}", requisition_id=asked, receiver=witness(nurse))
    teller.do(first, 700, take_in, nurse, issue_id=made(f"issue:{name}"), to_place_id=place("MAIN-CATH-C1"))


def sent(teller: Teller, day: date) -> None:
    """Another campus asks for a kit: it is built, goes by one scan, and arrives whole."""
    first, keeper, theirs = teller.after(day), teller.keeper(STORE), teller.keeper(OTHER)
    things = [teller.units(STORE, 1, day, item=part)[0] for part in teller.parts]
    name = f"kit:sent:{day}"
    together = _brought(teller, first, 606, things)
    teller.do(
        first, 611, pack, keeper, name=name, place_id=together, kind="kit", things=these(things), item_id=item(teller.kit),
        note="新城院区申请",
    )  # fmt: skip
    teller.do(
        first, 630, ask_transfer, theirs, name=f"transfer:{name}", source_id=place(STORE), destination_id=place(OTHER),
        lines=lambda stage: [Wanted(stage.rows.items[teller.kit], 1)], note="周末手术备用",
    )  # fmt: skip
    asked = made(f"transfer:{name}")
    whole = {"transfer_id": asked, "things": lambda stage: [stage.done[name].facts["code"]]}
    teller.do(first, 650, pick_transfer, keeper, **whole)
    teller.do(first, 670, ship, keeper, transfer_id=asked, handed_to="院际班车 徐师傅", seals="F20417")
    teller.do(first, 760, arrive, theirs, to_place_id=place(f"{OTHER}-DOCK"), **whole)
    teller.do(first, 790, close_transfer, theirs, transfer_id=asked)


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
