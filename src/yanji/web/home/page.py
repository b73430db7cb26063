"""Which home page a reader gets: the one of their role, or of the role they choose among theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.ledger.api import log_position

from ..board import manager
from ..page import page
from .accountant import accountant
from .administrator import administrator
from .auditor import auditor
from .buyer import buyer
from .nobody import nobody
from .nurse import nurse
from .quality import quality
from .storekeeper import storekeeper
from .supplier import supplier


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page of the role asked for with ``?as=``, or of the first that the reader's grants open."""
    actor: Actor = request.actor
    open_to = {code: role for code, role in ROLES.items() if actor.may(role.needs)}
    asked = request.GET.get("as", "")
    chosen = asked if asked in open_to else next(iter(open_to), "")
    position = log_position()  # before anything is read
    asked_for = {"who": request.GET.get("who", "")} if chosen == "auditor" else {}
    context = open_to[chosen].build(actor, **asked_for) if chosen else nobody(actor)
    tabs = [{"code": code, "label": role.label} for code, role in open_to.items()]
    return page(
        request,
        f"web/home_{chosen or 'nobody'}.html",
        tabs=tabs if len(tabs) > 1 else [],
        chosen=chosen,
        position=position,
        **context,
    )


@dataclass(frozen=True, slots=True)
class Role:
    """Whose page it is: the operation that opens it, and what it shows."""

    label: Any
    needs: str
    build: Callable[..., dict[str, Any]]


# In the order of preference for who holds several.
ROLES: dict[str, Role] = {
    "storekeeper": Role(gettext_lazy("Store"), Operation.RECEIVE, storekeeper),
    "nurse": Role(gettext_lazy("Ward"), Operation.USE, nurse),
    "buyer": Role(gettext_lazy("Purchasing"), Operation.ORDER, buyer),
    "accountant": Role(gettext_lazy("Payments"), Operation.PAY, accountant),
    "administrator": Role(gettext_lazy("Administration"), Operation.EDIT_ACCESS, administrator),
    "quality": Role(gettext_lazy("Quality"), Operation.HOLD, quality),
    "auditor": Role(gettext_lazy("Audit"), Operation.AUDIT, auditor),
    "manager": Role(gettext_lazy("Management"), Operation.SEE_FIGURES, manager),
    "supplier": Role(gettext_lazy("Supplier"), Operation.SUPPLY, supplier),
}
