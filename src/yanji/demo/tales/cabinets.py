"""Smart cabinets of two departments: tagged things go in, doors open by a badge, and what nobody could enter is looked into."""

from collections.abc import Iterable
from datetime import date

from yanji.access.badges import give_badge
from yanji.flows.cabinets.models import CabinetCase
from yanji.flows.cabinets.report import door_closed, door_opened
from yanji.flows.cabinets.settle import settle_case
from yanji.flows.codes import add_code, take_code
from yanji.flows.putaway import put_away

from ..campuses import smart_cabinet
from ..record import Piece
from ..staff import CABINETS
from ..stage import Stage, place, these
from ..teller import Teller

LEAD = "lead-main"
UNITS = 10  # tagged in each cabinet
STRAY = "E2801160600002F7A1B20001"  # a tag that somebody lost in the cabinet
MISPUT = "E2801160600002F7A1B20002"  # a tag that was put on a unit of the shelf beside it


class Cabinet:
    """One cabinet with what is tagged in it, and a nurse with a badge who goes to it."""

    def __init__(self, teller: Teller, department: str, number: int, nurse: str, day: date) -> None:
        self.teller, self.nurse, self.code = teller, nurse, smart_cabinet(department)
        self.badge = f"0004711{number:03d}"
        self.inside = teller.units(department, UNITS, day, below=9_000)
        self.tags = {thing.epc: f"E28011606000020F{number:02X}{n:06X}" for n, thing in enumerate(self.inside)}
        self.department = department

    def fill(self, day: date, minute: float) -> None:
        """Everything gets its tag and is laid in; the nurse gets a badge."""
        teller = self.teller
        for thing in self.inside:
            teller.do(day, minute, add_code, LEAD, epc=thing.epc, code=self.tags[thing.epc])
        teller.do(
            day, minute + 8, put_away, LEAD, things=these(self.inside), to_place_id=place(self.code),
            from_place_id=place(f"{self.department}-C1"),
        )  # fmt: skip
        teller.scene(day, minute + 12, self._give_badge)

    def _give_badge(self, stage: Stage) -> None:
        person = stage.rows.people[self.nurse]
        give_badge(actor=stage.rows.actors["admin"], person_id=person, code=self.badge)

    def visit(
        self, day: date, minute: float, out: Iterable[Piece] = (), *, badge: bool = True, stray: str = ""
    ) -> None:
        """The door opens and closes; all is inside but what is ``out``."""
        away = {thing.epc for thing in out}
        tags = [self.tags[thing.epc] for thing in self.inside if thing.epc not in away]
        badge_code = self.badge if badge else ""
        do, cabinet = self.teller.do, place(self.code)
        do(day, minute, door_opened, CABINETS, cabinet_id=cabinet, badge=badge_code)
        do(day, minute + 2, door_closed, CABINETS, cabinet_id=cabinet, tags=[*tags, *filter(None, [stray])])

    def settle(self, day: date, minute: float, thing: str, **said: str) -> None:
        """A storekeeper looked into it."""
        self.teller.do(day, minute, settle_case, LEAD, case_id=lambda stage: _open_case(thing), **said)


def _open_case(thing: str) -> int:
    return CabinetCase.objects.get(thing=thing, outcome="").pk


def filled(teller: Teller, day: date) -> None:
    """Two cabinets live: taken out and brought back, taken by somebody unknown and once brought back by them, a stray tag, a tag
    on the wrong unit, and one open this morning."""
    first = teller.after(day)
    heart = Cabinet(teller, "MAIN-CATH", 1, "nurse", day)
    rhythm = Cabinet(teller, "MAIN-EP", 2, "main-ep-1", day)
    teller.do(first, 455, add_code, LEAD, epc=heart.inside[0].epc, code=MISPUT)
    teller.do(first, 457, take_code, LEAD, code=MISPUT, reason="wrong_unit", note="应贴在隔壁货位的单件")
    for number, cabinet in enumerate((heart, rhythm)):
        cabinet.fill(first, 460 + 30 * number)
        for week in range(3):
            taken = cabinet.inside[2 * week : 2 * week + 2]
            out = teller.after(first, 1 + 4 * week)
            cabinet.visit(out, 512 + number, taken)
            cabinet.visit(teller.after(out), 985 + number)
    found = teller.after(first, 14)
    by_nobody = heart.inside[7]
    heart.visit(found, 1310, [by_nobody], badge=False)
    heart.settle(teller.after(found), 515, by_nobody.epc, username=heart.nurse, note="监控核实，夜班急用")
    heart.visit(teller.after(found), 1000)
    later = teller.after(found, 3)
    heart.visit(later, 1312, heart.inside[8:9], badge=False)
    heart.visit(teller.after(later), 499)
    rhythm.visit(found, 720, stray=STRAY)
    rhythm.settle(teller.after(found), 520, STRAY, note="脱落的标签，已销毁")
    today = teller.world.today
    heart.visit(today, 505, heart.inside[:2])
    rhythm.visit(today, 510, rhythm.inside[4:5], badge=False)
