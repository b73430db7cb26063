"""The first page after the sign-in: for each role the one question it starts its day with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.access.actor import Actor
from yanji.access.operations import Operation as O  # noqa: N814 - as in nav.py
from yanji.flows.queries import OPEN_ORDERS, awaiting, cases, notices, orders, requisitions, work
from yanji.insight.activity import by_hour, recent
from yanji.insight.expiry import expiry_bins
from yanji.insight.health import health
from yanji.insight.shortage import running_short
from yanji.ledger.api import Status, Stock, expiring, on_hand

from . import nav
from .charts import day_lines, expiry_bars
from .page import page
from .templatetags.yanji import amount, money

SOON_DAYS = 30
USE_DAYS = 30
LISTED = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """One number that leads to its page; the pill says what to make of it."""

    label: str
    value: str
    href: str = ""
    note: str = ""
    tone: str = "mute"


def _tile(
    label: str, value: Any, name: str = "", query: str = "", *, note: str = "", tone: str = "mute"
) -> Tile:
    address = nav.address_of(name) if name else ""
    return Tile(
        label,
        amount(value) if not isinstance(value, str) else value,
        f"{address}{query}" if address else "",
        note,
        tone,
    )


def home(request: HttpRequest) -> HttpResponse:
    """The page of the role asked for with ``?as=``, or of the first that the reader's grants open."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    open_to = {code: role for code, role in ROLES.items() if actor.may(role.needs)}
    asked = request.GET.get("as", "")
    chosen = asked if asked in open_to else next(iter(open_to), "")
    context = open_to[chosen].build(actor) if chosen else {}
    tabs = [{"code": code, "label": role.label} for code, role in open_to.items()]
    return page(
        request,
        f"web/home_{chosen or 'nobody'}.html",
        tabs=tabs if len(tabs) > 1 else [],
        chosen=chosen,
        **context,
    )


def storekeeper(actor: Actor) -> dict[str, Any]:
    """What came, what must go out, where does it lie, what expires first?"""
    todo = work(actor)
    paths = actor.scopes.get(O.STORE, ()) or actor.scopes.get(O.RECEIVE, ())
    tiles = [
        _tile(_("Announced deliveries"), todo.notices_announced or 0, "storeroom:receiving", note=_("Open orders: %(n)s") % {"n": todo.orders_open or 0}, tone="info"),
        _tile(_("To put away"), todo.to_put_away or 0, "storeroom:put_away", tone=_when(todo.to_put_away, "soon"), note=_said(todo.to_put_away, _("At the door"))),
        _tile(_("To pick"), todo.to_pick or 0, "storeroom:picking", tone=_when(todo.to_pick, "info"), note=_said(todo.to_pick, _("Requisitions"))),
        _tile(_("To issue"), todo.to_issue or 0, "storeroom:picking", tone=_when(todo.to_issue, "info"), note=_said(todo.to_issue, _("Picked, not issued"))),
        _tile(_("Returns to inspect"), todo.to_inspect or 0, "storeroom:returns", tone=_when(todo.to_inspect, "soon"), note=_said(todo.to_inspect, _("Not yet available"))),
        _tile(_("On hold"), todo.on_hold or 0, "web:stock", "?status=quarantined&by=all", tone=_when(todo.on_hold, "bad"), note=_said(todo.on_hold, _("Waits for a decision"))),
    ]  # fmt: skip
    return {
        "tiles": tiles,
        "arriving": notices(actor, states=("announced",), limit=LISTED),
        "asked": requisitions(actor, states=("requested", "picking", "picked"), limit=LISTED),
        "first_out": _first_out(paths),
        "happenings": recent(paths=paths, limit=10),
    }


def nurse(actor: Actor) -> dict[str, Any]:
    """What do I need, what is in my department, what is on its way to it?"""
    paths = actor.scopes.get(O.USE, ()) or actor.scopes.get(O.TAKE_IN, ())
    coming = awaiting(actor, limit=LISTED)
    mine = [
        found
        for found in requisitions(actor, states=("requested", "picking", "picked"), limit=50)
        if actor.may(O.REQUEST, found.department.path)
    ]
    planned = cases(actor, states=("planned",), limit=LISTED)
    here = on_hand(paths=paths, by=("item",), statuses=(Status.AVAILABLE, Status.IN_USE))
    ending = _ending(paths)
    tiles = [
        _tile(_("Planned cases"), len(planned), "ward:use", tone="info", note=_("Scan to use")),
        _tile(_("On the way to us"), sum((found.pieces or 0) - (found.arrived or 0) for found in coming), "ward:take_in", tone=_when(len(coming), "info"), note=_said(len(coming), _("Take in"))),
        _tile(_("Asked for"), len(mine), "ward:requisitions", tone="mute", note=_("Open requisitions")),
        _tile(_("In the department"), sum((row.quantity for row in here), start=Decimal(0)), "web:stock", "?by=item", tone="ok", note=_("%(n)s items") % {"n": len(here)}),
        _tile(_("Expires within 30 days"), ending.quantity, "web:stock", f"?days={SOON_DAYS}&by=all", tone=_when(ending.quantity, "soon"), note=_said(ending.quantity, _("Use first or give back"))),
    ]  # fmt: skip
    return {
        "tiles": tiles,
        "planned": planned,
        "coming": coming,
        "mine": mine[:LISTED],
        "first_out": _first_out(paths),
        "happenings": recent(paths=paths, limit=8),
    }


def buyer(actor: Actor) -> dict[str, Any]:
    """What is ordered, and what will run short?"""
    paths = actor.scopes.get(O.VIEW, ())
    open_orders = orders(actor, states=OPEN_ORDERS, limit=200)
    short = running_short(paths=paths, since=timezone.now() - timedelta(days=USE_DAYS), days=USE_DAYS)
    arriving = notices(actor, states=("announced",), limit=200)
    ending = _ending(paths)
    tiles = [
        _tile(_("Open orders"), len(open_orders), "buyer:orders", tone="info", note=_("Placed or partly received")),
        _tile(_("Announced deliveries"), len(arriving), "buyer:orders", tone="info", note=_("On the way")),
        _tile(_("Running short"), len(short), tone=_when(len(short), "bad"), note=_said(len(short), _("Less than 14 days left"))),
        _tile(_("Expires within 30 days"), ending.quantity, "web:stock", f"?days={SOON_DAYS}&by=all", tone="soon", note=money(ending.value)),
    ]  # fmt: skip
    return {
        "tiles": tiles,
        "open_orders": open_orders[:LISTED],
        "short": short,
        "first_out": _first_out(paths),
    }


def manager(actor: Actor) -> dict[str, Any]:
    """Is everything under control: stock, capital, expiry, what moved today?"""
    paths = actor.scopes.get(O.SEE_FIGURES, ())
    now = timezone.localtime()
    hours = by_hour(paths=paths, since=_midnight(now), zone=timezone.get_current_timezone_name())
    bins = expiry_bins(paths=paths, today=now.date())
    by_status = on_hand(paths=paths, by=("status",))
    whole = _sum(by_status)
    held = _sum(
        [row for row in by_status if row.status in (Status.QUARANTINED, Status.RECALLED, Status.EXPIRED)]
    )
    came, went = (
        sum((row.came for row in hours), start=Decimal(0)),
        sum((row.went for row in hours), start=Decimal(0)),
    )
    tiles = [
        _tile(_("On hand"), whole.quantity, "web:stock", "?by=place", note=money(whole.value), tone="ok"),
        _tile(_("Moved today"), came + went, note=_("In %(came)s · out %(went)s") % {"came": amount(came), "went": amount(went)}, tone="info"),
        _tile(_("Expires within 30 days"), bins[1].quantity, "web:stock", f"?days={SOON_DAYS}&by=all", note=money(bins[1].value), tone=_when(bins[1].quantity, "soon")),
        _tile(_("Already expired"), bins[0].quantity, "web:stock", "?days=-1&by=all", note=money(bins[0].value), tone=_when(bins[0].quantity, "bad")),
        _tile(_("On hold or recalled"), held.quantity, "web:stock", "?status=quarantined&by=all", note=money(held.value), tone=_when(held.quantity, "bad")),
    ]  # fmt: skip
    return {
        "tiles": tiles,
        "expiry_chart": expiry_bars(bins),
        "day_chart": day_lines(hours, now.hour),
        "campuses": on_hand(paths=paths, by=("campus",)),
        "largest": sorted(on_hand(paths=paths, by=("item",)), key=lambda row: row.value, reverse=True)[
            :LISTED
        ],
        "happenings": recent(paths=paths, limit=10),
    }


def administrator(actor: Actor) -> dict[str, Any]:
    """Who may do what; are the data and the log in order?"""
    found = health(timezone.localdate())
    tiles = [
        _tile(_("People"), found.people, "masterdata:people", note=_("%(n)s without a role") % {"n": found.people_without_grant}, tone=_when(found.people_without_grant, "soon")),
        _tile(_("Grants"), found.grants, "masterdata:people", note=_("%(n)s end within 30 days") % {"n": found.grants_ending_soon}, tone=_when(found.grants_ending_soon, "soon")),
        _tile(_("Rows put aside"), found.quarantined, "masterdata:quarantine", note=_("Imports and unknown scans"), tone=_when(found.quarantined, "bad")),
        _tile(_("Provisional items"), found.provisional_items, "masterdata:items", "?state=provisional", note=_("Master data to complete"), tone=_when(found.provisional_items, "soon")),
        _tile(_("Log position"), found.log_position, note=_("%(n)s wait for their position") % {"n": found.unsequenced}, tone="info"),
    ]  # fmt: skip
    return {
        "tiles": tiles,
        "health": found,
        "happenings": recent(paths=actor.scopes.get(O.VIEW, ()), limit=10),
    }


@dataclass(frozen=True, slots=True)
class Role:
    """Whose page it is: the operation that opens it, and what it shows."""

    label: Any
    needs: str
    build: Callable[[Actor], dict[str, Any]]


# In the order of preference for who holds several.
ROLES: dict[str, Role] = {
    "storekeeper": Role(gettext_lazy("Store"), O.RECEIVE, storekeeper),
    "nurse": Role(gettext_lazy("Ward"), O.USE, nurse),
    "buyer": Role(gettext_lazy("Purchasing"), O.ORDER, buyer),
    "administrator": Role(gettext_lazy("Administration"), O.EDIT_ACCESS, administrator),
    "manager": Role(gettext_lazy("Management"), O.SEE_FIGURES, manager),
}


def _when(number: Any, tone: str) -> str:
    """The tone where there is something to do, else calm."""
    return tone if number else "ok"


def _said(number: Any, note: str) -> str:
    return note if number else _("Nothing waits")


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _first_out(paths: Sequence[str]) -> list[Stock]:
    """What expires first of what could still be used, or must be taken out."""
    return expiring(SOON_DAYS * 3, today=timezone.localdate(), paths=paths, by=("item", "lot", "place"))[
        :LISTED
    ]


def _ending(paths: Sequence[str]) -> Stock:
    return _sum(expiring(SOON_DAYS, today=timezone.localdate(), paths=paths, by=()))


def _sum(rows: Sequence[Stock]) -> Stock:
    zero = Decimal(0)
    return Stock(
        sum((row.quantity for row in rows), start=zero), sum((row.value for row in rows), start=zero), None
    )
