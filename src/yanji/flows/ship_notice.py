"""The supplier says what is on its way; its serialised units are expected from then on."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from yanji.access.actor import Actor
from yanji.catalog.models import Item, ItemCode
from yanji.identity import Identity, Reading, read
from yanji.ledger.api import MAX_LINES, Draft, Line, NewUnit, Offence, Refused, Step, post

from .acts import Done, moment, verb
from .announced import Announced, complete
from .awaited import on_the_way
from .documents import allow
from .models import OrderLine, PurchaseOrder, ShipNotice, ShipNoticeLine
from .notice_withdrawn import expected_before, still_announced
from .numbers import next_number
from .packing.delivered import announced_boxes, box_code, make_boxes, numbered, put_units_in
from .packing.models import Box
from .portal.gates import for_this_act, order_to_announce

COLUMNS = ("code", "serial", "lot", "expiry", "quantity", "box", "pallet")


def draft_announcement(
    order: PurchaseOrder,
    prices: dict[int, OrderLine],
    lines: Sequence[Announced],
    *,
    key: str,
    number: str,
    at: datetime,
) -> Draft:
    """The units of a ship notice as the ledger will expect them. Pure."""
    units = (
        NewUnit(
            epc=line.epc,
            item_id=line.item_id,
            serial=line.serial,
            lot=line.lot,
            expiry=line.expiry,
            made=line.made,
            supplier_id=order.supplier_id,
            order_number=order.number,
            cost=prices[line.item_id].price,
        )
        for line in lines
        if line.epc and line.serial
    )
    return Draft(
        step=Step.ANNOUNCE,
        key=key,
        happened_at=at,
        lines=tuple(Line(unit) for unit in units),
        documents={"order": order.number, "notice": number},
        source_party_id=order.supplier_id,
    )


@verb
def announce(
    *,
    actor: Actor,
    key: str,
    order_id: int,
    lines: Sequence[Announced],
    reference: str = "",
    carrier: str = "",
    expected_on: date | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Keep a ship notice and tell the ledger which units to expect.

    Raises :class:`Refused` for more than can still come: what earlier notices have on the way is withdrawn first;
    and for a unit that another notice still announces.
    """
    at = moment(happened_at)
    order = order_to_announce(actor, order_id, lock=True)
    allow("order", "announce", number=order.number, state=order.state, label=order.get_state_display())
    if not lines:
        raise Refused("empty")
    ordered = {line.item_id: line for line in order.lines.all()}
    lines, items = complete(lines)
    lines = numbered(lines)
    tree = announced_boxes(lines)
    serial = [line for line in lines if items[line.item_id].tracking == Item.Tracking.UNIT]
    before = expected_before(order, [line.epc for line in serial])
    offences = [*_against(order, ordered, items, lines, on_the_way(order.pk)), *still_announced(before)]
    if offences:
        raise Refused.of(offences)
    number = next_number("SN", path=order.deliver_to.path, at=at)
    unknown = [line for line in serial if line.epc not in before]
    draft = draft_announcement(order, ordered, unknown, key=key, number=number, at=at)
    poster = for_this_act(actor, "announce")
    event_id = post(draft, actor=poster).event_id if draft.lines else None
    notice = ShipNotice.objects.create(
        number=number,
        order=order,
        reference=reference,
        carrier=carrier,
        expected_on=expected_on,
        event_id=event_id,
        actor_id=actor.person_id,
        created_at=at,
    )
    boxes = make_boxes(tree, lines, notice_id=notice.pk, actor_id=actor.person_id) if tree else {}
    ShipNoticeLine.objects.bulk_create(_kept(notice, line, items[line.item_id], boxes) for line in lines)
    if boxes:
        put_units_in(boxes, serial)
    return Done(number, notice.pk, notice.state, (event_id,) if event_id else ())


def _against(
    order: PurchaseOrder,
    ordered: Mapping[int, OrderLine],
    items: Mapping[int, Item],
    lines: Sequence[Announced],
    coming: Mapping[int, int],
) -> Iterator[Offence]:
    seen: set[str] = set()
    announced: Counter[int] = Counter()
    for line in lines:
        item = items[line.item_id]
        name = line.epc or line.lot or item.name
        if line.item_id not in ordered:
            yield Offence("not_ordered", name, {"item": item.name, "order": order.number})
        if line.epc and line.epc in seen:
            yield Offence("scanned_twice", name)
        seen.add(line.epc)
        if line.epc and line.quantity != 1:
            yield Offence("bad_quantity", name)
        announced[line.item_id] += line.quantity
    for item_id, pieces in announced.items():
        owed = ordered[item_id].outstanding + ordered[item_id].surplus_left if item_id in ordered else pieces
        facts = {"item": items[item_id].name, "wanted": pieces, "outstanding": owed}
        if pieces > owed:
            yield Offence("over_announced", items[item_id].name, facts)
        elif pieces > owed - coming.get(item_id, 0):
            yield Offence("announced_before", items[item_id].name, {**facts, "coming": coming[item_id]})


def _kept(notice: ShipNotice, line: Announced, item: Item, boxes: Mapping[str, Box]) -> ShipNoticeLine:
    by_unit = item.tracking == Item.Tracking.UNIT
    return ShipNoticeLine(
        notice=notice,
        item=item,
        epc=line.epc if by_unit and line.serial else "",
        serial=line.serial,
        lot=line.lot,
        expiry=line.expiry,
        quantity=line.quantity,
        box=boxes.get(line.box or line.pallet),
    )


def read_csv(content: bytes) -> list[Announced]:
    """The lines of a supplier's file: columns code, serial, lot, expiry (YYYY-MM-DD), quantity, box, pallet, in any order.

    ``code`` is the item's own code, a code of any issuer, or a whole scan of the label. UTF-8 or GB 18030,
    which Chinese spreadsheet programs write. Raises :class:`Refused` with one offence a bad row, so that all
    can be mended. Units come with their names, as :func:`complete` gives them.
    """
    rows = _rows(content)
    codes = {row.get("code") or "" for _number, row in rows}
    scans = {code: read(code) for code in codes if code}
    own, dis = _known(codes, scans.values())
    found: list[Announced] = []
    offences: list[Offence] = []
    for number, row in rows:
        line = _line(number, row, scans.get(row.get("code") or ""), own, dis)
        (found if isinstance(line, Announced) else offences).append(line)
    if offences:
        raise Refused.of(offences[:100])
    return complete(found)[0]


def _rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    if "\0" in text or "\ufffd" in text:
        raise Refused("bad_text", field="file")
    try:
        rows = [
            (
                number,
                {(name or "").strip().lower(): (cell or "").strip() for name, cell in row.items() if name},
            )
            for number, row in enumerate(csv.DictReader(io.StringIO(text), restval=""), start=2)
        ]
    except csv.Error as error:
        raise Refused("broken_file") from error
    if not rows or "code" not in rows[0][1]:
        raise Refused("empty_file")
    if len(rows) > MAX_LINES:
        raise Refused("too_many_lines", count=len(rows), limit=MAX_LINES)
    return rows


def _known(codes: set[str], scans: Iterable[Reading]) -> tuple[dict[str, int], set[str]]:
    """Items by the hospital's own code, and which of the codes and scans are device identifiers of the catalogue."""
    dis = {scan.di for scan in scans if isinstance(scan, Identity) and scan.di}
    own = dict(Item.objects.filter(code__in=codes).values_list("code", "id"))
    return own, set(ItemCode.objects.filter(code__in=codes | dis).values_list("code", flat=True))


def _line(
    number: int, row: dict[str, str], scan: object, own: Mapping[str, int], dis: Collection[str]
) -> Announced | Offence:
    identity = scan if isinstance(scan, Identity) else None
    code = row["code"]
    item_id = own.get(code)
    di = (
        "" if item_id else next((each for each in (code, identity.di if identity else "") if each in dis), "")
    )
    if item_id is None and not di:
        return Offence("bad_row_code", code[:80], {"row": number})
    expiry = _day(row["expiry"]) if row.get("expiry") else identity.expiry if identity else None
    if expiry is None and row.get("expiry"):
        return Offence("bad_row_day", row["expiry"][:40], {"row": number})
    quantity = row.get("quantity") or "1"
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) < 10):
        return Offence("bad_row_quantity", quantity[:40], {"row": number})
    serial = row.get("serial") or (identity.serial if identity else None) or ""
    lot = row.get("lot") or (identity.lot if identity else None) or ""
    epc, made = (identity.epc or "", identity.made) if identity else ("", None)
    box, pallet = box_code(row.get("box", "")), box_code(row.get("pallet", ""))
    return Announced(item_id, serial, lot, expiry, int(quantity), epc, made, di or "", box, pallet)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
