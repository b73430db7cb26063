"""What became of the things that a department gave back: waiting, good again, held and why, missing."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Status
from yanji.ledger.models import Level

from .gates import check
from .models_return import DepartmentReturn
from .papers import Paper, Section, Sheet, letterhead, register
from .queries import within
from .reasons import reason_words

# The first thing that happened to each unit afterwards, without what was taken back. A counted lot is mixed with others
# on the shelf: of its pieces nobody can say more than that they came.
FATES = """
SELECT i.code, ARRAY[i.name_zh, i.name_en], coalesce(u.serial, ''), lo.number, lo.expiry, m.quantity::int,
       CASE WHEN own.corrected THEN 'voided'
            WHEN m.unit_id IS NULL THEN CASE WHEN lies.there THEN 'waiting' ELSE 'counted' END
            WHEN fate.to_status IS NULL THEN 'waiting' WHEN fate.to_status = 'available' THEN 'good'
            WHEN fate.to_status = 'lost' THEN 'missing' WHEN fate.to_status = 'returned' THEN 'sent_back' ELSE 'held' END,
       coalesce(fate.reason, '')
  FROM ledger_movement m
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  LEFT JOIN ledger_unit u ON u.id = m.unit_id
  LEFT JOIN LATERAL (
       SELECT n.to_status, e.reason FROM ledger_movement n JOIN ledger_event e ON e.id = n.event_id
         JOIN places_place np ON np.id = n.to_place_id
        WHERE n.unit_id = m.unit_id AND n.seq > m.seq AND e.corrects_id IS NULL
          -- On another shelf it waits still; at the supplier it is what it became.
          AND (n.to_status <> 'returned' OR np.kind = 'supplier')
          AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
        ORDER BY n.seq LIMIT 1) fate ON true
 CROSS JOIN (SELECT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = %(event)s) AS corrected) own
 CROSS JOIN LATERAL (
       SELECT m.unit_id IS NULL AND EXISTS (
              SELECT 1 FROM ledger_level le JOIN places_place lp ON lp.id = le.place_id
               WHERE le.lot_id = m.lot_id AND le.status = 'returned' AND le.quantity > 0
                 AND starts_with(lp.path, %(store)s)) AS there) lies
 WHERE m.event_id = %(event)s ORDER BY i.code, m.line
"""


@dataclass(frozen=True, slots=True)
class Returned:
    """One thing of a return. ``fate``: waiting, good, held (``reason``), missing, sent_back, voided (the return itself was
    taken back); of a counted lot of which nothing waits any more ``counted``."""

    code: str
    item: tuple[str, str]
    serial: str
    lot: str
    expiry: date | None
    pieces: int
    fate: str
    reason: str


def returned_things(back: DepartmentReturn) -> list[Returned]:
    """Every thing of a return and what became of it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(FATES, {"event": back.event_id, "store": back.store.path})
        return [Returned(row[0], tuple(row[1]), *row[2:]) for row in cursor.fetchall()]


def state_of(things: list[Returned]) -> str:
    """Voided where the return was taken back; sent while anything waits to be looked at, else inspected. Pure."""
    if things and all(each.fate == "voided" for each in things):
        return "voided"
    return "sent" if any(each.fate == "waiting" for each in things) else "inspected"


def returned_lots(actor: Actor, *, limit: int = 100) -> list[Level]:
    """Counted lots that came back and wait for inspection where the actor inspects, first expiry first. One statement."""
    levels = Level.objects.filter(
        within("place", actor.scopes.get("inspect_return", ())), status=Status.RETURNED, quantity__gt=0,
        lot__item__tracking="lot",
    )  # fmt: skip
    return list(
        levels.select_related("lot__item", "place").order_by("lot__expiry", "lot_id", "place_id")[:limit]
    )


def department_returns(actor: Actor, *, limit: int = 200) -> list[DepartmentReturn]:
    """Returns that the actor sees from either end, latest first. One statement."""
    paths = actor.scopes.get("view", ())
    found = DepartmentReturn.objects.filter(within("department", paths) | within("store", paths))
    return list(found.select_related("department", "store", "actor").order_by("-sent_at", "-id")[:limit])


def department_return_for(actor: Actor, return_id: int, *, may: str = "view") -> DepartmentReturn:
    """A return is seen from both its ends."""
    found = DepartmentReturn.objects.select_related("department", "store", "actor")
    back = found.filter(pk=return_id).first() if 0 < return_id < 2**63 else None
    if back is None:
        raise NotFound("department_return")
    check(actor, [back.department.path, back.store.path], may=may, thing=back.number)
    return back


def fate_words() -> dict[str, str]:
    """How each fate is called, in the reader's language."""
    return {
        "waiting": _("Waits for inspection"), "good": _("Good, back in stock"), "held": _("Held"), "missing": _("Missing"),
        "counted": _("Counted lot"), "sent_back": _("Back to the supplier"), "voided": _("The return was taken back"),
    }  # fmt: skip


def state_words() -> dict[str, str]:
    """How each state is called, in the reader's language."""
    return {"sent": _("Sent"), "inspected": _("Inspected"), "voided": _("Taken back")}


def department_return_sheet(back: DepartmentReturn) -> Sheet:
    """For both ends: what was given back, and what the store found."""
    things, fates, words = returned_things(back), fate_words(), reason_words()
    english = (get_language() or "").startswith("en")
    names = [each.item[1] if english and each.item[1] else each.item[0] for each in things]
    rows = [
        (each.code, name, each.serial, each.lot, each.expiry, each.pieces, fates[each.fate],
         words.of(each.reason, group="hold") if each.fate in ("held", "missing") and each.reason else "")
        for each, name in zip(things, names, strict=True)
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Serial"), _("Lot"), _("Expiry date"), _("Quantity"), _("Finding"), _("Reason"),
    )  # fmt: skip
    return Sheet(
        title=_("Return note"),
        number=back.number,
        state=state_words()[state_of(things)],
        head=letterhead(back.store.path),
        facts=(
            (_("From"), back.department.name),
            (_("To"), back.store.name),
            (_("Reason"), words.of(back.reason, group="return") if back.reason else ""),
            (_("Sent at"), back.sent_at),
            (_("Sent by"), back.actor.name),
        ),
        sections=(Section(_("Things"), columns, rows),),
        signatures=(_("Sent by"), _("Inspected by")),
    )


register(
    Paper(
        kind="department_return",
        label=gettext_lazy("Return note"),
        model=DepartmentReturn,
        gate=department_return_for,
        page=lambda back: ("storeroom:department_return", (back.pk,)),
        sheet=department_return_sheet,
    )
)
