"""One case in a theatre, from the plan to the bill: what the tales of theatres are told with."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.cart import set_back, set_out, waste
from yanji.flows.theatre.charge import confirm_charges, request_charges
from yanji.flows.theatre.closing import close_case
from yanji.flows.use import change_case, plan_case, use

from ..record import Piece, Thing
from ..stage import made, place, these
from ..teller import Teller

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SITES = {
    "CATH": (("前降支近段", ""), ("右冠中段", ""), ("回旋支", "")),
    "BOR": (("髋关节", "left"), ("髋关节", "right"), ("膝关节", "right"), ("腰椎 L4/5", "")),
}


class Surgery:
    """One case: each method is one thing that somebody does in it."""

    def __init__(
        self, teller: Teller, name: str, department: str, procedure: str, surgeon: str, day: date,
        *, sites: Sequence[tuple[str, str]] = (),
    ) -> None:  # fmt: skip
        self.teller, self.name, self.department = teller, f"case:{name}", department
        self.procedure, self.surgeon, self.day = procedure, surgeon, day
        self.sites = sites or SITES.get(department.rsplit("-", maxsplit=1)[-1], (("", ""),))
        teller.cases += 1
        self.number = f"C{day:%y%m%d}9{teller.cases:02d}"
        self.patient = "PT-" + "".join(teller.rng.choices(ALPHABET, k=8))
        self.nurse = teller.keeper(department)

    def plan(self, day: date, minute: float, at: float) -> None:
        """Enter it; ``at``: the minute of its day at which it begins."""
        self._do(
            day, minute, plan_case, name=self.name, number=self.number, patient_token=self.patient,
            department_id=place(self.department), procedure=self.procedure, operator=self.surgeon, planned_at=self._moment(at),
        )  # fmt: skip

    def _moment(self, at: float) -> datetime:
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=self.teller.world.zone)
        return midnight + timedelta(minutes=at)

    def move(self, day: date, minute: float, at: float) -> None:
        """Another hour of its day than was written down first."""
        self._do(
            day, minute, change_case, case_id=made(self.name), patient_token=self.patient, procedure=self.procedure,
            operator=self.surgeon, planned_at=self._moment(at),
        )  # fmt: skip

    def set_out(self, minute: float, things: Sequence[Thing]) -> None:
        self._do(self.day, minute, set_out, case_id=made(self.name), things=these(things))

    def use(
        self, minute: float, things: Sequence[Thing], *, implants: Sequence[Piece] = (), **more: Any
    ) -> None:
        """Second scan: the wristband. ``implants``: those whose place in the body is said at once, of what stays in it."""
        told = [
            Implanted(thing.epc, *self.site())
            for thing in implants
            if self.teller.world.item(thing.item).family.implant
        ]
        self._do(
            self.day, minute, use, department_id=place(self.department), case_number=self.number,
            patient_token=self.patient, confirmed_by=self.patient, things=these(things), procedure=self.procedure,
            operator=self.surgeon, implants=told, **more,
        )  # fmt: skip

    def site(self) -> tuple[str, str]:
        return self.teller.rng.choice(self.sites)

    def set_back(self, minute: float, things: Sequence[Thing]) -> None:
        self._do(self.day, minute, set_back, case_id=made(self.name), things=these(things))

    def waste(self, minute: float, things: Sequence[Thing], reason: str, note: str = "") -> None:
        self._do(
            self.day, minute, waste, case_id=made(self.name), things=these(things), reason=reason, note=note
        )

    def close(self, minute: float, **more: Any) -> None:
        self._do(self.day, minute, close_case, case_id=made(self.name), **more)

    def charge(self, day: date, minute: float, *, confirmed: bool = True) -> None:
        self._do(day, minute, request_charges, case_id=made(self.name))
        if confirmed:
            self._do(day, minute + 25, confirm_charges, case_id=made(self.name))

    def _do(self, day: date, minute: float, verb: Any, **given: Any) -> None:
        self.teller.do(day, minute, verb, self.nurse, **given)
