"""The forms and scans of stores and suppliers: walks, loan sets, consigned goods, boxes, reservations, cabinets, scrap papers."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.flows.buying import supplier_person, today
from tests.flows.files import png
from tests.makers import everything, place, unique
from yanji.flows.cabinets.models import CabinetCase
from yanji.flows.cabinets.report import door_closed
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.loans import Listed, arrive_set, expect_set, send_set, sterilise_set
from yanji.flows.consign.models import ConsignmentReceipt, LoanSetCycle
from yanji.flows.differing.models import IssueDifference
from yanji.flows.disposal.ask import ask_scrap
from yanji.flows.disposal.sign import collect, destroy
from yanji.flows.issue import issue, take_in
from yanji.flows.models import OrderLine
from yanji.flows.packing.pack import pack
from yanji.flows.pick import pick
from yanji.flows.portal.papers import offer_paper
from yanji.flows.putaway import put_away
from yanji.flows.reserving.reserve import reserve
from yanji.flows.waves.pick import start_wave
from yanji.flows.witness import witness_of
from yanji.places.models import Kind

from .bought import charged
from .desk import Desk, Form, key

SECOND = "Zweite-Person-7"  # the password of the site's second storekeeper


def _asked_for(d: Desk) -> list[int]:
    """A requisition of one unit for every row."""
    return [d.here.requisition((d.here.h.item, 1)).id for _ in range(d.count)]


def _walk_begun(d: Desk) -> Form:
    d.stocked()
    form = {"key": key("wave"), "store_id": d.here.h.store.pk, "requisition": _asked_for(d)}
    return "/storeroom/waves/start", form


def _walk(d: Desk, asked: list[int] | None = None) -> tuple[str, list[str]]:
    """A walk for one requisition, or for those ``asked``."""
    serials = d.stocked()
    asked = asked or [d.here.requisition((d.here.h.item, d.count)).id]
    wave = start_wave(actor=d.here.keeper, key=unique("k"), store_id=d.here.h.store.pk, requisitions=asked)
    return f"/storeroom/waves/{wave.id}", serials


def _walked(d: Desk) -> Form:
    address, serials = _walk(d)
    return address, d.rows("wave_pick", serials)


def _walked_for_many(d: Desk) -> Form:
    address, serials = _walk(d, _asked_for(d))
    return address, d.rows("wave_pick", serials)


def _scanned(d: Desk, address: str, serials: list[str]) -> Form:
    [serial, *rest] = serials
    return f"{address}/scan", {**d.rows("wave_pick", rest), "scan": d.here.scan(serial)}


def _walk_scan(d: Desk) -> Form:
    return _scanned(d, *_walk(d))


def _walk_scan_for_many(d: Desk) -> Form:
    return _scanned(d, *_walk(d, _asked_for(d)))


def _walk_ended(d: Desk) -> Form:
    return f"{_walk(d)[0]}/close", {"key": key("close")}


def _agreed(d: Desk) -> None:
    d.room.agreement(items=[Kept(item.pk, Decimal(700), 1) for item in d.items])


def _set_expected(d: Desk) -> Form:
    _agreed(d)
    lines = d.lines("loan", supplier_id=d.here.h.supplier.pk, department_id=d.here.h.department.pk)
    return "/storeroom/loans/new", {**lines, "set_name": "Hip", "due_on": str(today())}


def _expected(d: Desk) -> int:
    _agreed(d)
    return expect_set(
        actor=d.here.keeper, key=unique("l"), supplier_id=d.here.h.supplier.pk, department_id=d.here.h.department.pk,
        set_name="Set", due_on=today(), listed=[Listed(d.here.h.item.pk, d.count)],
    ).id  # fmt: skip


def _set_came(d: Desk) -> Form:
    form = d.rows("arrive", d.serials(), dock_id=d.here.h.store.pk)
    return f"/storeroom/loans/{_expected(d)}", form


def _set_scan(d: Desk) -> Form:
    [serial, *rest] = d.serials()
    form = d.rows("arrive", rest, dock_id=d.here.h.store.pk)
    return f"/storeroom/loans/{_expected(d)}/scan", {**form, "scan": d.here.scan(serial)}


def _set_act(act: str, **form: str) -> Callable[[Desk], Form]:
    """One step of a set that came whole, brought as far as the step needs it."""

    def sent(d: Desk) -> Form:
        loan = _expected(d)
        step: dict[str, Any] = {"actor": d.here.keeper, "loan_set_id": loan}
        arrivals = [d.here.arrival() for _ in range(d.count)]
        arrive_set(**step, key=unique("k"), dock_id=d.here.h.store.pk, arrivals=arrivals)
        if act != "sterilise":
            sterilise_set(**step, key=unique("k"), cycle="C-1")
        if act not in ("sterilise", "send"):
            send_set(**step, key=unique("k"))
        return f"/storeroom/loans/{loan}/act", {"key": key("loan_step"), "act": act, **form}

    return sent


def _cycle_voided(d: Desk) -> Form:
    """The cycle of a set that is in its theatre already was another set's."""
    address, _sent = _set_act("hand_back")(d)
    cycle = LoanSetCycle.objects.get()
    return f"{address.removesuffix('act')}cycles/{cycle.pk}/void", {
        "key": key("void_cycle"),
        "reason": "Another set's",
    }


def _goods(d: Desk, serials: list[str]) -> dict[str, Any]:
    return d.rows("consigned", serials, supplier_id=d.here.h.supplier.pk, dock_id=d.here.h.store.pk)


def _consigned(d: Desk) -> Form:
    _agreed(d)
    return "/storeroom/consigned/receive", _goods(d, d.serials())


def _consigned_scan(d: Desk) -> Form:
    _agreed(d)
    return "/storeroom/consigned/receive/scan", {**_goods(d, d.serials()), "scan": d.here.scan(unique("S"))}


def _consigned_voided(d: Desk) -> Form:
    _agreed(d)
    d.room.receive_consigned(*(d.here.arrival() for _ in range(d.count)))
    receipt = ConsignmentReceipt.objects.get().pk
    return f"/storeroom/consigned/receipts/{receipt}/void", {"key": key("void"), "reason": "wrong_scan"}


def _packed(d: Desk) -> Form:
    return "/storeroom/pack", d.rows("pack", d.stocked(), place_id=d.here.h.store.pk, kind="box")


def _pack_scan(d: Desk) -> Form:
    [serial, *rest] = d.stocked()
    form = d.rows("pack", rest, place_id=d.here.h.store.pk, kind="box")
    return "/storeroom/pack/scan", {**form, "scan": d.here.scan(serial)}


def _unpacked(d: Desk) -> Form:
    things = d.epcs(d.stocked())
    box = pack(actor=d.here.keeper, key=unique("k"), place_id=d.here.h.store.pk, kind="box", things=things)
    return f"/storeroom/boxes/{box.facts['code']}/unpack", {"key": key("unpack"), "epc": things}


def _reserving(d: Desk, serials: list[str]) -> dict[str, Any]:
    wanted = d.here.requisition((d.here.h.item, d.count)).id
    return d.rows("reserve", serials, store_id=d.here.h.store.pk, requisition_id=wanted)


def _reserved(d: Desk) -> Form:
    return "/storeroom/reservations", _reserving(d, d.stocked())


def _reserve_scan(d: Desk) -> Form:
    [serial, *rest] = d.stocked()
    return "/storeroom/reservations/scan", {**_reserving(d, rest), "scan": d.here.scan(serial)}


def _kept(d: Desk) -> list[str]:
    serials = d.stocked()
    wanted = d.here.requisition((d.here.h.item, d.count)).id
    reserve(
        actor=d.here.keeper,
        key=unique("k"),
        store_id=d.here.h.store.pk,
        things=d.epcs(serials),
        requisition_id=wanted,
    )
    return serials


def _given_free(d: Desk) -> Form:
    form = d.rows("unreserve", _kept(d), store_id=d.here.h.store.pk, reason="not_needed")
    return "/storeroom/reservations/end", form


def _free_scan(d: Desk) -> Form:
    [serial, *rest] = _kept(d)
    form = d.rows("unreserve", rest, store_id=d.here.h.store.pk)
    return "/storeroom/reservations/end/scan", {**form, "scan": d.here.scan(serial)}


def _cabinet_settled(d: Desk) -> Form:
    """Somebody took everything out of a smart cabinet, and nobody knows who; one of it is explained."""
    cabinet = place(Kind.CABINET, d.here.h.store)
    put_away(actor=d.here.keeper, key=unique("k"), things=d.epcs(d.stocked()), to_place_id=cabinet.pk)
    door_closed(
        actor=everything(d.here.h.campus, d.here.buyer), key=unique("k"), cabinet_id=cabinet.pk, tags=[]
    )
    case = CabinetCase.objects.earliest("pk").pk
    return f"/storeroom/cabinets/cases/{case}", {"key": key("cabinet"), "note": "It fell behind the drawer"}


def _difference_settled(d: Desk) -> Form:
    """All but one of what was issued is missing; the store says of one what became of it."""
    h = d.here.h
    epcs = d.here.stocked(d.count + 1)
    wanted = d.here.requisition((h.item, d.count + 1))
    pick(actor=d.here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    handed = issue(actor=d.here.keeper, key=unique("k"), requisition_id=wanted.id)
    take_in(
        actor=d.here.ward, key=unique("k"), issue_id=handed.id, to_place_id=h.cabinet.pk, things=epcs[:1],
        rest_is_missing=True,
    )  # fmt: skip
    difference = IssueDifference.objects.earliest("pk").pk
    form = {"key": key("settle"), "outcome": "back", "note": "It lay on the trolley"}
    return f"/storeroom/issues/differences/{difference}", form


def _to_scrap(d: Desk) -> int:
    return ask_scrap(
        actor=d.here.keeper, key=unique("k"), things=d.here.stocked(d.count), reason="damaged"
    ).id


def _scrap_signed(d: Desk) -> Form:
    form = {"key": key("sign"), "witness": d.here.second.username, "witness_password": SECOND}
    return f"/storeroom/scrap/papers/{_to_scrap(d)}/sign", form


def _scrap_cancelled(d: Desk) -> Form:
    return f"/storeroom/scrap/papers/{_to_scrap(d)}/cancel", {"key": key("cancel")}


def _destroyed(d: Desk) -> int:
    paper = _to_scrap(d)
    witness = witness_of(d.here.second)
    destroy(actor=d.here.keeper, key=unique("k"), disposal_id=paper, witness=witness)
    return paper


def _collected(d: Desk) -> Form:
    form = {"key": key("collect"), "firm": "Green", "certificate": "Z-1", "collected_on": str(today())}
    return f"/storeroom/scrap/papers/{_destroyed(d)}/collect", form


def _certificate_voided(d: Desk) -> Form:
    paper = _destroyed(d)
    collect(
        actor=d.here.keeper,
        key=unique("k"),
        disposal_id=paper,
        firm="Green",
        certificate="Z-1",
        collected_on=today(),
    )
    return f"/storeroom/scrap/papers/{paper}/void", {"key": key("void"), "reason": "wrong_scan"}


def _issue_signed(d: Desk) -> Form:
    things = d.epcs(d.stocked())
    wanted = d.here.requisition((d.here.h.item, d.count))
    pick(actor=d.here.keeper, key=unique("k"), requisition_id=wanted.id, things=things)
    handed = issue(actor=d.here.keeper, key=unique("k"), requisition_id=wanted.id)
    return f"/storeroom/issues/{handed.id}/take-over", {"key": key("take_over")}


STOREKEEPER: dict[str, Callable[[Desk], Form]] = {
    "storeroom:start_wave": _walk_begun,
    "storeroom:wave": _walked,
    "storeroom:wave for many": _walked_for_many,
    "storeroom:wave_scan": _walk_scan,
    "storeroom:wave_scan for many": _walk_scan_for_many,
    "storeroom:close_wave": _walk_ended,
    "storeroom:new_loan": _set_expected,
    "storeroom:loan": _set_came,
    "storeroom:loan_scan": _set_scan,
    "storeroom:loan_act sterilise": _set_act("sterilise", cycle="C-7"),
    "storeroom:loan_act send": _set_act("send"),
    "storeroom:loan_act hand_back": _set_act("hand_back", reference="HB-1"),
    "storeroom:loan_act close": _set_act("close", difference="lost_in_theatre"),
    "storeroom:void_cycle": _cycle_voided,
    "storeroom:receive_consigned": _consigned,
    "storeroom:consigned_scan": _consigned_scan,
    "storeroom:void_consigned": _consigned_voided,
    "storeroom:pack": _packed,
    "storeroom:pack_scan": _pack_scan,
    "storeroom:unpack": _unpacked,
    "storeroom:reserve": _reserved,
    "storeroom:reserve_scan": _reserve_scan,
    "storeroom:unreserve": _given_free,
    "storeroom:unreserve_scan": _free_scan,
    "storeroom:settle_cabinet_case": _cabinet_settled,
    "storeroom:settle_difference": _difference_settled,
    "storeroom:sign_disposal": _scrap_signed,
    "storeroom:cancel_disposal": _scrap_cancelled,
    "storeroom:collect_disposal": _collected,
    "storeroom:void_disposal": _certificate_voided,
}
NURSE: dict[str, Callable[[Desk], Form]] = {"storeroom:take_over": _issue_signed}


def _answered(d: Desk) -> Form:
    order = d.ordered()
    line = OrderLine.objects.filter(order_id=order).earliest("id").pk
    form = {"key": key("answer"), "verdict": "changed", "pieces": "1", "note": "Short of stock"}
    return f"/supplier/orders/{order}/lines/{line}/answer", form


def _confirmed(d: Desk) -> Form:
    order = d.ordered()
    lines = list(OrderLine.objects.filter(order_id=order).values_list("pk", flat=True))
    return f"/supplier/orders/{order}/confirm", {"key": key("confirm"), "line": lines}


def _announced(d: Desk) -> Form:
    order = d.here.order((d.here.h.item, d.count)).id
    rows = {"item": [d.here.h.item.pk] * d.count, "serial": d.serials(), "lot": ["L1"] * d.count}
    rows |= {"expiry": [str(today() + timedelta(days=400))] * d.count, "quantity": ["1"] * d.count}
    rows |= {name: [""] * d.count for name in ("per", "epc", "box", "pallet")}
    return f"/supplier/orders/{order}/notice", {"key": key("notice"), "reference": "DN-1", **rows}


def _charged(d: Desk) -> Form:
    return "/supplier/invoices/new", charged(d)


def _offer(d: Desk) -> Form:
    paper = {
        "kind": "business",
        "reference": "BL-7",
        "valid_from": str(today()),
        "valid_to": str(today() + timedelta(days=300)),
    }
    return "/supplier/papers/offer", {
        "key": key("offer"), "file": SimpleUploadedFile("scan.png", png(), "image/png"), **paper,
    }  # fmt: skip


def _offer_withdrawn(d: Desk) -> Form:
    sent = offer_paper(
        actor=d.here.actor(supplier_person(d.here)), key=unique("k"), kind="business", reference="BL-7",
        valid_from=today(), valid_to=today() + timedelta(days=300), file_name="scan.png", content=png(),
    )  # fmt: skip
    return f"/supplier/papers/offered/{sent.id}/withdraw", {"key": key("withdraw"), "reason": "Wrong scan"}


SUPPLIER: dict[str, Callable[[Desk], Form]] = {
    "supplier:answer": _answered,
    "supplier:confirm": _confirmed,
    "supplier:new_notice": _announced,
    "supplier:new_invoice": _charged,
    "supplier:offer_paper": _offer,
    "supplier:withdraw_paper": _offer_withdrawn,
}
