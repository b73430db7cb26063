"""The acts of the pages that everybody reads, of the counts, of the readers, and the scans that open a document."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.flows.buying import today
from tests.flows.site import GTIN
from tests.flows.vials import opened, ward_lot
from tests.makers import days_ago, everything, unique
from tests.web.flows.world import gtin
from yanji.access.models import Person
from yanji.flows.announced import Announced
from yanji.flows.codes import add_code
from yanji.flows.counting.count import close_count, decide_variances, start_count
from yanji.flows.counting.models import Variance
from yanji.flows.counting.scan import Read, record
from yanji.flows.handheld.about import About, Scanned
from yanji.flows.handheld.models import SentState
from yanji.flows.handheld.sending import Sending, settle
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold
from yanji.flows.inspecting.models import InspectionPlan
from yanji.flows.invoices.settled import uncharged_uses
from yanji.flows.issue import issue
from yanji.flows.models import PurchaseOrder, Requisition, ShipNotice
from yanji.flows.opened.models import Taken
from yanji.flows.opened.piece import take
from yanji.flows.pick import pick
from yanji.flows.reasons import reasons
from yanji.flows.recall import recall
from yanji.flows.rfid.heard import hear, mishear
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import Read as Sighted
from yanji.flows.ship_notice import announce
from yanji.flows.trail import attach, remark
from yanji.identity import TEST_BARCODE
from yanji.identity.epc import to_hex
from yanji.ledger.api import Draft, Line, Step, life_line, post, virtual_places
from yanji.ledger.models import Lot

from .bought import drafted
from .desk import Desk, Form, key, serials_of

PASSWORD = "Tuer-Person-99"


def _reason(group: str) -> str:
    return next(iter(reasons(group)))


def _unit(d: Desk) -> tuple[str, list[str]]:
    """A unit with a second code for every row."""
    [epc] = d.here.stocked(1)
    codes = [f"E2801160600002079BC0{number:04X}" for number in range(d.count)]
    for code in codes:
        add_code(actor=d.here.keeper, key=unique("k"), epc=epc, code=code)
    return epc, codes


def _code_bound(d: Desk) -> Form:
    return f"/unit-codes/{_unit(d)[0]}", {"key": key("bind-code"), "code": "E2801160600002079BC0F9A1"}


def _code_off(d: Desk) -> Form:
    epc, codes = _unit(d)
    return f"/unit-codes-off/{epc}", {
        "key": key("take-code"),
        "code": codes[0],
        "reason": _reason("code_off"),
    }


def _recall_ended(d: Desk) -> Form:
    d.stocked()
    lot = Lot.objects.get(number="L1", item=d.here.h.item).pk
    recall(actor=d.here.keeper, key=unique("r"), lots=[WholeLot(lot, d.here.h.campus.pk)], notice="RN-7")
    return f"/lot/{lot}/end-recall", {"key": key("end-recall"), "reason": _reason("recall_end")}


def _part_back(d: Desk) -> Form:
    """Of a piece of which so many parts were taken, one goes back in."""
    piece = opened(d.here, ward_lot(d.here)).id
    for _ in range(d.count):
        take(actor=d.here.ward, key=unique("k"), piece_id=piece, amount=Decimal("0.1"))
    form = {"part": Taken.objects.latest("pk").pk, "reason": _reason("correct")}
    return f"/opened/{piece}/undo", {"key": key("undo"), **form}


def _opening_back(d: Desk) -> Form:
    piece = opened(d.here, ward_lot(d.here)).id
    return f"/opened/{piece}/undo", {"key": key("undo"), "what": "opening", "reason": _reason("correct")}


def _held_back(d: Desk) -> Form:
    epcs = d.here.stocked(d.count)
    hold(actor=d.here.keeper, key=unique("h"), things=epcs, reason="damaged")
    return _taken_back(epcs[0])


def _used_back(d: Desk) -> Form:
    epcs = d.epcs(d.in_theatre())
    d.room.use(d.room.case(), *epcs)
    return _taken_back(epcs[0])


def _picked_back(d: Desk) -> Form:
    epcs = d.here.stocked(d.count)
    wanted = d.here.requisition((d.here.h.item, d.count))
    pick(actor=d.here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    return _taken_back(epcs[0])


def _received_back(d: Desk) -> Form:
    return _taken_back(d.here.stocked(d.count)[0])


def _taken_back(epc: str) -> Form:
    event = life_line(epc)[-1].event_id
    return f"/event/{event}/correct", {"key": key("correct"), "reason": _reason("correct")}


def _paper(d: Desk) -> tuple[str, list[int]]:
    """An order with a remark and a file for every row."""
    order = d.here.order((d.here.h.item, 1)).id
    of: dict[str, Any] = {"actor": d.here.keeper, "kind": "order", "document_id": order}
    for _ in range(d.count):
        remark(**of, key=unique("k"), text="Wet")
    files = [
        attach(**of, key=unique("k"), file_name=f"note {number}.txt", content=b"%d" % number).id
        for number in range(d.count)
    ]
    return f"/papers/order/{order}", files


def _remarked(d: Desk) -> Form:
    return f"{_paper(d)[0]}/remark", {"key": key("remark"), "text": "The box was wet."}


def _attached(d: Desk) -> Form:
    file = SimpleUploadedFile("note.txt", b"The box was wet.", "text/plain")
    return f"{_paper(d)[0]}/attach", {"key": key("attach"), "file": file}


def _file_withdrawn(d: Desk) -> Form:
    address, files = _paper(d)
    return f"{address}/files/{files[0]}/withdraw", {"key": key("withdraw"), "reason": "Another order's"}


def _replayed(d: Desk) -> Form:
    d.stocked()
    return "/soundness", {}


def _settled_by_hand(d: Desk) -> Form:
    """Of so many acts that the scan page handed on, one is settled."""
    acts = [unique("pwa") for _ in range(d.count)]
    for act in acts:
        scans = [Scanned(d.here.scan(serial)) for serial in d.serials()]
        sending = Sending(act, "give_back", scans, About(place_id=d.here.h.store.pk))
        settle(sending, actor=d.here.ward, state=SentState.HANDED_ON, because="It lies here")
    return "/scan/handed-on", {"key": key("handed_on"), "sent": acts[0], "note": "Fetched by hand"}


def _signed_in(d: Desk) -> Form:
    d.sender.set_password(PASSWORD)
    d.sender.save(update_fields=["password"])
    return "/sign-in", {"username": d.sender.username, "password": PASSWORD}


READER: dict[str, Callable[[Desk], Form]] = {
    "web:bind_code": _code_bound,
    "web:release_code": _code_off,
    "web:end_recall": _recall_ended,
    "web:correct hold": _held_back,
    "web:correct pick": _picked_back,
    "web:correct receipt": _received_back,
    "web:remark": _remarked,
    "web:attach": _attached,
    "web:withdraw": _file_withdrawn,
    "web:handed_on": _settled_by_hand,
    "web:scanner": lambda d: ("/scanner", {"scan": TEST_BARCODE}),
    "web:scanner forget": lambda d: ("/scanner", {"forget": "1"}),
    "web:scanner_scan": lambda d: ("/scanner/scan", {"scan": TEST_BARCODE}),
    "web:preferences": lambda d: ("/preferences", {"language": "en", "theme": "dark"}),
    "web:sign_in": _signed_in,
    "web:sign_out": lambda d: ("/sign-out", {}),
}
WARD: dict[str, Callable[[Desk], Form]] = {
    "web:correct use": _used_back,
    "web:undo_piece": _part_back,
    "web:undo_piece opening": _opening_back,
}


def _order_scan(d: Desk) -> Form:
    """One of so many open orders is opened by its number."""
    orders = [d.here.order((d.here.h.item, 1)).id for _ in range(d.count)]
    return "/storeroom/receiving/scan", {"scan": PurchaseOrder.objects.get(pk=orders[0]).number}


def _announced_scan(d: Desk) -> Form:
    order = d.here.order((d.here.h.item, d.count)).id
    serials = d.serials()
    lines = [
        Announced(d.here.h.item.pk, serial, "L1", today(), epc=f"01/{GTIN}/21/{serial}") for serial in serials
    ]
    announce(actor=d.here.purchasing, key=unique("k"), order_id=order, lines=lines)
    return "/storeroom/receiving/scan", {"scan": d.here.scan(serials[0])}


def _adopted(d: Desk) -> Form:
    unknown = f"]d201{gtin()}1799123110L1\x1d21U1"
    return f"/storeroom/receiving/{d.ordered()}/adopt", {"key": key("adopt"), "adopt": unknown}


def _labelled(d: Desk) -> Form:
    labels = unique("labels:")
    form = {
        "label_item": d.here.h.item.pk, "label_lot": "LX", "label_expiry": str(today()), "label_key": labels,
        f"count:{labels}": str(d.count), "dock_id": d.here.h.store.pk,
    }  # fmt: skip
    return f"/storeroom/receiving/{d.ordered()}/labels", form


def _looked_at(d: Desk) -> Form:
    InspectionPlan.objects.create(method="full", points=["label"], edited_by=d.here.buyer)
    order = d.here.order((d.here.h.item, d.count)).id
    form = d.rows("receipt", d.serials(), dock_id=d.here.h.store.pk)
    return f"/storeroom/receiving/{order}/samples", form


def _consigned_looked_at(d: Desk) -> Form:
    InspectionPlan.objects.create(method="full", points=["label"], edited_by=d.here.buyer)
    d.room.agreement()
    places = {"supplier_id": d.here.h.supplier.pk, "dock_id": d.here.h.store.pk}
    return "/storeroom/consigned/receive/samples", d.rows("consigned", d.serials(), **places)


def _slip_scan(d: Desk) -> Form:
    slips = [d.here.requisition((d.here.h.item, 1)).id for _ in range(d.count)]
    return "/storeroom/picking/scan", {"scan": Requisition.objects.get(pk=slips[0]).number}


def _reader(d: Desk) -> int:
    """The first of so many readers."""
    editor = everything(d.here.h.campus, d.here.buyer)
    made = [
        enter_reader(
            actor=editor, key=unique("k"), name=unique("gate"), kind="gate", protocol="llrp", address=f"10.0.3.{n}:5084",
            place_id=d.here.h.store.pk, inside=[2], outside=[1],
        ).id
        for n in range(1, d.count + 1)
    ]  # fmt: skip
    return made[0]


def _reader_form(**form: Any) -> dict[str, Any]:
    said = {"name": "Gate", "address": "10.0.9.9:5084", "inside": "2", "outside": "1"}
    return {"key": key("reader"), **said, **form}


def _new_reader(d: Desk) -> Form:
    _reader(d)
    form = _reader_form(kind="gate", protocol="llrp", place=d.here.h.store.pk)
    return "/storeroom/readers/new", form


def _reader_off(d: Desk) -> Form:
    reader = _reader(d)
    return f"/storeroom/readers/{reader}/active", {"key": key(f"reader{reader}")}


def _misheard(d: Desk) -> Form:
    reader = _reader(d)
    for _ in range(d.count):
        mishear(reader, "?", "no JSON")
    return f"/storeroom/readers/{reader}/misheard", {"key": key(f"misheard{reader}")}


def _written_off(d: Desk) -> Form:
    epcs = d.here.stocked(d.count, ago=41)
    lines = tuple(Line(epc, virtual_places().lost) for epc in epcs)
    post(Draft(Step.LOSE, unique("l"), days_ago(40), lines, reason="missing"), actor=d.here.keeper)
    form = {"place_id": d.here.h.campus.pk, "reason": "missing", "epc": epcs}
    return "/storeroom/scrap/lost", {"key": key("write_off"), **form}


def _count(d: Desk, *, seen: Sequence[str] = (), closed: bool = False, who: Person | None = None) -> int:
    """A count of a store in which so many units lie; ``seen``: what was scanned."""
    actor = d.here.actor(who) if who else d.here.keeper
    count = start_count(actor=actor, key=unique("k"), place_id=d.here.h.store.pk).id
    reads = [Read(epc, unique("s"), place_id=d.here.h.bin.pk) for epc in seen]
    if reads:
        record(actor=actor, count_id=count, reads=reads)
    if closed:
        close_count(actor=actor, key=unique("k"), count_id=count)
    return count


def _missing(d: Desk) -> int:
    """A count that found nothing of what should be there."""
    d.stocked()
    return _count(d, closed=True)


def counted_and_decided(d: Desk) -> int:
    """What is missing is to be written off, as the second storekeeper says."""
    d.stocked()
    count = _count(d, closed=True, who=d.here.second)
    found = list(Variance.objects.filter(count_id=count).values_list("pk", flat=True))
    decide_variances(
        actor=d.here.actor(d.here.second), key=unique("k"), count_id=count, variance_ids=found, decision="accept",
        reason=_reason("count_variance"),
    )  # fmt: skip
    return count


def _count_begun(d: Desk) -> Form:
    d.stocked()
    return "/storeroom/count", {"key": key("count"), "place_id": d.here.h.store.pk, "mode": "full"}


def _on_count(act: str, of: Callable[[Desk], int], **form: str) -> Callable[[Desk], Form]:
    """One button of a count."""
    return lambda d: (f"/storeroom/count/{of(d)}/{act}", {"key": key(act), **form})


def _under_way(d: Desk) -> int:
    return _count(d, seen=d.here.stocked(d.count))


def _listed(d: Desk) -> Form:
    serials = d.stocked()
    reads = "\n".join(d.here.scan(serial) for serial in serials)
    return f"/storeroom/count/{_count(d)}/list", {"key": key("list"), "reads": reads}


def _variances_decided(d: Desk) -> Form:
    count = _missing(d)
    found = list(Variance.objects.filter(count_id=count).values_list("pk", flat=True))
    form = {"variance": found, "decision": "accept", "reason": _reason("count_variance")}
    return f"/storeroom/count/{count}/decide", {"key": key("decide"), **form}


def _classified(d: Desk) -> Form:
    d.room.use(d.room.case(), *d.epcs(d.in_theatre()))
    assert d.items
    return "/storeroom/count/classes", {"key": key("classes"), "campus_id": d.here.h.campus.pk}


def _passed(d: Desk) -> int:
    """A gate that so many tagged things have just come through."""
    gate, serials = _reader(d), d.serials()
    tags = [to_hex([("01", GTIN), ("21", serial)], "sgtin+") for serial in serials]
    hear(gate, [Sighted(tag, 2, timezone.now()) for tag in tags])
    return gate


def _read_at_the_dock(d: Desk) -> Form:
    order = d.here.order((d.here.h.item, d.count)).id
    return f"/storeroom/receiving/{order}/read", {"reader_id": _passed(d), "dock_id": d.here.h.store.pk}


def _read_in_a_count(d: Desk) -> Form:
    d.stocked()
    count = _count(d)
    return f"/storeroom/count/{count}/read/take", {"reader_id": _passed(d)}


STORE: dict[str, Callable[[Desk], Form]] = {
    "storeroom:receive_read": _read_at_the_dock,
    "storeroom:count_read_take": _read_in_a_count,
    "storeroom:receiving_scan": _order_scan,
    "storeroom:receiving_scan announced": _announced_scan,
    "storeroom:receive_adopt": _adopted,
    "storeroom:receive_labels": _labelled,
    "storeroom:receive_samples": _looked_at,
    "storeroom:consigned_samples": _consigned_looked_at,
    "storeroom:picking_scan": _slip_scan,
    "storeroom:lost": _written_off,
    "storeroom:counts": _count_begun,
    "storeroom:count_list": _listed,
    "storeroom:count_close": _on_count("close", _under_way),
    "storeroom:count_cancel": _on_count("cancel", _under_way),
    "storeroom:count_decide": _variances_decided,
    "storeroom:count_recount": _on_count("recount", _missing),
    "storeroom:count_submit": _on_count("submit", counted_and_decided),
    "storeroom:count_classes": _classified,
}
READERS: dict[str, Callable[[Desk], Form]] = {
    "web:drift": _replayed,
    "storeroom:new_reader": _new_reader,
    "storeroom:edit_reader": lambda d: (f"/storeroom/readers/{_reader(d)}/edit", _reader_form()),
    "storeroom:reader_active": _reader_off,
    "storeroom:reader_misheard": _misheard,
}


def _under_way_scan(d: Desk) -> Form:
    """What the store handed over in so many slips is awaited; one of it is scanned."""
    for epc in (epcs := d.here.stocked(d.count)):
        wanted = d.here.requisition((d.here.h.item, 1))
        pick(actor=d.here.keeper, key=unique("k"), requisition_id=wanted.id, things=[epc])
        issue(actor=d.here.keeper, key=unique("k"), requisition_id=wanted.id)
    return "/ward/take-in/scan", {"scan": d.here.scan(serials_of(epcs)[0])}


def _case_scan(address: str) -> Callable[[Desk], Form]:
    """One of so many open cases is opened by its patient's wristband."""

    def sent(d: Desk) -> Form:
        cases = [d.room.case() for _ in range(d.count)]
        return address, {"scan": cases[0].patient_token}

    return sent


NURSE: dict[str, Callable[[Desk], Form]] = {
    "ward:take_in_find": _under_way_scan,
    "ward:use_find": _case_scan("/ward/use/scan"),
    "theatre:find": _case_scan("/theatre/cases/find"),
}


def _label(of: str) -> Callable[[Desk], Form]:
    """What a label says, for a row of the ship notice of an order with so many lines."""
    return lambda d: (f"/{of.format(d.ordered())}", {"scan": d.here.scan(unique("S"))})


def _settled_invoice(part: str) -> Callable[[Desk], Form]:
    """The invoice of a confirmed statement, with a row for everything that it says was used."""

    def sent(d: Desk) -> Form:
        number = drafted(d, confirmed=True)
        uses = uncharged_uses([number])
        assert len(uses) == d.count
        rows = {
            "of": [f"use:{number}:{each.item_id}" for each in uses],
            "serial": [each.serial for each in uses],
            "lot": [""] * d.count,
            "quantity": ["1"] * d.count,
            "price": [str(each.price) for each in uses],
        }
        total = str(sum(each.price for each in uses))
        paper = {"reference": unique("F"), "invoiced_on": str(today()), "total": total}
        form = {"key": key("invoice"), "place_id": d.here.h.campus.pk, **paper, **rows}
        return f"/{part}/settlements/{number}/invoice", form

    return sent


def _notice_withdrawn(d: Desk) -> Form:
    order = d.here.order((d.here.h.item, d.count)).id
    lines = [Announced(d.here.h.item.pk, unique("S"), "L1", today()) for _ in range(d.count)]
    announce(actor=d.here.purchasing, key=unique("k"), order_id=order, lines=lines)
    notice = ShipNotice.objects.latest("pk").pk
    return f"/supplier/notices/{notice}/withdraw", {"key": key("withdraw"), "reason": "Wrong delivery"}


BUYER: dict[str, Callable[[Desk], Form]] = {
    "buyer:read_label": _label("buyer/orders/{}/notice/read"),
    "buyer:settled_invoice": _settled_invoice("buyer"),
}
SUPPLIER: dict[str, Callable[[Desk], Form]] = {
    "supplier:read_label": _label("supplier/orders/{}/notice/label"),
    "supplier:settled_invoice": _settled_invoice("supplier"),
    "supplier:withdraw_notice": _notice_withdrawn,
}
