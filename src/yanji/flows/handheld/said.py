"""What somebody says of a thing after it was scanned: why it is rejected, put in doubt, or taken out of turn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from yanji.ledger.api import Offence

from ..goods_in import REJECTED_AS, REJECTED_FOR
from ..reasons import reasons_in
from .sights import Handful, Sight
from .way import Way

# What a reason of a group answers: with it, this no more stands in the way.
ANSWERED: Mapping[str, frozenset[str]] = {
    "reject": frozenset(REJECTED_AS),
    "hold": frozenset(REJECTED_AS) - {"not_ordered", "over_delivered", *REJECTED_FOR},
    "override": frozenset({"override_reason_needed", "other_lot_asked"}),
}


def said_of_each(sights: Sequence[Sight]) -> list[Sight]:
    """What was said of a unit is said of every scan of it, however often it was scanned: the last word counts. Pure."""
    of_unit = {
        sight.meaning.epc: sight.reason for sight in sights if sight.reason and not _stands_alone(sight)
    }
    return [
        replace(sight, reason=of_unit.get(sight.meaning.epc, "")) if not _stands_alone(sight) else sight
        for sight in sights
    ]


def of_group(sight: Sight, group: str) -> str:
    """The code of what was said of a thing, where it is of this group of reasons. Pure."""
    said, _colon, code = sight.reason.partition(":")
    return code if said == group else ""


def _stands_alone(sight: Sight) -> bool:
    """Whether a scan is no second one of the same."""
    return sight.role != "thing" or sight.counted or not sight.meaning.epc


def with_reasons(found: Handful, way: Way) -> Handful:
    """The things with what was said of them. A reason that cannot be chosen is told. One statement where something was said."""
    groups = {sight.reason.partition(":")[0] for sight in found.sights if sight.reason}
    known = reasons_in(*groups) if groups else {}
    return replace(found, sights=[_said(sight, known) if sight.reason else sight for sight in found.sights])


def _said(sight: Sight, known: Mapping[str, Mapping[str, str]]) -> Sight:
    group, _colon, code = sight.reason.partition(":")
    left = [each for each in sight.meaning.offences if each.code not in ANSWERED[group]]
    if code not in known[group]:
        left.append(Offence("unknown_reason", code))
    return replace(sight, meaning=replace(sight.meaning, offences=tuple(left), ways_out=()))


def asked(sight: Sight, way: Way) -> list[str]:
    """The groups of reasons of which one may be said of a thing now. Pure."""
    if sight.role != "thing" or (not sight.meaning.item and not sight.meaning.box):
        return []
    codes = {offence.code for offence in sight.meaning.offences}
    return [
        group
        for group in way.reasons_of
        if sight.reason.startswith(f"{group}:")
        or (codes <= ANSWERED[group] if way.reasons_freely or codes else False)
    ]


def proposed(sight: Sight) -> str:
    """The reason that what stands in the way of a thing gives by itself. Pure."""
    found = (REJECTED_AS.get(offence.code) for offence in sight.meaning.offences)
    return next((f"reject:{code}" for code in found if code), "")
