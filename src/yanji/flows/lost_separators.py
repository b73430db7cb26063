"""What a scan that its scanner sent without separators names: the one of its possible readings that is recorded here."""

from collections.abc import Mapping
from dataclasses import replace

from yanji.identity import Identity, Reading, Unreadable
from yanji.identity.model import Reason
from yanji.ledger.api import UnitView

LOST = {"ambiguous_separators", "separators_lost"}


def possible(reading: Reading) -> tuple[Identity, ...]:
    """The ways in which it may be read where separators were lost; none of any other reading."""
    if not isinstance(reading, Unreadable) or not any(reason.code in LOST for reason in reading.reasons):
        return ()
    return reading.candidates


def settled(reading: Reading, units: Mapping[str, UnitView]) -> Reading:
    """The possible reading that names a recorded unit (``units``, by identity) with the lot and the expiry of its record.
    As it is where none does, or several do: nobody guesses which piece somebody holds. Pure."""
    fitting = [each for each in possible(reading) if _fits(each, units.get(each.epc or ""))]
    if len(fitting) != 1:
        return reading
    return replace(fitting[0], warnings=(*fitting[0].warnings, Reason("separators_recovered")))


def _fits(reading: Identity, unit: UnitView | None) -> bool:
    if unit is None:
        return False
    return reading.lot in {None, unit.lot} and reading.expiry in {None, unit.expiry}
