"""Every error in one shape: a code, sentences for people, and each thing that stands in the way."""

from collections.abc import Iterable
from typing import Any

from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from yanji.access.gates import NotFound
from yanji.flows.alternatives import WayOut, localised, ways_out
from yanji.flows.attempts import Others, keep_others
from yanji.flows.constraints import refusal
from yanji.flows.handheld.way import WHICH
from yanji.ledger.api import Offence, Raced, Refused

from ..refusals import FIELD_WORDS, OTHERWISE
from .auth import actor

# Refusals of what was sent, whatever the state of things: sending it again will not help.
BAD_INPUT = frozenset(
    {
        "key_missing", "empty", "too_many_lines", "bad_text", "bad_time", "in_future", "bad_pieces", "bad_quantity", "bad_price",
        "bad_verdict", "bad_row_code", "bad_row_day", "bad_row_quantity", "broken_file",
        "empty_file", "line_twice", "scanned_twice", "reason_needed", "witness_needed",
        "witness_is_actor", "patient_needed", "case_needed", "unreadable", "wrong_tracking", "needs_label", "other_half",
        "no_item", "di_of_other_item", "serial_missing", "bad_serial", "which_code", "epc_differs",
        "nothing_said", "no_code", "attachment_empty", "attachment_too_large", "attachment_type", "attachment_active",
        "approval_comment_needed", "price_off_contract", "no_price", "contract_days", "contract_values", "contract_price_days",
        "contract_price_twice", "bad_percent", "bad_paper_rule", "parts_do_not_add_up", "part_twice", "close_reason_needed",
        "bad_answer", "bad_answer_quantity", "answer_changes_nothing", "reference_needed", "serial_needed",
        "total_differs", "nothing_credited", "first_invoice_unnamed", "import_paper_unnamed",
        "bad_landed_cost",
        "bad_approval_level", "bad_from_amount", "unknown_document_kind",
        "unknown_reason_group", "bad_reason_code", "reason_unnamed", "unknown_reason",
        "bad_days", "explanation_needed", "seen_at_odd", "scan_badge", "empty_choice",
        "procedure_needed", "alternative_twice", "bad_side", "site_needed", "dates_out_of_order", "bad_settlement_day",
        "set_name_needed", "cycle_needed",
        "handed_to_needed", "bad_way_cost", "bad_way_temperature", "same_two_places",
        "certificate_needed", "bad_collection_day", "authorisation_needed", "credit_number_needed", "bad_credit",
        "bad_par_level", "list_name_needed", "reserve_for_whom", "reserved_until_past", "reserved_too_long",
        "needed_past", "not_an_alternative",
        "scan_where", "scan_from", "scan_whence", "scan_things", "scan_reason", "settled_why",
        *WHICH.values(),
    }
)  # fmt: skip
FORBIDDEN = frozenset(
    {
        "stale_session", "other_person", "needs_password",
        "not_yours", "witness_not_allowed", "wrong_password", "unknown_badge", "approval_by_requester", "approval_twice",
        "released_by_enterer", "first_invoice_verified_by_enterer",
        "taken_over_by_giver", "receiver_not_allowed",
        "approval_role_needed", "approval_by_participant", "recount_by_counter",
    }
)  # fmt: skip


def status_of(refusal: Refused) -> int:
    """422 for bad input, 403 for what is not allowed, 429 for too many tries, 409 where the state of things says no."""
    codes = {offence.code for offence in refusal.offences}
    if codes <= FORBIDDEN:
        return 403
    if codes <= BAD_INPUT:
        return 422
    return 429 if codes == {"too_many_passwords"} else 409


def answer(code: str, *, status: int, thing: str = "", **facts: Any) -> HttpResponse:
    """One error with one sentence."""
    return _answer(code, [Offence(code, thing, facts)], status)


def _answer(
    code: str, offences: Iterable[Offence], status: int, more: dict[str, Any] | None = None
) -> HttpResponse:
    found = list(offences)
    content = {
        "code": code,
        "sentences": list(dict.fromkeys(offence.sentence() for offence in found)),
        "offences": [{"code": each.code, "thing": each.thing, "sentence": each.sentence()} for each in found],
        **(more or {}),
    }
    # ASCII: whatever a client sent and is told again, broken letters too, can be written.
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": True})


def way_out(way: WayOut) -> dict[str, Any]:
    """A way out as the interface shows it; ``href``: the page of this site that shows these pieces where they lie."""
    return {
        "sentence": way.sentence(), "item_id": way.item_id, "place_id": way.place_id,
        "place": localised(way.place_name), "lot": way.lot, "expiry": way.expiry, "quantity": way.quantity,
        "href": way.href,
    }  # fmt: skip


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    actor = getattr(request, "auth", None)
    ways = ways_out(refusal, actor=actor) if actor else {}
    more = {"ways_out": [{"thing": thing, **way_out(way)} for thing, found in ways.items() for way in found]}
    return _answer(refusal.code, refusal.offences, status_of(refusal), more)


def _contradicted(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """A constraint of the database: two at once did what only one may. Without a name of ours it is a bug."""
    refused = refusal(error)
    if refused is None:
        raise error
    return _refused(request, refused)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The fields only: what was in them is not repeated."""
    offences = []
    for each in error.errors[:50]:
        field = ".".join(
            str(part) for part in each["loc"] if part not in ("body", "query", "path", "payload")
        )
        offences.append(
            Offence("bad_field", field, {"detail": gettext(FIELD_WORDS.get(each["type"], OTHERWISE))})
        )
    return _answer("bad_field", offences, 422)


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer("bad_json", status=error.status_code)


def install(api: NinjaAPI) -> None:
    """Teach the API every way to say no; whatever is not named here is a bug, and answers 500."""
    from .speech import BadJsonError, TooLargeError

    plain: dict[type[Exception], tuple[str, int]] = {
        NotFound: ("not_found", 404),
        Http404: ("not_found", 404),
        AuthenticationError: ("not_signed_in", 401),
        BadJsonError: ("bad_json", 400),
        TooLargeError: ("too_large", 413),
        # What slipped through every check above and only the database could not hold.
        DataError: ("bad_text", 422),
        Raced: ("busy", 503),
        OperationalError: ("busy", 503),
    }
    api.add_exception_handler(IntegrityError, _contradicted)
    api.add_exception_handler(Others, _anothers)
    for kind, (code, status) in plain.items():
        api.add_exception_handler(kind, _plainly(code, status))
    worded: dict[type[Exception], Any] = {Refused: _refused, ValidationError: _invalid, HttpError: _http}
    for kind, handler in worded.items():
        api.add_exception_handler(kind, handler)


def _anothers(request: HttpRequest, others: Others) -> HttpResponse:
    """What is another supplier's is absent; that somebody reached for it is kept."""
    keep_others(others, actor=actor(request), verb=f"{request.method} {request.path}")
    return answer("not_found", status=404)


def _plainly(code: str, status: int) -> Any:
    return lambda request, error: answer(code, status=status)
