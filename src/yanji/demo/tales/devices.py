"""What hangs on walls and is carried about: gates and what passed them, a tablet that a ward shares, what the scan page sent, a
label of the hospital's own, and what people were told of and see to."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from yanji.access.badges import give_badge
from yanji.access.devices import DeviceFields, claim_device, register_device
from yanji.flows.handheld.handed_on import close_handed_on
from yanji.flows.handheld.models import SentState
from yanji.flows.printing.keep import save_template
from yanji.flows.printing.shipped import SHIPPED
from yanji.flows.printing.template import LabelKind
from yanji.flows.rfid.heard import close_what_is_gone, hear
from yanji.flows.rfid.models import Reader
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import GONE_AFTER, Read
from yanji.identity import tag_of
from yanji.ledger.api import Status, Step
from yanji.ledger.models import Alias, Movement, Unit
from yanji.notify.inbox import acknowledge, told_to
from yanji.notify.look import look

from ..campuses import smart_cabinet
from ..stage import Stage
from ..teller import Teller
from .cabinets import LEAD
from .scanned import label, sent

STORE, WARD, FAR = "MAIN-IS", "MAIN-CATH", "EAST-OS"
# Where `yanji simulate rfid` waits: whoever plays with the demo carries tags through this gate.
SIMULATED = "127.0.0.1:5084"
INSIDE, OUTSIDE = 2, 1  # antennas of a gate
GATE, FAR_GATE, CABINET = "介入库房门", "东院手术库房门", "导管室智能柜"  # the readers' names
SHELF = "MAIN-IS-A1-01"
# Labels as they come on a roll: on nothing yet.
CARTON, PALLET = "box/000700001", "box/000700002"
TOLD = ("recalled", "reader_silent", "expired", "expiring", "paper_lapsed", "cabinet")  # kinds of matters


def readers(teller: Teller, day: date) -> None:
    """Two gates and the reader of a cabinet: one was passed this morning, twice without a paper; one is silent."""
    sides = {"inside": [INSIDE], "outside": [OUTSIDE]}
    for number, (name, where, said) in enumerate((
        (GATE, STORE, {"kind": "gate", "protocol": "llrp", "address": SIMULATED, **sides}),
        (FAR_GATE, FAR, {"kind": "gate", "protocol": "mqtt", "address": "rfid/east/or-store", **sides}),
        (CABINET, smart_cabinet(WARD), {"kind": "cabinet", "protocol": "mqtt", "address": "rfid/main/cath-s1"}),
    )):  # fmt: skip
        teller.scene(teller.ago(40), 540 + number, _entered(name, where, said))
    today = teller.world.today
    for when, minute, reader, tags, way in (
        (teller.ago(3), 900, FAR_GATE, lambda stage: _moved(stage, Step.RECEIVE, FAR, 12), "in"),
        (today, 508, CABINET, _within, ""),
        (today, 560, GATE, lambda stage: _moved(stage, Step.RECEIVE, STORE, 24), "in"),
        (today, 590, GATE, lambda stage: _moved(stage, Step.ISSUE, STORE, 18), "out"),
        (today, 612, GATE, _lying, "out"),
    ):  # fmt: skip
        teller.scene(when, minute, _carried(reader, tags, way))


def _entered(name: str, where: str, said: dict[str, Any]) -> Callable[[Stage], object]:
    return lambda stage: enter_reader(
        actor=stage.rows.actors["admin"],
        key=f"demo:reader:{name}",
        name=name,
        place_id=stage.rows.places[where],
        **said,
    )


def _carried(reader: str, tags: Callable[[Stage], Iterable[str]], way: str) -> Callable[[Stage], object]:
    """A cart goes through a gate, or lies before the antenna of a cabinet; then its tags are gone."""

    def play(stage: Stage) -> None:
        now, kept = timezone.now(), Reader.objects.get(name=reader)
        sides = {"in": (OUTSIDE, INSIDE), "out": (INSIDE, OUTSIDE)}.get(way, (1, 1))
        reads = [
            Read(
                tag,
                antenna,
                now + timedelta(milliseconds=90 * number + 900 * step),
                -58 + step - number % 7,
                3,
            )
            for number, tag in enumerate(tags(stage))
            for step, antenna in enumerate(sides)
        ]
        hear(kept.pk, reads)
        close_what_is_gone(timezone.now() + 2 * GONE_AFTER)

    return play


def _moved(stage: Stage, step: Step, store: str, count: int) -> list[str]:
    """The tags of what a store last received, or issued, of those things that carry one."""
    end = "from_place" if step is Step.ISSUE else "to_place"
    inside = {f"{end}__path__contains": f"/{stage.rows.places[store]}/"}
    moved = Movement.objects.filter(event__step=step, unit__isnull=False, **inside).order_by("-pk")
    return _tags(moved.values_list("unit__epc", flat=True)[:count])


def _lying(stage: Stage) -> list[str]:
    """Two things that are still stock of the store."""
    here = Unit.objects.filter(place__path__contains=f"/{stage.rows.places[STORE]}/", status=Status.AVAILABLE)
    return _tags(here.filter(epc__startswith="01/").order_by("-pk").values_list("epc", flat=True)[:2])


def _within(stage: Stage) -> list[str]:
    """What was bound to things that lie in the cabinet."""
    inside = Alias.objects.filter(unit__place=stage.rows.places[smart_cabinet(WARD)])
    return list(inside.order_by("code").values_list("code", flat=True))


def _tags(epcs: Iterable[str]) -> list[str]:
    return [found[1] for epc in epcs if (found := tag_of(epc))]


def shared_device(teller: Teller, day: date) -> None:
    """A tablet at which the nurses of a ward take turns, each by badge."""

    def registered(stage: Stage) -> None:
        fields = DeviceFields("导管室共用平板", stage.rows.places[WARD], idle_minutes=3)
        _device, code = register_device(actor=stage.rows.actors["admin"], fields=fields)
        assert claim_device(code)

    def badge(stage: Stage) -> None:
        person = stage.rows.people["main-cath-1"]
        give_badge(actor=stage.rows.actors["admin"], person_id=person, code="0004711003")

    teller.scene(teller.ago(30), 550, registered)
    teller.scene(teller.ago(30), 555, badge)


def own_label(teller: Teller, day: date) -> None:
    """The campus prints its units on labels with a tag, and changed them once: the serial could not be read from a step away."""
    first = {**SHIPPED[LabelKind.UNIT], "rfid": True}
    elements = [
        {**each, "size": 3.2, "h": 3.4} if each.get("field") == "serial" else each
        for each in first["elements"]
    ]
    made: list[int] = []

    def saved(data: dict[str, Any], version: int) -> Callable[[Stage], None]:
        def play(stage: Stage) -> None:
            done = save_template(
                actor=stage.rows.actors["admin"], key=f"demo:label:{version}", kind=LabelKind.UNIT, data=data,
                name="总院射频标签", campus_id=stage.rows.places["MAIN"], template_id=made[0] if made else None,
            )  # fmt: skip
            made.append(done.id)

        return play

    teller.scene(teller.ago(60), 545, saved(first, 1))
    teller.scene(teller.ago(45), 620, saved({**first, "elements": elements}, 2))


def scan_page(teller: Teller, day: date) -> None:
    """Put away as scanned; two things of another campus, of which the store has looked into one; and a wrong code, dropped."""
    keeper, today = teller.world.keepers[STORE][0], teller.world.today
    [mine] = teller.units(STORE, 1, day, below=9_000)
    strange = teller.units(FAR, 2, day, below=6_000)
    lost = [(thing, f"demo:scan:strange:{number}") for number, thing in enumerate(strange)]
    teller.scene(today, 531, sent(keeper, "demo:scan:right", [label(mine), SHELF]))
    for number, (thing, key) in enumerate(lost):
        given = sent(
            keeper,
            key,
            [label(thing), SHELF],
            becomes=SentState.HANDED_ON,
            because="系统说在东院，实物在本库",
        )
        teller.scene(today, 540 + 60 * number, given)
    dropped = sent(
        keeper,
        "demo:scan:waybill",
        ["SF1369205471283", SHELF],
        becomes=SentState.DROPPED,
        because="扫到了快递单",
    )
    teller.scene(today, 545, dropped)
    teller.scene(today, 575, lambda stage: close_handed_on(
        actor=stage.rows.actors[LEAD], key="demo:scan:closed", sent_key=lost[0][1], note="随转运车误带，东院已来人取回",
    ))  # fmt: skip


def scanned_acts(teller: Teller, day: date) -> None:
    """By the scan page a carton is packed, one thing of it taken out again, and the carton put onto a pallet."""
    keeper, today = teller.world.keepers[STORE][0], teller.world.today
    things = teller.units(STORE, 3, day, below=9_000)
    labels = [label(each) for each in things]
    teller.scene(today, 550, sent(keeper, "demo:scan:pack", [*labels, CARTON, CARTON], flow="pack"))
    teller.scene(today, 556, sent(keeper, "demo:scan:unpack", [CARTON, labels[0], CARTON], flow="unpack"))
    teller.scene(today, 559, sent(keeper, "demo:scan:pallet", [CARTON, PALLET, PALLET], flow="pack"))


def told(teller: Teller, day: date) -> None:
    """What was open four days ago and is this morning: some is seen to by whom it concerns, some was escalated meanwhile. At the
    rest the server looks as soon as it stands."""
    for when, minute in ((teller.ago(4), 480), (teller.world.today, 616)):
        teller.scene(when, minute, lambda stage: look(timezone.now(), TOLD))
    for number, (who, kind, note) in enumerate((
        (LEAD, "reader_silent", "已报信息科，天线松动，今日修"),
        ("storekeeper", "expiring", "已约供应商换货"),
        ("officer", "recalled", "逐件核对中"),
    )):  # fmt: skip
        teller.scene(teller.world.today, 618 + number, _seen_to(who, kind, note))


def _seen_to(who: str, kind: str, note: str) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        actor = stage.rows.actors[who]
        ids = list(told_to(actor).filter(kind=kind).values_list("pk", flat=True)[:2])
        acknowledge(actor=actor, key=f"demo:told:{kind}", notification_ids=ids, note=note)

    return play


TALES = (readers, shared_device, own_label, scan_page, scanned_acts, told)


def lived(teller: Teller, day: date) -> None:
    """All of them, last of all tales: what they draw by lot changes no other."""
    for tale in TALES:
        tale(teller, day)
