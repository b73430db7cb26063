"""The days that a supplier names for a line: one, or one for each delivery that is still to come."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from yanji.flows.buying.answers import Promise
from yanji.flows.buying.owed import promise, schedule
from yanji.flows.models import OrderLine
from yanji.places.models import Place

from .sent import Sent, number_in

PART = "day:"


def with_schedule(lines: Iterable[OrderLine], goes_to: Place) -> None:
    """Give each line its ``schedule``, its last ``answer`` and, where more than one delivery is still to come, ``several``."""
    for line in lines:
        line.answer = max(line.answers.all(), key=lambda answer: answer.pk, default=None)
        said = promise(line)
        line.schedule = [
            replace(part, promised_on=said and said.day_of(part.slot)) for part in schedule(line, goes_to)
        ]
        left = [part for part in line.schedule if part.left]
        line.several = left if len(left) > 1 else []


def promises(sent: Sent) -> list[Promise]:
    """The days typed for single deliveries; what is left empty comes as ordered."""
    found = []
    for name in sent.data:
        part_id = number_in(name.removeprefix(PART)) if name.startswith(PART) else None
        day = sent.day(name, _("Comes on")) if part_id else None
        if part_id and day:
            found.append(Promise(part_id, day))
    return found
