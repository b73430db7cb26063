"""Why an act was not done. Every code has one sentence that says what is wrong and what to do about it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yanji.places.spoken import Spoken, heard, kept

from .fields import field_words


@dataclass(frozen=True, slots=True)
class Offence:
    """One thing that stands in the way, with what is known about it."""

    code: str
    thing: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """The sentence for a person, in the current language."""
        template = SENTENCES.get(self.code)
        if template is None:
            return self.code
        facts = {
            "thing": self.thing,
            **{name: "" if fact is None else heard(fact) for name, fact in self.facts.items()},
        }
        if "field" in facts:
            facts["field"] = field_words(str(facts["field"]))
        return _(template).format_map(_Known(facts))

    def facts_kept(self, longest: int | None = None) -> dict[str, Any]:
        """The facts as JSON keeps them for :meth:`sentence`: names in both languages, also that of the thing. Pure."""
        named = {"thing": self.thing} if isinstance(self.thing, Spoken) else {}
        facts = {**named, **self.facts}
        return {name: kept("" if fact is None else fact, longest) for name, fact in facts.items()}


def clock(moment: datetime) -> str:
    """A moment as people here read it: day and time by the house's clock."""
    with suppress(OverflowError):  # typed in the year 9999: in another zone no calendar has it
        moment = timezone.localtime(moment)
    return f"{moment:%Y-%m-%d %H:%M}"


def _text(thing: object) -> str:
    return thing if isinstance(thing, str) else str(thing)


class _Known(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


class Refused(Exception):
    """A business rule says no. Names every offending thing, not only the first; nothing was written.

    ``code`` is the one code that all offences share, or ``several``.
    """

    def __init__(self, code: str, offences: Iterable[Offence] = (), **facts: Any) -> None:
        self.offences: tuple[Offence, ...] = tuple(offences) or (
            Offence(code, _text(facts.pop("thing", "")), facts),
        )
        self.code = code
        super().__init__(code)

    @classmethod
    def of(cls, offences: Iterable[Offence]) -> "Refused":
        """One refusal for all offences."""
        found = tuple(offences)
        codes = {offence.code for offence in found}
        return cls(codes.pop() if len(codes) == 1 else "several", found)

    def sentences(self) -> list[str]:
        """One sentence an offence, in the current language."""
        return [offence.sentence() for offence in self.offences]

    def __str__(self) -> str:
        shown = self.sentences()[:5]
        more = len(self.offences) - len(shown)
        return " ".join(shown) + (f" (+{more})" if more else "")


SENTENCES: dict[str, str] = {
    "key_missing": gettext_noop("This request has no key of its own. Reload the page and try again."),
    "key_reused": gettext_noop("This request was already used for something else. Reload the page and start again."),
    "empty": gettext_noop("Nothing was scanned. Scan at least one unit."),
    "too_many_lines": gettext_noop("{count} lines are too many for one document. Split it: {limit} at most."),
    "bad_text": gettext_noop("The field “{field}” holds characters that cannot be stored, or is too long. Type it again."),
    "in_future": gettext_noop("The time {at} lies in the future. Check the clock of the device, or the time you typed."),
    "before_receipt": gettext_noop(
        "{thing} came on {received}; nothing can have happened to it here on {at}. Enter the time when it happened; where the"
        " receipt bears a wrong time, take it back and enter it again."
    ),
    "reason_needed": gettext_noop("This step needs a reason. Say why, or choose one of those offered."),
    "witness_needed": gettext_noop("This step needs a second person. Have a colleague confirm."),
    "witness_is_actor": gettext_noop("The second person must be somebody else. Have a colleague confirm."),
    "patient_needed": gettext_noop("Use needs a case number and a patient. Scan the wristband or type the case."),
    "scanned_twice": gettext_noop("{thing} was scanned twice. Remove one of the two lines."),
    "unknown_unit": gettext_noop("{thing} is not known here. Receive it first, or scan the other symbol on the label."),
    "unknown_place": gettext_noop("The place is not known, or closed. Choose another one."),
    "unknown_item": gettext_noop("{thing} belongs to no item of the catalogue. Ask for it to be added."),
    "unknown_event": gettext_noop("There is no such entry."),
    "wrong_tracking": gettext_noop("{thing} is tracked the other way (by unit or by lot). Enter it as its item says."),
    "wrong_status": gettext_noop("{thing} is “{status}”; this step needs it to be {needed}."),
    "already_used": gettext_noop("{thing} was already used on a patient. Take another one, and report this label."),
    "expired": gettext_noop("{thing} expired on {expiry}. Put it aside and take another one."),
    "recalled": gettext_noop("{thing} is recalled. Put it into the quarantine box and take another one."),
    "lot_recalled": gettext_noop(
        "Lot {lot} of {thing} is recalled ({notice}). Send it back to its supplier, or have it scrapped."
    ),
    "on_hold": gettext_noop("{thing} is on hold. Put it into the quarantine box and take another one."),
    "reserved": gettext_noop("{thing} is reserved for {reserved_for} until {until}. Take another one."),
    "elsewhere": gettext_noop("{thing} is recorded at {place}. Check the label; if it is really here, report the difference."),
    "wrong_place": gettext_noop("{thing} cannot take this step from, or to, a place of this kind."),
    "not_consigned": gettext_noop("{thing} belongs to the hospital, not to a supplier. Return it as hospital goods."),
    "same_place": gettext_noop("{thing} is already there. Scan the place where it goes."),
    "wrong_temperature": gettext_noop("{thing} needs “{needed}”; the place keeps “{kept}”. Choose another place."),
    "not_enough": gettext_noop("There are {available} of {thing}, not {wanted}. Enter what is there."),
    "bad_quantity": gettext_noop("The quantity of {thing} must be above zero, with three decimals at most."),
    "bad_cost": gettext_noop("The price of {thing} must be zero or more, in cents."),
    "not_yours": gettext_noop("You may not do this with {thing} at this place. Ask the one who may, or your administrator."),
    "licence_lapsed": gettext_noop("A licence of the supplier ({kind}) is not valid on {day}. Renew it, or send the goods back."),
    "duplicate_identity": gettext_noop("{thing} is already in the ledger. Look it up before you receive it again."),
    "other_item": gettext_noop("{thing} is recorded as another item than the one given. Scan its label again."),
    "duplicate_serial": gettext_noop("The serial number of {thing} is already known for this item. Look it up first."),
    "moved_on": gettext_noop("{thing} has moved on since. Correct the later entry first."),
    "already_corrected": gettext_noop("This entry was already corrected."),
    "cannot_correct": gettext_noop("An entry of this kind cannot be taken back."),
    "several": gettext_noop("Several things stand in the way."),
}  # fmt: skip

# What the database refused although the rules let it pass: the constraint's name says which rule.
CONSTRAINTS: dict[str, str] = {
    "unit_serial_unique": "duplicate_serial",
    "level_not_negative": "not_enough",
    "movement_changes_something": "same_place",
    "movement_quantity_positive": "bad_quantity",
    "event_two_persons": "witness_is_actor",
    "use_names_case_and_patient": "patient_needed",
    "event_key_given": "key_missing",
}
