"""What was tried and must not be: refused, nothing written - and kept for the auditor."""

from datetime import date

from yanji.flows.disposal.ask import ask_scrap
from yanji.flows.disposal.sign import destroy
from yanji.flows.putaway import put_away
from yanji.flows.ship_notice import announce
from yanji.flows.use import use

from ..stage import made, place, these, witness
from ..teller import Teller
from .buying import Purchase
from .case import Surgery
from .orders import some

HEART = "MAIN-CATH"


def other_patient(teller: Teller, day: date) -> None:
    """The case was another patient's; and a unit was used a second time."""
    first = teller.after(day)
    things = teller.units(HEART, 2, day, families=("PTCA", "NCB"))
    case = Surgery(teller, f"attempt:{day}", HEART, "冠状动脉造影术", "钱医生", first)
    case.plan(first, 492, 650)
    case.use(720, things[:1])
    told = {"department_id": place(HEART), "case_number": case.number, "things": these(things[1:])}
    wrong = "PT-" + "".join(teller.rng.choices("23456789ABCDEFGH", k=8))
    teller.refused(
        first, 722, use, case.nurse, "other_patient", patient_token=wrong, confirmed_by=wrong, **told
    )
    again = {**told, "things": these(things[:1])}
    teller.refused(
        first,
        724,
        use,
        case.nurse,
        "already_used",
        patient_token=case.patient,
        confirmed_by=case.patient,
        **again,
    )
    case.use(726, things[1:])
    case.close(750)
    case.charge(first, 800)


def alone(teller: Teller, day: date) -> None:
    """Somebody signed twice, as doer and as witness."""
    first = teller.after(day)
    things = teller.units("MAIN-OS", 1, day, below=3_000)
    keeper, other = teller.two("MAIN-OS")
    teller.do(first, 566, ask_scrap, keeper, name=f"alone:{day}", things=these(things), reason="damaged")
    teller.refused(
        first,
        570,
        destroy,
        keeper,
        "witness_is_actor",
        disposal_id=made(f"alone:{day}"),
        witness=witness(keeper),
    )
    teller.do(first, 575, destroy, keeper, disposal_id=made(f"alone:{day}"), witness=witness(other))


def elsewhere(teller: Teller, day: date) -> None:
    """A keeper of one campus moved goods of another; a supplier reached for another's order."""
    first = teller.after(day)
    things = teller.units("EAST-OS", 1, day, below=6_000)
    teller.refused(
        first,
        600,
        put_away,
        teller.keeper("MAIN-IS"),
        "not_yours",
        things=these(things),
        to_place_id=place("MAIN-IS-A1-01"),
    )
    teller.back(first, "EAST-OS", things)
    partner, lapsed = teller.partner, teller.world.catalogue.lapsed_supplier
    other = next(
        item.supplier for item in teller.world.catalogue.of("DES") if item.supplier not in (partner, lapsed)
    )
    bought = Purchase(teller, f"others:{day}", "NEW-OS", some(teller, "NEW-OS", 2, supplier=other))
    bought.place(first, 603)
    teller.refused(
        first, 607, announce, "supplier", "others", order_id=made(bought.name), lines=bought.lines({})
    )
    second = teller.after(first, 3)
    came = bought.pack(second)
    bought.receive(second, 548, came, noticed=False)
    bought.shelve(second, 588, came)
