"""What was not needed goes back to the store, where it waits for inspection."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.flows.giveback import give_back
from yanji.flows.reasons import reasons
from yanji.ledger.api import Refused

from ..flow.basket import Basket, FlowRow, answer, confirmed, is_confirmation
from ..flow.departments import chosen, departments, stores
from ..flow.done import say, to_entry
from ..flow.gate import needs
from ..flow.sent import Sent, number_in
from ..page import act_key, page


@needs("give_back")
def give_back_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, [])
    basket = Basket(request)
    try:
        sent = Sent(request.POST)
        department, store = sent.number("department_id", _("Department")), sent.number("store_id", _("Store"))
        reason = sent.text("reason", _("Reason"))
        sent.check()
        basket.check()
        done = give_back(
            actor=request.actor, key=act_key(request, "give_back"), department_id=department, store_id=store,
            things=basket.things(), reason=reason,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, basket.rows(refused), refused)
    said = _("Return %(number)s is on its way to the store.") % {"number": done.number}
    say(request, said, to_entry(done.events[0]))
    return redirect("ward:give_back")


def _form(request: HttpRequest, rows: list[FlowRow], refused: Refused | None = None) -> HttpResponse:
    places = departments(request, "give_back")
    department = chosen(request, places, "department_id")
    offered = stores(department)
    return page(
        request,
        "ward/give_back.html",
        status=409 if refused else 200,
        refused=refused,
        rows=rows,
        departments=places,
        department=department,
        stores=offered,
        store=chosen(request, offered, "store_id"),
        reasons=reasons("return"),
        sent=request.POST,
    )


@needs("give_back")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    if is_confirmation(request):
        return confirmed()
    ids = {}
    for name in ("department_id", "store_id"):
        value = request.POST.get(name, "")
        ids[name] = number_in(value)
    department = next(
        (place for place in departments(request, "give_back") if place.pk == ids["department_id"]), None
    )
    return answer(
        request, "give_back", path=department.path if department else "",
        from_place_id=ids["department_id"], place_id=ids["store_id"],
    )  # fmt: skip
