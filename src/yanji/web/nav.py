"""The way around: which pages stand in the navigation, and for whom.

An entry whose address does not exist (yet) is left out, and so is one that the reader's grants do not open.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation as O  # noqa: N817 - the table reads better

from .flow.gate import opens


@dataclass(frozen=True, slots=True)
class Entry:
    """One link; shown to who holds any of ``operations`` anywhere. ``short`` stands in the phone's bottom bar."""

    url: str
    label: Any
    icon: str
    operations: tuple[str, ...]
    short: Any = None


# Who does something by scanning; only to look, the search box is at hand.
SCANS = (O.RECEIVE, O.STORE, O.PICK, O.ISSUE, O.INSPECT_RETURN, O.TAKE_IN, O.USE, O.GIVE_BACK, O.HOLD)

ENTRIES: tuple[Entry, ...] = (
    Entry("web:home", _("Overview"), "layout-dashboard", (O.VIEW, O.SUPPLY), _("Overview")),
    Entry("web:scan_page", _("Scan"), "scan", SCANS),
    Entry("web:board", _("Board"), "affiliate", (O.SEE_FIGURES,), _("Board")),
    Entry("web:search", _("Trace"), "route", (O.VIEW,)),
    Entry("web:stock", _("Stock"), "packages", (O.VIEW,), _("Stock")),
    Entry("web:stock_map", _("Stock map"), "map-2", (O.VIEW,)),
    Entry("web:expiry_map", _("Expiry map"), "calendar-exclamation", (O.VIEW,)),
    Entry("manager:approvals", _("Approvals"), "checks", (O.APPROVE,), _("Approvals")),
    Entry("buyer:requests", _("Purchase requests"), "file-plus", (O.REQUEST, O.STORE)),
    Entry("buyer:orders", _("Purchase orders"), "clipboard-list", (O.ORDER, O.ANNOUNCE), _("Orders")),
    Entry("buyer:invoices", _("Invoices"), "receipt", (O.INVOICE, O.PAY), _("Invoices")),
    Entry("buyer:papers", _("Papers to renew"), "license", (O.ORDER, O.CONTRACT, O.SEE_FIGURES)),
    Entry("storeroom:receiving", _("Receiving"), "package-import", (O.RECEIVE,), _("Receive")),
    Entry("storeroom:put_away", _("Put away"), "building-warehouse", (O.STORE,)),
    Entry("storeroom:picking", _("Picking and issue"), "basket", (O.PICK, O.ISSUE), _("Pick")),
    Entry("storeroom:reserve", _("Reservations"), "bookmark", (O.PICK,)),
    Entry("storeroom:transfers", _("Transfers"), "truck-delivery", (O.TRANSFER,)),
    Entry("ward:requisitions", _("Requisitions"), "shopping-cart", (O.REQUEST,), _("Request")),
    Entry("ward:take_in", _("Take in"), "home-down", (O.TAKE_IN,)),
    Entry("theatre:cases", _("Cases"), "heart-rate-monitor", (O.USE, O.VIEW_PATIENT)),
    Entry("ward:use", _("Use on a patient"), "heartbeat", (O.USE,), _("Use")),
    Entry("ward:opened", _("Opened pieces"), "droplet", (O.USE,)),
    Entry("ward:give_back", _("Give back"), "arrow-back-up", (O.GIVE_BACK,)),
    Entry("ward:lendings", _("Lending and borrowing"), "arrows-exchange", (O.LEND, O.ISSUE)),
    Entry("storeroom:returns", _("Returned goods"), "rotate-clockwise", (O.INSPECT_RETURN,)),
    Entry("storeroom:hold", _("Hold and release"), "hand-stop", (O.HOLD,)),
    Entry("storeroom:scrap", _("Scrap"), "trash", (O.SCRAP,)),
    Entry("storeroom:pack", _("Pack"), "package", (O.PACK,)),
    Entry("storeroom:boxes", _("Boxes and kits"), "stack-2", (O.PACK,)),
    Entry("storeroom:counts", _("Counting"), "clipboard-check", (O.COUNT,)),
    Entry("storeroom:count_accuracy", _("Accuracy"), "chart-line", (O.SEE_FIGURES,)),
    Entry("storeroom:consigned", _("Consignment"), "package-export", (O.CONSIGN, O.CONTRACT, O.INVOICE)),
    Entry("storeroom:loans", _("Loan sets"), "briefcase", (O.CONSIGN, O.USE)),
    Entry("buyer:settlements", _("Settlements"), "receipt", (O.INVOICE, O.PAY)),
    Entry("storeroom:disposals", _("Scrap papers"), "file-minus", (O.SCRAP, O.COUNT)),
    Entry("buyer:supplier_returns", _("Returns to suppliers"), "truck-return", (O.RETURN_GOODS, O.INVOICE)),
    Entry("storeroom:cabinets", _("Smart cabinets"), "lock-access", (O.STORE, O.TAKE_IN)),
    Entry("storeroom:readers", _("RFID readers"), "access-point", (O.STORE, O.TAKE_IN, O.EDIT_PLACES)),
    Entry("storeroom:labels", _("Hospital labels"), "tag", (O.LABEL,)),
    Entry("masterdata:items", _("Catalogue"), "category", (O.EDIT_CATALOG,)),
    Entry("masterdata:places", _("Places"), "map-pin", (O.EDIT_PLACES,)),
    Entry("masterdata:people", _("People and roles"), "users", (O.EDIT_ACCESS,)),
    Entry("masterdata:approval_rules", _("Rules and reasons"), "gavel", (O.EDIT_RULES,)),
    Entry("supplier:orders", _("Our orders"), "clipboard-list", (O.SUPPLY,), _("Orders")),
    Entry("supplier:consignment", _("Our goods here"), "building-warehouse", (O.SUPPLY,), _("Our goods")),
    Entry("supplier:invoices", _("Our invoices"), "file-invoice", (O.SUPPLY,), _("Invoices")),
    Entry("supplier:statement", _("Monthly statement"), "file-text", (O.SUPPLY,)),
    Entry("supplier:papers", _("Our papers"), "certificate", (O.SUPPLY,)),
    Entry("manager:attempts", _("Refused attempts"), "shield-x", (O.AUDIT,)),
)


def entries_for(actor: Actor) -> list[Entry]:
    return [entry for entry in ENTRIES if any(actor.may(operation) for operation in entry.operations)]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The reader's links in order: address, label, icon, whether it is the page shown."""
    if not getattr(request, "actor", None):
        return []
    links = [
        {"href": address, "label": entry.label, "icon": entry.icon, "short": entry.short}
        for entry in entries_for(request.actor)
        if (address := address_of(entry.url))
    ]
    here = request.path
    best = max((link["href"] for link in links if _is_under(here, link["href"])), key=len, default="")
    return [{**link, "active": link["href"] == best} for link in links]


def _is_under(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))


def open_address(actor: Actor, name: str, *args: Any) -> str:
    """The address of a page for who may open it (see :func:`~yanji.web.flow.gate.needs`), or nothing."""
    address = address_of(name, *args)
    operations = getattr(resolve(address).func, "operations", ()) if address else ()
    return address if not operations or opens(actor, operations) else ""


def address_of(name: str, *args: Any) -> str:
    """The address of a named page, or nothing where this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
