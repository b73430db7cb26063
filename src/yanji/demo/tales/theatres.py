"""Theatres: preference cards, carts, implants, what was opened in vain, charges and refunds, explants, emergencies."""

from collections.abc import Sequence
from datetime import date, timedelta

from yanji.flows.approval import decide
from yanji.flows.hold import hold
from yanji.flows.models_approval import Approval
from yanji.flows.requisition import close_requisition
from yanji.flows.sendback.ask import authorise_return
from yanji.flows.sendback.send import send_return
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.asking import ask_for_case
from yanji.flows.theatre.cards import Need, plan_needs, retire_card, save_card
from yanji.flows.theatre.charge import ask_refund, keep_charge, refund, withdraw_charges
from yanji.flows.theatre.emergency import accept_refused, use_first
from yanji.flows.theatre.explanted import hand_on, return_explanted
from yanji.flows.theatre.implants import describe_implant, explant
from yanji.flows.theatre.models import ChargeLine, EmergencyUse, Implant

from ..record import Piece
from ..stage import Later, Stage, arrivals, made, place, supplier, these
from ..teller import Teller
from .case import Surgery
from .supply import Asked

HEART, BONE = "MAIN-CATH", "MAIN-BOR"
PCI, HIP = "经皮冠状动脉支架置入术", "全髋关节置换术"
SUDDEN = ("DES", "SG", "COIL", "THR")  # families of what a night may ask for before the store has it
# department, procedure, surgeon ("" for all), families with how many pieces
CARDS = (
    (HEART, PCI, "", (("DES", 1), ("PTCA", 1), ("NCB", 1))),
    (HEART, PCI, "赵医生", (("DES", 2), ("PTCA", 1))),
    (BONE, HIP, "", (("CUP", 1), ("LIN", 1), ("HEAD", 1), ("STEM", 1))),
    ("EAST-GOR", "腹腔镜疝修补术", "", (("MSH", 1), ("TAK", 1))),
)


def needs(teller: Teller, families: Sequence[tuple[str, int]]) -> Later:
    """The item of each family that sells best, with the next two as alternatives."""
    world = teller.world
    found = []
    for code, count in families:
        best = sorted(world.families[code], key=lambda number: -world.item(number).sales)[:3]
        found.append((best[0], count, best[1:]))
    return lambda stage: [
        Need(stage.rows.items[item], count, tuple(stage.rows.items[other] for other in others))
        for item, count, others in found
    ]


def cards(teller: Teller, day: date) -> None:
    """What procedures need, for all surgeons or for one; one card is not used any more."""
    first = teller.after(day)
    for number, (department, procedure, surgeon, families) in enumerate(CARDS):
        teller.do(
            first, 560 + number, save_card, teller.keeper(department), department_id=place(department),
            procedure=procedure, surgeon=surgeon, needs=needs(teller, families),
        )  # fmt: skip
    teller.do(
        first, 566, save_card, teller.keeper(HEART), name="card:old", department_id=place(HEART), procedure="冠状动脉造影术",
        surgeon="钱医生", needs=needs(teller, (("PTCA", 1),)), note="术者已离职",
    )  # fmt: skip
    teller.do(teller.after(first), 567, retire_card, teller.keeper(HEART), card_id=made("card:old"))


def whole(teller: Teller, day: date) -> None:
    """From the cart to the bill: one piece goes back to its shelf, one was opened in vain."""
    department, procedure, families = (
        (HEART, PCI, ("DES", "PTCA", "NCB")),
        (BONE, HIP, ("CUP", "LIN", "HEAD", "STEM")),
    )[day.toordinal() % 2]
    first = teller.after(day)
    things = [
        thing
        for family in families
        for thing in teller.units(department, 2, day, families=(family,), below=90_000)
    ]
    case = Surgery(
        teller, f"whole:{day}", department, procedure, teller.rng.choice(("赵医生", "周医生")), first
    )
    case.plan(teller.after(day), 470, 600)
    case.set_out(570, things)
    used, spare, opened = things[:-2], things[-2:-1], things[-1:]
    case.use(700, used, implants=used[:1])
    case.set_back(715, spare)
    case.waste(718, opened, "wrong_size", "术中更换规格")
    case.close(745)
    case.charge(first, 800)
    teller.back(first, department, spare)
    teller.scene(teller.after(first), 560, lambda stage: _describe(stage, case))


def _describe(stage: Stage, case: Surgery) -> None:
    """The day after, where the rest of the implants lie is said."""
    for implant in Implant.objects.filter(case_id=stage.done[case.name].id, site="").order_by("pk"):
        site, side = case.site()
        stage.do(
            describe_implant, case.nurse, implant_id=implant.pk, site=site, side=side, surgeon=case.surgeon
        )


def unbalanced(teller: Teller, day: date) -> None:
    """One piece of the cart was never found: closed with the reason."""
    first = teller.after(day)
    things = teller.units(HEART, 3, day, families=("PTCA", "NCB"))
    case = Surgery(teller, f"unbalanced:{day}", HEART, "冠状动脉造影术", "钱医生", first)
    case.plan(first, 475, 620)
    case.set_out(580, things)
    case.use(690, things[:1])
    case.set_back(700, things[1:2])
    case.close(980, difference="searched")
    case.charge(first, 1000)
    teller.back(first, HEART, things[1:2])


def refunded(teller: Teller, day: date) -> None:
    """Charged for what was not used in truth: one line is refunded, of another the charge is kept."""
    first = teller.after(day)
    things = teller.units(BONE, 3, day, families=("CUP", "LIN", "HEAD"), below=90_000)
    case = Surgery(teller, f"refunded:{day}", BONE, HIP, "周医生", first)
    case.plan(first, 480, 640)
    case.use(760, things, implants=things)
    case.close(790)
    case.charge(first, 830)
    second = teller.after(first, 3)

    def lines(number: int) -> Later:
        def found(stage: Stage) -> list[int]:
            of_case = ChargeLine.objects.filter(case_id=stage.done[case.name].id).order_by("pk")
            return [of_case[number].pk]

        return found

    for number, minute in ((0, 560), (1, 565)):
        teller.do(
            second,
            minute,
            ask_refund,
            case.nurse,
            case_id=made(case.name),
            line_ids=lines(number),
            reason="wrong_item",
        )
    teller.do(second, 680, refund, case.nurse, case_id=made(case.name), line_ids=lines(0))
    teller.do(second, 690, keep_charge, case.nurse, case_id=made(case.name), line_ids=lines(1))


def bills(teller: Teller, day: date) -> None:
    """Yesterday's cases: used and not charged, asked for and not charged, charged with a refund asked for."""
    for number, name in enumerate(("used", "pending", "refund")):
        first = teller.after(day)
        things = teller.units(HEART, 2, day, families=("DES", "PTCA"))
        case = Surgery(teller, f"bill:{name}", HEART, PCI, "赵医生", first)
        case.plan(first, 486 + number, 660 + 30 * number)
        case.use(770 + number, things, implants=things[:1])
        case.close(800 + number)
        if name != "used":
            case.charge(first, 850 + number, confirmed=name == "refund")
        if name == "refund":
            teller.do(
                teller.world.today, 520, ask_refund, case.nurse, case_id=made(case.name), reason="not_used",
                line_ids=lambda stage, case=case: [ChargeLine.objects.filter(case_id=stage.done[case.name].id).earliest("pk").pk],
            )  # fmt: skip


def explanted(teller: Teller, day: date) -> None:
    """Implanted, and taken out again weeks later: one goes to the maker's laboratory, one to the patient."""
    first = teller.after(day)
    things = teller.units(BONE, 2, day, families=("HEAD", "LIN"), below=90_000)
    case = Surgery(teller, f"explanted:{day}", BONE, HIP, "周医生", first)
    case.plan(first, 490, 640)
    case.use(765, things, implants=things)
    case.close(795)
    case.charge(first, 840)
    second = teller.after(first, 18)
    teller.cases += 1
    again = f"C{second:%y%m%d}9{teller.cases:02d}"
    epcs = [thing.epc for thing in things]
    teller.do(
        second, 760, explant, case.nurse, place_id=place(BONE), patient_token=case.patient, case_number=again, things=epcs,
        reason="infection",
    )  # fmt: skip
    sent, name = teller.after(second), f"explanted-back:{day}"
    teller.do(
        sent, 640, return_explanted, "lead-main", name=name, place_id=place(BONE), things=epcs[:1], reason="explanted"
    )  # fmt: skip
    teller.do(sent, 700, authorise_return, "buyer", return_id=made(name), authorisation=f"RMA-{sent:%y%m}-EX")
    teller.do(
        teller.after(sent), 640, send_return, "lead-main", return_id=made(name), handed_to="顺捷冷链 彭师傅"
    )
    teller.do(
        sent, 660, hand_on, case.nurse, place_id=place(BONE), things=epcs[1:], handed_to="患者家属 周先生",
        patient_token=case.patient,
    )  # fmt: skip


def handed_to_the_wrong(teller: Teller, day: date) -> None:
    """Taken out, at first under the wrong reason, and entered as given to the patient; it stands in the theatre still, and
    goes to its maker's laboratory."""
    first = teller.after(day)
    things = teller.units(BONE, 1, day, families=("HEAD",), below=90_000)
    case = Surgery(teller, f"handed:{day}", BONE, HIP, "周医生", first)
    case.plan(first, 494, 645)
    case.use(768, things, implants=things)
    case.close(798)
    case.charge(first, 845)
    second = teller.after(first, 12)
    teller.cases += 1
    told = {"place_id": place(BONE), "patient_token": case.patient, "things": [things[0].epc]}
    out = {"case_number": f"C{second:%y%m%d}9{teller.cases:02d}", **told}
    teller.do(second, 756, explant, case.nurse, name=f"explant:{day}", reason="infection", **out)
    teller.take_back(second, 759, case.nurse, f"explant:{day}", "wrong_scan", "取出原因选错")
    teller.do(second, 762, explant, case.nurse, reason="device_fault", **out)
    name, third = f"handed:{day}", teller.after(second)
    teller.do(third, 662, hand_on, case.nurse, name=name, handed_to="患者家属 吴女士", **told)
    teller.take_back(third, 675, teller.world.lead("MAIN"), name, "wrong_case", "家属未领取，改送厂家检测")
    teller.do(
        third,
        690,
        return_explanted,
        "lead-main",
        place_id=place(BONE),
        things=told["things"],
        reason="explanted",
    )


def _emergency(
    teller: Teller, name: str, day: date, minute: float, reason: str, families: Sequence[str] = SUDDEN
) -> tuple[Surgery, list[Piece]]:
    """A unit that nobody had received goes into a patient who cannot wait; the case, and the unit."""
    [item] = teller.for_sale("MAIN-IS", 1, families=families, above=500, below=30_000)
    things: list[Piece] = teller.fresh(item, 1, day)
    case = Surgery(teller, f"emergency:{name}", HEART, "急诊经皮冠状动脉介入治疗", "赵医生", day)
    stays = teller.world.item(item).family.implant
    teller.do(
        day, minute, use_first, case.nurse, name=f"emergency:{name}", department_id=place(HEART), case_number=case.number,
        patient_token=case.patient, confirmed_by=case.patient, supplier_id=supplier(teller.world.item(item).supplier),
        arrivals=arrivals(things), reason=reason, procedure=case.procedure, operator=case.surgeon,
        implants=[Implanted(things[0].epc, "前降支近段")] if stays else [],
    )  # fmt: skip
    return case, things


def emergency_of_another(teller: Teller, day: date) -> None:
    """Two patients came in at once: entered for the wrong one, taken back within the quarter hour, and used for the right one."""
    first = teller.after(day)
    wrong, things = _emergency(teller, f"another:{day}", first, 1285, "life", families=("DES", "COIL"))
    teller.take_back(
        first, 1297, wrong.nurse, f"emergency:another:{day}", "wrong_case", "两名急诊患者信息互换"
    )
    right = Surgery(teller, f"right:{day}", HEART, wrong.procedure, wrong.surgeon, first)
    right.use(1301, things, implants=things)


def emergency(teller: Teller, day: date) -> None:
    """Approved the morning after."""
    _decided(teller, day, "life", approve=True, comment="抢救需要，同意补办")


def emergency_refused(teller: Teller, day: date) -> None:
    """The store had the size all along."""
    _decided(teller, day, "size_missing", approve=False, comment="二级库当日有同规格库存，请说明")


def emergency_accepted(teller: Teller, day: date) -> None:
    """Refused the morning after; but it is in the patient, and the hospital pays for it with a reason."""
    _decided(teller, day, "size_missing", approve=False, comment="未先向二级库查询库存")
    later = teller.after(teller.after(day), 4)
    teller.do(
        later, 550, accept_refused, "manager", emergency_id=made(f"emergency:{day}"),
        reason="器械已植入患者体内，科室已书面说明",
    )  # fmt: skip


def _decided(teller: Teller, day: date, reason: str, *, approve: bool, comment: str) -> None:
    first = teller.after(day)
    _emergency(teller, f"{day}", first, 1290, reason)
    teller.decide(
        teller.after(first),
        540,
        "manager",
        "emergency_use",
        f"emergency:{day}",
        approve=approve,
        comment=comment,
    )


def last_night(teller: Teller, day: date) -> None:
    """It happened last night; nobody has decided yet."""
    _emergency(teller, "last_night", day, 1400, "life")


def despite_a_hold(teller: Teller, day: date) -> None:
    """On hold since the morning, and in the patient when somebody noticed: recorded with what speaks against it, and approved."""
    first = teller.after(day)
    things = teller.units(HEART, 1, day, families=("NCB", "PTCA"))
    teller.do(
        first, 485, hold, "lead-main", things=these(things), reason="suspected", note="同批次临床反馈待核实"
    )
    case = Surgery(teller, f"despite:{day}", HEART, PCI, "钱医生", first)
    case.plan(first, 470, 600)
    case.use(655, things, despite="life")
    case.close(700)
    case.charge(first, 803)
    second = teller.after(first)

    def decided(stage: Stage) -> None:
        [paper] = EmergencyUse.objects.filter(case_id=stage.done[case.name].id)
        waiting = Approval.objects.get(kind="emergency_use", document_id=paper.pk, state="waiting")
        stage.do(decide, "manager", approval_id=waiting.pk, approve=True, comment="抢救中已使用，补办手续")

    teller.scene(second, 542, decided)


def asked_of_the_store(teller: Teller, day: date) -> None:
    """What tomorrow's case needs and the theatre lacks is asked of the store, which has two of it: they are carried and used."""
    item = min(
        teller.for_sale("MAIN-IS", 9, families=("DES",)), key=lambda item: teller.world.on_shelf(HEART, item)
    )
    needed = teller.world.on_shelf(HEART, item) + 5
    things = teller.units("MAIN-IS", 2, day, item=item)
    first = teller.after(day)
    second = teller.after(first)
    case = Surgery(teller, f"asked:{day}", HEART, "冠状动脉支架再次置入术", "赵医生", second)
    case.plan(first, 472, 600)
    told = {"case_id": made(case.name)}
    teller.do(
        first, 476, plan_needs, case.nurse,
        needs=lambda stage: [Need(stage.rows.items[item], needed)], **told,
    )  # fmt: skip
    asked = Asked(teller, f"case:{day}", HEART, things)
    teller.do(first, 480, ask_for_case, case.nurse, name=asked.name, store_id=place("MAIN-IS"), **told)
    asked.pick(first, 833)
    asked.hand_over(first, 875)
    asked.take_in(first, 915)
    teller.do(first, 960, close_requisition, asked.nurse, requisition_id=made(asked.name))
    case.use(690, things, implants=things)
    case.close(735)
    case.charge(second, 798)


def charge_withdrawn(teller: Teller, day: date) -> None:
    """Moved to a later hour; asked for under the wrong payer: the charges are withdrawn that afternoon, and asked for anew."""
    first = teller.after(day)
    things = teller.units(HEART, 2, day, families=("PTCA", "NCB"))
    case = Surgery(teller, f"withdrawn:{day}", HEART, PCI, "周医生", first)
    case.plan(first, 474, 610)
    case.move(first, 478, 650)
    case.use(695, things)
    case.close(738)
    case.charge(first, 805, confirmed=False)
    teller.do(first, 822, withdraw_charges, case.nurse, case_id=made(case.name))
    case.charge(first, 835)


def today(teller: Teller, day: date) -> None:
    """This morning's carts: one is set out, one case uses already, one is planned from its card; tomorrow's too."""
    now = teller.world.today
    ready, busy = (
        Surgery(teller, name, HEART, PCI, surgeon, now)
        for name, surgeon in (("cart", "赵医生"), ("busy", "周医生"))
    )
    for number, case in enumerate((ready, busy)):
        things = teller.units(HEART, 4, day, families=("DES", "PTCA", "NCB"))
        case.plan(now, 450 + number, 600 + 20 * number)
        case.set_out(560 + number, things)
        if case is busy:
            case.use(600, things[:2], implants=things[:1])
    for number in (1, 2):
        later = Surgery(teller, f"tomorrow:{number}", HEART, PCI, "赵医生", now + timedelta(days=number))
        later.plan(now, 455 + number, 540)
