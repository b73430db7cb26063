"""The forms and scans of theatres and wards: cards, cases, carts, emergencies, explants, charges, lending, levels, vials."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.flows.site import person, soon
from tests.flows.vials import opened, ward_lot
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.catalog.models import ItemCode
from yanji.flows.consign.agreements import Kept as Agreed
from yanji.flows.lending.lend import confirm_lending, give_back_lent, lend
from yanji.flows.lending.models import SettleUp
from yanji.flows.models import Case
from yanji.flows.requisition import Wanted
from yanji.flows.supply.levels import Kept, set_levels
from yanji.flows.supply.lists import save_list
from yanji.flows.supply.models import ParLevel
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.cards import Need, plan_needs, save_card
from yanji.flows.theatre.charge import confirm_charges, request_charges
from yanji.flows.theatre.emergency import use_first
from yanji.flows.theatre.implants import explant
from yanji.flows.theatre.models import ChargeLine, Implant
from yanji.places.models import Kind, Place

from .desk import Desk, Form, key

OF_VIALS = "06901234500028"


def _card(d: Desk) -> dict[str, Any]:
    return d.lines("card", department_id=d.here.h.department.pk, procedure="TAVI", surgeon="Dr. Chen")


def _kept_card(d: Desk) -> int:
    needs = [Need(item.pk, 1) for item in d.items]
    return save_card(
        actor=d.here.ward, key=unique("k"), department_id=d.here.h.department.pk, procedure="PCI", needs=needs
    ).id


def _new_card(d: Desk) -> Form:
    return "/theatre/cards/new", _card(d)


def _card_changed(d: Desk) -> Form:
    return f"/theatre/cards/{_kept_card(d)}", _card(d)


def _card_retired(d: Desk) -> Form:
    return f"/theatre/cards/{_kept_card(d)}/retire", {"key": key("retire")}


def _case(d: Desk, **fields: Any) -> Case:
    return d.room.case(**fields)


def _needs(d: Desk) -> Form:
    return f"/theatre/cases/{_case(d).pk}/needs", d.lines("needs")


def _needs_by_card(d: Desk) -> Form:
    return f"/theatre/cases/{_case(d).pk}/needs", {"key": key("needs"), "card_id": _kept_card(d)}


def _case_changed(d: Desk) -> Form:
    form = {"key": key("change"), "patient_token": "PT-9", "procedure": "TAVI", "operator": "Dr. Li"}
    return f"/theatre/cases/{_case(d).pk}/change", form


def _asked(d: Desk) -> Form:
    case = _case(d)
    plan_needs(
        actor=d.here.ward, key=unique("k"), case_id=case.pk, needs=[Need(item.pk, 2) for item in d.items]
    )
    return f"/theatre/cases/{case.pk}/ask", {"key": key("ask"), "store_id": d.here.h.store.pk}


def _cart(d: Desk) -> Form:
    serials = d.in_theatre()
    return f"/theatre/cases/{_case(d).pk}/cart", d.rows("cart", serials, room_id=d.here.h.department.pk)


def _cart_scan(d: Desk) -> Form:
    [serial, *rest] = d.in_theatre()
    form = d.rows("cart", rest, room_id=d.here.h.department.pk)
    return f"/theatre/cases/{_case(d).pk}/cart/scan", {**form, "scan": d.here.scan(serial)}


def _out(d: Desk) -> tuple[Case, list[str]]:
    """Every row was set out for a case; their serial numbers."""
    serials, case = d.in_theatre(), _case(d)
    d.room.out(case, *d.epcs(serials))
    return case, serials


def _after(d: Desk) -> Form:
    case, serials = _out(d)
    return f"/theatre/cases/{case.pk}/after", d.rows("after", serials)


def _wasted(d: Desk) -> Form:
    case, serials = _out(d)
    fates = {f"fate:{epc}": "dropped" for epc in d.epcs(serials)}
    return f"/theatre/cases/{case.pk}/after", d.rows("after", serials, **fates)


def _after_scan(d: Desk) -> Form:
    case, [serial, *rest] = _out(d)
    return f"/theatre/cases/{case.pk}/after/scan", {**d.rows("after", rest), "scan": d.here.scan(serial)}


def _closed(d: Desk) -> Form:
    case, _serials = _out(d)
    return f"/theatre/cases/{case.pk}/close", {"key": key("close"), "difference": "searched"}


def _agreed(d: Desk) -> None:
    d.room.agreement(items=[Agreed(d.here.h.item.pk, Decimal(1200), 6)])


def _first(d: Desk) -> Form:
    _agreed(d)
    case = _case(d)
    form = d.rows("first", d.serials(), supplier_id=d.here.h.supplier.pk, reason="life")
    return f"/theatre/cases/{case.pk}/first", {**form, "confirmed_by": case.patient_token}


def _first_scan(d: Desk) -> Form:
    _agreed(d)
    form = d.rows("first", d.serials(), supplier_id=d.here.h.supplier.pk)
    return f"/theatre/cases/{_case(d).pk}/first/scan", {**form, "scan": d.here.scan(unique("S"))}


def emergency(d: Desk) -> int:
    _agreed(d)
    case = _case(d)
    return use_first(
        actor=d.here.ward, key=unique("e"), department_id=d.here.h.department.pk, case_number=case.number,
        patient_token=case.patient_token, confirmed_by=case.patient_token, supplier_id=d.here.h.supplier.pk,
        reason="life", arrivals=[d.here.arrival() for _ in range(d.count)],
    ).id  # fmt: skip


def _decided(d: Desk) -> Form:
    return f"/theatre/emergencies/{emergency(d)}", {"key": key("decide"), "decision": "approve"}


def _used(d: Desk, *, implanted: bool = False) -> tuple[Case, list[str]]:
    d.here.h.item.implant = implanted
    d.here.h.item.save()
    serials, case = d.in_theatre(), _case(d)
    epcs = d.epcs(serials)
    d.room.use(case, *epcs, implants=[Implanted(epc, "LAD") for epc in epcs if implanted])
    return case, serials


def _described(d: Desk) -> Form:
    case, _serials = _used(d, implanted=True)
    form = {"key": key("implant"), "case_id": case.pk, "site": "RCA", "side": "left", "surgeon": "Dr. Li"}
    return f"/theatre/implants/{Implant.objects.earliest('pk').pk}", form


def _charges(d: Desk, act: str, **form: Any) -> Form:
    """One step for all lines of a case, each brought as far as the step needs it."""
    d.room.code()
    case, _serials = _used(d)
    if act != "request":
        request_charges(actor=d.here.ward, key=unique("k"), case_id=case.pk, line_ids=None)
    if act == "ask_refund":
        confirm_charges(actor=d.here.ward, key=unique("k"), case_id=case.pk, line_ids=None)
    lines = list(ChargeLine.objects.filter(case=case).values_list("pk", flat=True))
    return f"/theatre/cases/{case.pk}/charges", {"key": key("charge"), "act": act, "line": lines, **form}


def _explanted(d: Desk, case: Case, serials: list[str]) -> dict[str, Any]:
    return d.rows(
        "explant", serials, department_id=d.here.h.department.pk, patient_token=case.patient_token,
        case_number=case.number, reason="infection",
    )  # fmt: skip


def _explant(d: Desk) -> Form:
    return "/theatre/explant", _explanted(d, *_used(d, implanted=True))


def _explant_scan(d: Desk) -> Form:
    case, [serial, *rest] = _used(d, implanted=True)
    return "/theatre/explant/scan", {**_explanted(d, case, rest), "scan": d.here.scan(serial)}


def _handed_on(d: Desk) -> Form:
    case, serials = _used(d, implanted=True)
    explant(
        actor=d.here.ward, key=unique("x"), place_id=d.here.h.department.pk, patient_token=case.patient_token,
        case_number=case.number, things=d.epcs(serials), reason="infection",
    )  # fmt: skip
    form = {"to": "patient", "place_id": d.here.h.department.pk, "patient_token": case.patient_token}
    return "/theatre/explanted/hand-on", {
        "key": key("explanted"),
        "thing": d.epcs(serials),
        "receiver": "Mr. Li",
        **form,
    }


def _neighbour(d: Desk) -> Place:
    return place(Kind.DEPARTMENT, d.here.h.campus)


def _lend(d: Desk, serials: list[str], borrower: Place) -> dict[str, Any]:
    return d.rows("lend", serials, lender_id=d.here.h.department.pk, borrower_id=borrower.pk)


def _lent(d: Desk) -> Form:
    return "/ward/lending/new", _lend(d, d.in_theatre(), _neighbour(d))


def _lent_scan(d: Desk) -> Form:
    [serial, *rest] = d.in_theatre()
    return "/ward/lending/scan", {**_lend(d, rest, _neighbour(d)), "scan": d.here.scan(serial)}


def _somebody(d: Desk, at: Place) -> Actor:
    """Another nurse: who did one step of a lending leaves the next to the other side."""
    return d.here.actor(person("nurse", at))


def _lending(d: Desk) -> tuple[int, list[str], Place]:
    """Lent by somebody else to a department of the nurse's, who works at either end."""
    serials, neighbour = d.in_theatre(), _neighbour(d)
    d.here.nurse.grants.create(role=d.here.nurse.grants.get().role, place=neighbour)
    lender = d.here.h.department
    done = lend(
        actor=_somebody(d, lender), key=unique("k"), lender_id=lender.pk, borrower_id=neighbour.pk,
        things=d.epcs(serials),
    )  # fmt: skip
    return done.id, serials, neighbour


def _lending_confirmed(d: Desk) -> Form:
    return f"/ward/lending/{_lending(d)[0]}/confirm", {"key": key("confirm")}


def _lending_declined(d: Desk) -> Form:
    return f"/ward/lending/{_lending(d)[0]}/decline", {"key": key("decline")}


def _owed(d: Desk) -> tuple[int, list[str], Place]:
    number, serials, borrower = _lending(d)
    confirm_lending(actor=d.here.ward, key=unique("k"), lending_id=number)
    return number, serials, borrower


def _given_back(d: Desk) -> Form:
    number, serials, _borrower = _owed(d)
    return f"/ward/lending/{number}/settle", d.rows("settle", serials)


def _given_back_scan(d: Desk) -> Form:
    number, [serial, *rest], _borrower = _owed(d)
    return f"/ward/lending/{number}/settle/scan", {**d.rows("settle", rest), "scan": d.here.scan(serial)}


def _has_it_back(d: Desk, **form: str) -> Form:
    number, serials, borrower = _owed(d)
    give_back_lent(actor=_somebody(d, borrower), key=unique("k"), lending_id=number, things=d.epcs(serials))
    form = {"key": key("confirm_back"), "settlement_id": str(SettleUp.objects.get().pk), **form}
    return f"/ward/lending/{number}/confirm-back", form


def _levels(d: Desk) -> Form:
    typed = {
        f"{end}:{item.pk}": count for item in d.items for end, count in (("minimum", "1"), ("maximum", "3"))
    }
    return "/ward/levels", d.lines("levels", place_id=d.here.h.cabinet.pk, **typed)


def _level_dropped(d: Desk) -> Form:
    levels = [Kept(item.pk, 1, 3) for item in d.items]
    set_levels(actor=d.here.ward, key=unique("k"), place_id=d.here.h.cabinet.pk, levels=levels)
    return f"/ward/levels/{ParLevel.objects.earliest('pk').pk}/drop", {"key": key("drop")}


def _list(d: Desk) -> Form:
    return "/ward/lists/new", d.lines("list", department_id=d.here.h.department.pk, name="Monday")


def _kept_list(d: Desk) -> int:
    lines = [Wanted(item.pk, 1) for item in d.items]
    return save_list(
        actor=d.here.ward,
        key=unique("k"),
        department_id=d.here.h.department.pk,
        list_name="Friday",
        lines=lines,
    ).id


def _list_changed(d: Desk) -> Form:
    form = d.lines("list", department_id=d.here.h.department.pk, name="Friday")
    return f"/ward/lists/{_kept_list(d)}", form


def _list_dropped(d: Desk) -> Form:
    return f"/ward/lists/{_kept_list(d)}/drop", {"key": key("drop")}


def _opened(d: Desk) -> Form:
    ward_lot(d.here)
    ItemCode.objects.create(item=d.here.counted, issuer="GS1", code=OF_VIALS)
    return "/ward/opened", {"key": key("open"), "scan": f"]d201{OF_VIALS}17{soon(90):%y%m%d}10B1"}


def _part_taken(d: Desk) -> Form:
    return f"/ward/opened/{opened(d.here, ward_lot(d.here)).id}/take", {"key": key("take"), "amount": "2"}


def _discarded(d: Desk) -> Form:
    return f"/ward/opened/{opened(d.here, ward_lot(d.here)).id}/discard", {
        "key": key("discard"),
        "reason": "dropped",
    }


def _scrap_scan(d: Desk) -> Form:
    [serial, *rest] = d.in_theatre()
    return "/ward/scrap/scan", {**d.rows("scrap", rest), "scan": d.here.scan(serial)}


NURSE: dict[str, Callable[[Desk], Form]] = {
    "theatre:new_card": _new_card,
    "theatre:card": _card_changed,
    "theatre:retire_card": _card_retired,
    "theatre:needs": _needs,
    "theatre:needs by card": _needs_by_card,
    "theatre:change_case": _case_changed,
    "theatre:ask": _asked,
    "theatre:cart": _cart,
    "theatre:cart_scan": _cart_scan,
    "theatre:after": _after,
    "theatre:after wasted": _wasted,
    "theatre:after_scan": _after_scan,
    "theatre:close": _closed,
    "theatre:first": _first,
    "theatre:first_scan": _first_scan,
    "theatre:implant": _described,
    "theatre:charges request": lambda d: _charges(d, "request"),
    "theatre:charges withdraw": lambda d: _charges(d, "withdraw"),
    "theatre:charges confirm": lambda d: _charges(d, "confirm"),
    "theatre:charges ask_refund": lambda d: _charges(d, "ask_refund", reason="wrong_item"),
    "theatre:explant": _explant,
    "theatre:explant_scan": _explant_scan,
    "theatre:hand_on": _handed_on,
    "ward:new_lending": _lent,
    "ward:lending_scan": _lent_scan,
    "ward:confirm_lending": _lending_confirmed,
    "ward:decline_lending": _lending_declined,
    "ward:settle_lending": _given_back,
    "ward:settle_scan": _given_back_scan,
    "ward:confirm_back": _has_it_back,
    "ward:confirm_back refuse": lambda d: _has_it_back(d, refuse="1"),
    "ward:levels": _levels,
    "ward:drop_level": _level_dropped,
    "ward:new_list": _list,
    "ward:list": _list_changed,
    "ward:drop_list": _list_dropped,
    "ward:opened": _opened,
    "ward:take_part": _part_taken,
    "ward:discard_rest": _discarded,
    "ward:scrap_scan": _scrap_scan,
}
APPROVER: dict[str, Callable[[Desk], Form]] = {"theatre:emergency": _decided}
