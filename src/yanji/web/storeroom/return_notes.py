"""The note of one return from a department: every thing, and what the store found."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yanji.flows.reasons import reason_words
from yanji.flows.return_fates import state_of
from yanji.flows.returned import (
    department_return_for,
    department_returns,
    fate_words,
    returned_things,
)

from ..flow.gate import needs
from ..page import page, page_of


@needs("inspect_return", "give_back")
@require_safe
def note_list(request: HttpRequest) -> HttpResponse:
    rows = page_of(request, department_returns(request.actor))
    return page(request, "storeroom/return_notes.html", rows=rows)


@needs("inspect_return", "give_back", "view")
@require_safe
def note_page(request: HttpRequest, note_id: int) -> HttpResponse:
    back = department_return_for(request.actor, note_id)
    things, fates, words = returned_things(back), fate_words(), reason_words()
    state = state_of(things)
    rows = [
        (
            each,
            fates[each.fate],
            words.of(each.reason, group="hold") if each.fate in ("held", "missing") else "",
        )
        for each in things
    ]
    return page(
        request, "storeroom/return_note.html", back=back, rows=rows, state=state, state_said=state.label,
        reason=words.of(back.reason, group="return") if back.reason else "",
    )  # fmt: skip
