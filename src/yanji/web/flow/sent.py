"""What a form sent, field by field; every complaint is kept, so that one answer names them all."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop

from yanji.ledger.api import Offence, Refused
from yanji.ledger.refused import SENTENCES
from yanji.sheets.cells import money

from ..asked import written

SENTENCES.update(
    {
        "field_missing": gettext_noop("“{field}” is empty. Fill it in."),
        "bad_day": gettext_noop("{field}: “{value}” is not a date. Write it as 2027-01-31."),
        "bad_whole": gettext_noop("{field}: “{value}” is not a whole number from 1 to 999,999,999."),
        "bad_part": gettext_noop(
            "{field}: a delivery needs its day and its pieces, a whole number above zero."
        ),
        "bad_amount": gettext_noop("{field}: “{value}” is not an amount. Write it as 1280.50 or 1,280.50."),
        "bad_measured": gettext_noop("{field}: “{value}” is not a number above zero. Write it as 2.5."),
        "choose_again": gettext_noop("{field}: this choice is not one of those offered. Choose again."),
        "one_item": gettext_noop("{field}: choose exactly one."),
        "no_open_order": gettext_noop(
            "{thing} leads to no open order. Scan the order's number, or choose it from the list."
        ),
        "no_shelf_here": gettext_noop(
            "{thing} is neither a shelf where you put away nor the code of a thing. Scan the unit, or a shelf of your store."
        ),
        "not_a_requisition": gettext_noop(
            "{thing} is not the number of a requisition. Scan the slip, or choose it from the list."
        ),
        "bad_celsius": gettext_noop(
            "{field}: “{value}” is not a temperature. Write it in degrees Celsius, as 4.5 or -20."
        ),
        "not_a_transfer": gettext_noop(
            "{thing} is no transfer and on its way with none. Scan the note, or choose it from the list."
        ),
        "not_a_case": gettext_noop(
            "{thing} is neither a case, nor a patient known here, nor a unit. Check what you scanned."
        ),
        "not_awaited": gettext_noop(
            "{thing} is not on its way to your department. Check the label, or ask the store."
        ),
        "case_first": gettext_noop("Scan the case or the wristband first, then the units."),
        "broken_text": gettext_noop("{field}: the text arrived damaged. Type it again."),
    }
)
MOST_DIGITS = 9


def number_in(text: str, digits: int = 18) -> int | None:
    """The whole number that a field names, of so many digits at most; None for anything else. An id fits 18 digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def numbers_in(texts: Iterable[str]) -> list[int]:
    """The whole numbers among what several fields name, in order; what is none is passed over."""
    return [number for number in map(number_in, texts) if number is not None]


class Sent:
    """The fields of one request. Reading a bad one gives nothing and keeps the complaint until :meth:`check`."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data
        self.offences: list[Offence] = []

    def text(self, name: str, label: Any = "", *, required: bool = False) -> str:
        value = self.data.get(name, "").strip()
        if "\ufffd" in value:
            # What a browser sends is UTF-8; this was not, and what it meant is lost.
            self.complain("broken_text", label or name)
            return ""
        if required and not value:
            self.complain("field_missing", label or name)
        return value

    def number(self, name: str, label: Any = "") -> int:
        """The id behind a choice; zero, with a complaint, where none was made."""
        value = self.data.get(name, "").strip()
        if not value:
            self.complain("field_missing", label or name)
        elif not value.isascii() or not value.isdigit() or len(value) > 18:
            self.complain("choose_again", label or name)
        else:
            return int(value)
        return 0

    def day(self, name: str, label: Any = "") -> date | None:
        return self.as_day(self.data.get(name, ""), label or name)

    def as_day(self, value: str, label: Any) -> date | None:
        text = value.strip()
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.complain("bad_day", label, value=text[:40])
            return None

    def moment(self, name: str, label: Any = "") -> datetime | None:
        """A local time as the browser sends it, made aware in the hospital's zone."""
        text = self.data.get(name, "").strip()
        if not text:
            return None
        try:
            found = parse_datetime(text)
        except ValueError:
            found = None
        if found is None:
            self.complain("bad_day", label or name, value=text[:40])
            return None
        return found if found.tzinfo else timezone.make_aware(found)

    def whole(self, value: str, label: Any) -> int:
        """A whole number above zero; one, with a complaint, for anything else."""
        text = value.strip()
        if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS or int(text) == 0:
            self.complain("bad_whole", label, value=text[:40])
            return 1
        return int(text)

    def amount(self, value: str, label: Any, *, below_zero: bool = False) -> Decimal:
        """Money, as pages print it or without its commas: zero or more, or, where a credit makes sense, less."""
        found = written(money(value) or "0")
        if not found.is_finite() or (found < 0 and not below_zero) or abs(found) >= 10**10:
            self.complain("bad_amount", label, value=value[:40])
            return Decimal(0)
        return found

    def complain(self, code: str, label: Any, **facts: Any) -> None:
        self.offences.append(Offence(code, facts={"field": str(label), **facts}))

    def check(self) -> None:
        """Raises :class:`Refused` with everything that was wrong."""
        if self.offences:
            raise Refused.of(self.offences)
