"""What the database refused although every check let it pass: the constraint's name says which sentence is told.

Most of these are met only by two people who change the same thing at once, or by a fault of ours; both get words
instead of a broken page, and a fault is written to the log.
"""

import logging

import psycopg
from django.db import IntegrityError

from yanji.ledger.api import Refused, constraint_of
from yanji.ledger.refused import CONSTRAINTS as LEDGER

from .buying.refusals import CONSTRAINTS as BUYING
from .cabinets.refusals import CONSTRAINTS as CABINETS
from .differing.refusals import CONSTRAINTS as DIFFERING
from .disposal.refusals import CONSTRAINTS as DISPOSAL
from .handheld.refusals import CONSTRAINTS as HANDHELD
from .inspecting.refusals import CONSTRAINTS as INSPECTING
from .lending.refusals import CONSTRAINTS as LENDING
from .packing.refusals import CONSTRAINTS as PACKING
from .printing.refusals import CONSTRAINTS as PRINTING
from .rfid.refusals import CONSTRAINTS as RFID
from .sendback.refusals import CONSTRAINTS as SENDBACK
from .supply.refusals import CONSTRAINTS as SUPPLY
from .theatre.refusals import CONSTRAINTS as THEATRE
from .transfer.refusals import CONSTRAINTS as TRANSFER
from .waves.refusals import CONSTRAINTS as WAVES

_log = logging.getLogger(__name__)

# Those with a sentence of their own; ways of naming say the rest.
_SAID: dict[str, tuple[str, ...]] = {
    "over_delivered": ("order_line_not_over_received",),
    "over_picked": ("requisition_line_not_over_picked",),
    "over_issued": ("requisition_line_not_over_issued",),
    "over_taken_in": ("issue_line_not_over_taken_in",),
    "in_another_box": ("flows_boxedunit_pkey",),
    "reason_code_twice": ("reason_code_once",),
    "bad_reason_code": ("reason_code_sound",),
    "reason_unnamed": ("reason_named",),
    "reason_needed": (
        "override_reason_given",
        "withdrawal_reason_given",
        "lot_recall_end_reason_given",
        "unit_code_release_reason_given",
    ),
    "code_of_other_unit": ("unit_code_on_one_unit",),
    "approval_asked_meanwhile": ("approval_level_once",),
    "approval_twice": ("approval_person_once",),
    "approval_by_requester": ("approval_not_by_requester",),
    "approval_comment_needed": ("approval_refusal_commented",),
    "approval_rule_twice": ("approval_rule_level_once",),
    "bad_from_amount": ("approval_rule_amount_sound",),
    "already_corrected": ("flows_withdrawal_pkey",),
    "attachment_empty": ("attachment_not_empty",),
    "offered_already": ("offered_paper_waits_once",),
    "paper_number_needed": ("offered_paper_reference_given",),
    "nothing_said": ("remark_says_something",),
    "explanation_needed": ("variance_explained_in_words",),
    "box_in_itself": ("box_not_in_itself", "kit_not_in_itself"),
    "patient_needed": ("case_names_patient",),
    "key_missing": ("act_key_given",),
    "receiver_needed": ("handover_receiver_named",),
    "same_place": ("requisition_between_two_places",),
    "taken_meanwhile": ("grant_once", "count_scan_once"),
    "bad_price": ("order_line_price_not_negative", "price_not_negative"),
}
_BY_ENDING: tuple[tuple[str, str], ...] = (
    ("_positive", "quantity_needed"),
    ("_is_one", "quantity_needed"),
    ("_once", "stands_twice"),
    ("_in_order", "days_cross"),
    ("_no_overlap", "days_cross"),
    ("_one_a_day", "days_cross"),
    ("_unique", "taken_meanwhile"),
    ("_key", "taken_meanwhile"),
    # Django's own on counters (`flows_orderline_received_check`): somebody took back more than there was.
    ("_check", "below_nothing"),
)
CONSTRAINTS: dict[str, str] = (
    LEDGER
    | BUYING
    | THEATRE
    | TRANSFER
    | DIFFERING
    | WAVES
    | CABINETS
    | PACKING
    | PRINTING
    | DISPOSAL
    | HANDHELD
    | SENDBACK
    | RFID
    | INSPECTING
    | LENDING
    | SUPPLY
    | {name: code for code, names in _SAID.items() for name in names}
)
_OURS = (psycopg.errors.CheckViolation, psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation)


def code_of(constraint: str) -> str:
    """The code of the refusal behind a constraint's name: its own, what its ending says, or that a rule was broken."""
    told = (code for ending, code in _BY_ENDING if constraint.endswith(ending))
    return CONSTRAINTS.get(constraint) or next(told, "broken_rule")


def refusal(error: IntegrityError) -> Refused | None:
    """A database error as a refusal in words; None where it is not a rule that was broken but something missing."""
    if not isinstance(error.__cause__, _OURS):
        return None
    name = constraint_of(error)
    code = code_of(name)
    if code == "broken_rule":
        _log.error("%s refused what no check had refused", name, exc_info=error)
    return Refused(code)
