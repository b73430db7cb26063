"""Somebody looks into a case of a cabinet: it is entered for the person who has the thing, or explained in words; taken back,
what was entered is to be looked into again."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.ledger.api import Refused, unit_views
from yanji.ledger.models import Event

from ..acts import Done, moment, verb
from ..documents import allow, reached
from ..gates import check
from ..paper_words import told
from ..queries import within
from ..states import CabinetCaseState
from ..validity import Findings
from .judge import Areas, taker_of
from .models import CabinetCase, DoorEvent
from .post import Entered
from .report import bring, take

# Who looks after the shelves of a store, or takes in for a department.
LOOKS_INTO = ("store", "take_in")


def _looked_after(actor: Actor) -> Sequence[str]:
    return [path for operation in LOOKS_INTO for path in actor.scopes.get(operation, ())]


def open_cases(actor: Actor) -> QuerySet[CabinetCase]:
    """Open cases of the cabinets that the actor looks after, the oldest first."""
    found = CabinetCase.objects.filter(within("cabinet", _looked_after(actor)), outcome="")
    return found.select_related("cabinet", "item", "door__person").order_by("pk")


def door_events(actor: Actor, *, cabinet_id: int | None = None, limit: int = 30) -> list[DoorEvent]:
    """What the doors reported last, with who it was; of one cabinet, where it is named. One statement."""
    found = DoorEvent.objects.filter(within("cabinet", _looked_after(actor)))
    found = found if cabinet_id is None else found.filter(cabinet=cabinet_id)
    return list(found.select_related("cabinet", "person").order_by("-happened_at", "-pk")[:limit])


def case_of(actor: Actor, case_id: int, *, lock: bool = False) -> CabinetCase:
    """A case, for who looks after its cabinet; hidden and absent answer alike."""
    found = CabinetCase.objects.select_related("cabinet", "door", "item")
    found = found.select_for_update(of=("self",)) if lock else found
    case = found.filter(pk=case_id).first() if 0 < case_id < 2**63 else None
    if case is None:
        raise NotFound("cabinet_case")
    may = next((each for each in LOOKS_INTO if actor.may(each, case.cabinet.path)), LOOKS_INTO[0])
    check(actor, [case.cabinet.path], may=may, thing=case.thing)
    return case


@verb
def settle_case(
    *,
    actor: Actor,
    key: str,
    case_id: int,
    username: str = "",
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Enter a thing for the person named (``username``) who took or brought it; or, with nobody named, say in ``note`` what
    was found, and nothing is entered.

    ``facts.warnings``: papers amiss of what was taken. Raises :class:`Refused`: settled already, no words where nobody is
    named, nobody of that name, and why it cannot be entered for that person either.
    """
    case = case_of(actor, case_id, lock=True)
    allow("cabinet_case", "settle", number=case.thing, state=case.state, label=str(case.state.label))
    at, found = moment(happened_at), Entered()
    if username:
        found = _enter(case, _somebody(username), key=key, at=at, device=actor.name)
    elif not note.strip():
        raise Refused("explanation_needed")
    state = CabinetCaseState.CREDITED if username else CabinetCaseState.EXPLAINED
    case.outcome = reached("cabinet_case", "settle", state)
    case.note, case.settled_at, case.settled_by_id = note, at, actor.person_id
    case.events = found.events
    case.save()
    facts = Findings(warnings=found.warnings()).facts()
    return Done(case.cabinet.code, case.pk, case.outcome, tuple(found.events), facts)


def _somebody(username: str) -> Person:
    person = Person.objects.select_related("department").filter(username=username, is_active=True).first()
    if person is None:
        raise Refused("cabinet_no_such_person", thing=username)
    return person


def _enter(case: CabinetCase, person: Person, *, key: str, at: datetime, device: str) -> Entered:
    unit = unit_views([case.thing]).get(case.thing)
    if unit is None:
        code = case.code if not case.of_a_unit else "cabinet_unknown_tag"
        raise Refused.of([told(code, case.thing, case.facts)])
    areas = Areas([case.cabinet.path, unit.place_path])
    taker = taker_of(person, today=timezone.localdate(at), device=device[:80])
    act = take if case.way == CabinetCase.Way.TAKEN else bring
    found = act([unit], taker, areas, cabinet=case.cabinet, key=key, at=at)
    if found.refused:
        raise Refused.of(found.refused.values())
    return found


def case_taken_back(event: Event) -> Callable[[str], None] | None:
    """For ``correction``: the case that an entry settled is open again. None: it settled none; no statement where no cabinet
    had a part in it. Of several entries the first that is taken back opens it."""
    if "cabinet" not in event.documents:
        return None
    entered = CabinetCase.objects.select_for_update().filter(
        outcome=CabinetCaseState.CREDITED, events__contains=[str(event.pk)]
    )
    case = entered.first()
    if case is None:
        return None

    def finish(_correcting: str) -> None:
        reached("cabinet_case", "reopen", CabinetCaseState.OPEN)
        again = CabinetCase.objects.filter(
            cabinet=case.cabinet_id, way=case.way, thing=case.thing, outcome=""
        )
        if again.exists():  # the door has asked anew meanwhile
            return
        case.outcome, case.note, case.events = "", "", []
        case.settled_at = case.settled_by = None
        case.save()

    return finish
