"""After the case: each thing that is left is scanned, and goes back to its shelf or was opened, with the reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access.actor import Actor
from yanji.flows.documents import verbs
from yanji.flows.gates import case_for
from yanji.flows.models import Case
from yanji.flows.preview import interpret
from yanji.flows.reasons import reasons
from yanji.flows.theatre.account import account_of
from yanji.flows.theatre.cart import set_back, waste
from yanji.ledger.api import Refused

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation, key_of
from ..flow.gate import needs
from ..page import act_key, page
from ..scan import scanned

EXTRA = "theatre/_fate.html"


@needs("use")
def after_page(request: HttpRequest, case_id: int) -> HttpResponse:
    actor: Actor = request.actor
    case = case_for(actor, case_id, may="use")
    if request.method != "POST":
        return _form(request, case, [])
    basket = Basket(request)
    try:
        basket.check()
        back, opened = _finish(request, case, basket)
    except Refused as refused:
        return _form(request, case, basket.rows(refused, field="fate"), refused)
    said = _("Case %(case)s: %(back)s went back, %(opened)s recorded as opened and not used.")
    messages.success(request, said % {"case": case.number, "back": back, "opened": opened})
    return redirect("theatre:case", case.pk)


def _finish(request: HttpRequest, case: Case, basket: Basket) -> tuple[int, int]:
    """One act for what goes back, and one for each reason of waste; sent again, each happens once."""
    actor, key = request.actor, act_key(request, "after")
    chosen = {key_of(each): request.POST.get(f"fate:{key_of(each)}", "")[:120] for each in basket.meanings}
    if not basket.meanings:
        raise Refused("empty")
    back = basket.things(lambda meaning: not chosen[key_of(meaning)])
    opened = 0
    if back:
        set_back(actor=actor, key=f"{key}:back", case_id=case.pk, things=back)
    for reason in sorted({each for each in chosen.values() if each}):
        things = basket.things(lambda meaning, reason=reason: chosen[key_of(meaning)] == reason)
        waste(actor=actor, key=f"{key}:{reason}", case_id=case.pk, things=things, reason=reason)
        opened += len(things)
    return len(back), opened


def _form(
    request: HttpRequest, case: Case, rows: list[FlowRow], refused: Refused | None = None
) -> HttpResponse:
    return page(
        request,
        "theatre/after.html",
        status=409 if refused else 200,
        refused=refused,
        case=case,
        rows=rows,
        row_extra=EXTRA,
        reasons=reasons("waste"),
        account=account_of(case.pk),
        open_now="waste" in verbs("case", case.state),
    )


@needs("use")
@require_POST
def scan(request: HttpRequest, case_id: int) -> HttpResponse:
    """What was set out may go back or be opened; what was never set out can only have been opened."""
    if is_confirmation(request):
        return confirmed()
    actor: Actor = request.actor
    case = case_for(actor, case_id, may="use")
    meaning = interpret(scanned(request), actor=actor, flow="waste", from_place_id=case.department_id)
    out = meaning.unit is None or meaning.unit.status == "in_use"
    more = {"reasons": reasons("waste"), "out": out}
    return answer(
        request, "waste", extra=EXTRA, found=meaning, more=more, path=case.department.path,
        statuses=("in_use", "available"),
    )  # fmt: skip
