"""What a field is called by people: a refusal says it in their words, where a program's name for it is all that is known."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

FIELDS = {
    "case_number": gettext_noop("Case"),
    "carrier": gettext_noop("Carrier"),
    "code": gettext_noop("Code"),
    "collected_on": gettext_noop("Collected on"),
    "comment": gettext_noop("Comment"),
    "credit_due": gettext_noop("Credit due on"),
    "due_on": gettext_noop("Due on"),
    "epc": gettext_noop("Identity"),
    "expected_on": gettext_noop("Expected on"),
    "expiry": gettext_noop("Expiry date"),
    "family": gettext_noop("Item family"),
    "file_name": gettext_noop("Name of the file"),
    "handed_to": gettext_noop("Handed to"),
    "happened_at": gettext_noop("When it happened"),
    "hold_reason": gettext_noop("Reason"),
    "invoiced_on": gettext_noop("Date of the invoice"),
    "issued_on": gettext_noop("Issued on"),
    "list_name": gettext_noop("Name of the list"),
    "lot": gettext_noop("Lot"),
    "made": gettext_noop("Date of manufacture"),
    "measure": gettext_noop("Measure"),
    "name_en": gettext_noop("Name (English)"),
    "name_zh": gettext_noop("Name (Chinese)"),
    "needed_by": gettext_noop("Needed by"),
    "note": gettext_noop("Note"),
    "number": gettext_noop("Number"),
    "operator": gettext_noop("Operator"),
    "patient_token": gettext_noop("Wristband"),
    "planned_at": gettext_noop("Planned for"),
    "procedure": gettext_noop("Procedure"),
    "promised_on": gettext_noop("Promised for"),
    "reason": gettext_noop("Reason"),
    "reference": gettext_noop("Number on the paper"),
    "serial": gettext_noop("Serial"),
    "text": gettext_noop("Remark"),
    "until": gettext_noop("Until"),
    "valid_from": gettext_noop("Valid from"),
    "valid_to": gettext_noop("Valid to"),
}


def field_words(name: str) -> str:
    """The field in the reader's language; one that nobody named stays as it is."""
    return _(FIELDS[name]) if name in FIELDS else name
