"""Readings that survive when a scanner drops the separators, and when they may be trusted.

A value of variable length runs to the end of the scan when its separator is gone, and the lot silently
swallows
the serial number. So every way to cut the scan is listed; one way that stands alone is a reading, more are a
question to the person who holds the label.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from yanji.identity.gs1 import identity, problems, read_element_string
from yanji.identity.gs1_ai import AI_LENGTH, APPLICATIONS, Application
from yanji.identity.model import Identity, Reading, Reason, Unreadable

# What maker labels put after a lot or a serial number. A wider net would make every long lot ambiguous.
_FOLLOWERS = frozenset(("01", "10", "11", "17", "21"))
# When the plain reading is impossible anyway, everything a device label may carry is tried.
_DEVICE = _FOLLOWERS | {
    "02",
    "13",
    "15",
    "20",
    "22",
    "30",
    "37",
    "240",
    "241",
    "250",
    "251",
    "7003",
    "8012",
}
_DEVICE |= {"710", "711", "712", "713", "714", "715", "716", "717"}
_SWALLOWING = frozenset(("10", "21", "22", "240", "241", "250", "251"))
_FOLLOWER_INSIDE = re.compile(r".(?:21.|10.|1[17][0-9]{2}[01][0-9][0-3][0-9]|01[0-9]{14})")
_MOST_READINGS = 16
_MOST_STEPS = 20_000

Cut = list[tuple[str, str]]


def hides_a_field(elements: tuple[tuple[str, str], ...]) -> bool:
    """Quick test: the last value could have swallowed another field."""
    ai, value = elements[-1]
    return ai in _SWALLOWING and _FOLLOWER_INSIDE.search(value) is not None


def every_cut(text: str, fields: frozenset[str]) -> list[Cut]:
    """All ways to cut `text` into sound elements when any separator may be missing, at most 16.

    Each of `fields` may stand anywhere, once.
    """
    found: list[Cut] = []
    budget = _MOST_STEPS
    pending: list[tuple[int, Cut]] = [(0, [])]
    while pending and budget and len(found) < _MOST_READINGS:
        at, done = pending.pop()
        if at == len(text):
            found += [done] if done else []
            continue
        for application, stop in _next_fields(text, at, done, fields):
            budget = max(0, budget - 1)
            value = text[at + len(application.ai) : stop]
            if application.judge(value) is None:
                pending.append((stop, [*done, (application.ai, value)]))
    return [cut for cut in found if not problems(cut)[0]]


def _next_fields(text: str, at: int, done: Cut, fields: frozenset[str]) -> list[tuple[Application, int]]:
    length = AI_LENGTH.get(text[at : at + 2])
    application = APPLICATIONS.get(text[at : at + length]) if length else None
    if application is None or any(ai == application.ai for ai, _ in done):
        return []
    if application.ai not in fields:
        return []
    start = at + len(application.ai)
    if application.shortest == application.longest:
        return (
            [(application, start + application.longest)] if start + application.longest <= len(text) else []
        )
    most = min(len(text), start + application.longest)
    stops = [
        stop
        for stop in range(start + application.shortest, most + 1)
        if stop == len(text) or text[stop : stop + 2] in AI_LENGTH
    ]
    return [(application, stop) for stop in stops]


def second_look(
    text: str,
    plain: Reading,
    knows_di: Callable[[str], bool] | None,
    today: date | None = None,
) -> Reading:
    """The plain reading of a scan without separators, unless another cut of it is possible too.

    A cut that is not the plain one is accepted only when it is the single one and `knows_di` confirms the
    product; a catalogue that is not there confirms nothing.
    """
    if isinstance(plain, Identity):
        if not hides_a_field(plain.elements):
            return plain
        cuts = every_cut(text, _FOLLOWERS)
        if len(cuts) <= 1:
            return plain
        return _ask(text, cuts, "ambiguous_separators", today)
    cuts = every_cut(text, _DEVICE)
    if not cuts:
        return plain
    if len(cuts) > 1:
        return _ask(text, cuts, "ambiguous_separators", today)
    di = dict(cuts[0]).get("01")
    if di and knows_di is not None and knows_di(di):
        return _candidate(cuts[0], text, today, (Reason("separators_recovered"),))
    return _ask(text, cuts, "separators_lost", today)


def separator_guess(text: str, today: date | None = None) -> Unreadable | None:
    """When a foreign character stands where separators belong: the reason, with the reading it would give.

    Never accepted by itself: a profile learnt from the test barcode makes it certain.
    """
    foreign = set(re.findall(r"\^\]|[^!\"%-?A-Z_a-z\x1d]", text))
    if len(foreign) > 1:
        return None
    # Without a foreign character: one that data may hold but hardly ever do, such as `_` or `;`.
    suspects = foreign or set(re.findall(r"[^0-9A-Za-z\-./]", text))
    mended = {
        suspect: reading
        for suspect in suspects
        if isinstance(reading := _with_separator(text, suspect, today), Identity)
    }
    if len(mended) != 1:
        return None
    ((suspect, reading),) = mended.items()
    return Unreadable((Reason("separator_replaced", suspect),), (reading,), partial=reading, text=text)


def _with_separator(text: str, suspect: str, today: date | None) -> Reading:
    return read_element_string(text.replace(suspect, "\x1d"), today=today, low=True)


def _candidate(cut: Cut, text: str, today: date | None, warnings: tuple[Reason, ...] = ()) -> Identity:
    return identity(cut, "gs1-element-string", warnings=warnings, text=text, low=True, today=today)


def _oddness(cut: Cut) -> tuple[int, int]:
    """Sorts what most labels look like to the front: everyday fields, and each value cut as far as it goes."""
    return sum(ai not in _FOLLOWERS for ai, _ in cut), -len(cut)


def _ask(text: str, cuts: list[Cut], code: str, today: date | None) -> Unreadable:
    candidates = tuple(_candidate(cut, text, today) for cut in sorted(cuts, key=_oddness))
    partial = candidates[0] if len(candidates) == 1 else None
    return Unreadable((Reason(code, str(len(candidates))),), candidates, partial=partial, text=text)
