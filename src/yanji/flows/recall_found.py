"""How far a recall has come: what of its lot is still to find, lies apart or was used, where, and for how many patients."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.ledger.api import Name, Refused, Status
from yanji.places.models import Kind

from .alternatives import localised
from .models_recall import LotRecall
from .papers import Cell, Paper, Section, Sheet, register
from .reasons import reason_words

# What nobody can take any more; whatever else lies somewhere is still to find.
APART = (Status.RECALLED, Status.QUARANTINED, Status.SCRAPPED, Status.EXPLANTED, Status.USED, Status.LOST)
GONE = (Kind.SUPPLIER, Kind.PATIENT, Kind.SCRAP, Kind.LOST, Kind.CONSUMED)
# A use counts where it happened, unless it was taken back; a part of an opened piece has a patient, and is no piece.
_TOUCHED = """
WITH moves AS (
    SELECT m.* FROM ledger_unit u JOIN ledger_movement m ON m.unit_id = u.id
     WHERE u.lot_id = ANY (%(lots)s) AND m.to_status = 'used'
    UNION ALL
    SELECT m.* FROM ledger_movement m WHERE m.lot_id = ANY (%(lots)s) AND m.unit_id IS NULL AND m.to_status = 'used'),
touched AS (
    SELECT le.lot_id, le.place_id, CASE WHEN le.status = ANY (%(apart)s) THEN 'apart' ELSE 'to_find' END AS what,
           le.quantity AS pieces, NULL AS patient, NULL AS case_number
      FROM ledger_level le JOIN places_place p ON p.id = le.place_id AND p.kind <> ALL (%(gone)s)
     WHERE le.lot_id = ANY (%(lots)s) AND le.quantity > 0
    UNION ALL
    SELECT m.lot_id, m.from_place_id, 'used', m.quantity, e.documents->>'patient', e.documents->>'case'
      FROM moves m JOIN ledger_event e ON e.id = m.event_id AND e.corrects_id IS NULL
     WHERE m.from_status IS DISTINCT FROM 'used' AND NOT EXISTS (SELECT FROM ledger_event k WHERE k.corrects_id = e.id)
    UNION ALL
    SELECT o.lot_id, o.place_id, 'used', 0, c.patient_token, c.number
      FROM flows_openedpiece o JOIN flows_taken t ON t.piece_id = o.id JOIN flows_case c ON c.id = t.case_id
     WHERE o.lot_id = ANY (%(lots)s) AND NOT EXISTS (SELECT FROM flows_pieceundone x WHERE x.part_id = t.id)),
seen AS (
    SELECT t.*, coalesce(s.id, p.id) AS station, coalesce(s.path, p.path) AS path
      FROM touched t
      JOIN places_place p ON p.id = t.place_id AND (p.kind = 'transit' OR p.path LIKE ANY (%(paths)s))
      LEFT JOIN LATERAL (SELECT up.id, up.path FROM places_place up
                          WHERE up.id = ANY (string_to_array(trim(both '/' from p.path), '/')::bigint[])
                            AND up.kind IN ('department', 'store') ORDER BY length(up.path) DESC LIMIT 1) s ON true)"""
_BY_PLACE = f"""{_TOUCHED},
summed AS (
    SELECT lot_id, station, coalesce(sum(pieces) FILTER (WHERE what = 'to_find'), 0) AS to_find,
           coalesce(sum(pieces) FILTER (WHERE what = 'apart'), 0) AS apart,
           coalesce(sum(pieces) FILTER (WHERE what = 'used'), 0) AS used, count(DISTINCT patient) AS patients
      FROM seen GROUP BY GROUPING SETS ((lot_id, station), (lot_id), ()))
SELECT x.lot_id, x.station, ARRAY[p.name_zh, p.name_en], x.to_find, x.apart, x.used, x.patients
  FROM summed x LEFT JOIN places_place p ON p.id = x.station
 ORDER BY x.lot_id, x.to_find DESC, x.apart DESC, p.path"""
_PATIENTS = f"""{_TOUCHED}
SELECT patient, case_number, ARRAY[p.name_zh, p.name_en], s.path, sum(s.pieces)
  FROM seen s JOIN places_place p ON p.id = s.station WHERE patient IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2"""
# Unit by unit what is tracked so, and what is counted place by place; what is to find first.
_LYING = f"""{_TOUCHED},
lying AS (
    SELECT u.place_id, u.serial, u.status, 1 AS pieces FROM ledger_unit u JOIN places_place t ON t.id = u.place_id
     WHERE u.lot_id = ANY (%(lots)s) AND (t.kind <> 'transit' OR (
           SELECT f.path FROM ledger_movement m JOIN places_place f ON f.id = m.from_place_id
            WHERE m.unit_id = u.id AND m.from_place_id <> t.id ORDER BY m.seq DESC LIMIT 1) LIKE ANY (%(paths)s))
    UNION ALL
    SELECT le.place_id, '', le.status, sum(le.quantity)
      FROM ledger_level le
      JOIN ledger_lot lo ON lo.id = le.lot_id
      JOIN catalog_item i ON i.id = lo.item_id AND i.tracking <> 'unit'
     WHERE le.lot_id = ANY (%(lots)s) AND le.quantity > 0 GROUP BY 1, 3)
SELECT ARRAY[concat(s.name_zh || ' · ', p.name_zh), concat(s.name_en || ' · ', coalesce(nullif(p.name_en, ''), p.name_zh))],
       l.serial, l.pieces, l.status
  FROM lying l JOIN places_place p ON p.id = l.place_id AND p.kind <> ALL (%(gone)s)
  LEFT JOIN (SELECT DISTINCT place_id, station FROM seen) x ON x.place_id = p.id
  LEFT JOIN places_place s ON s.id = x.station AND s.id <> p.id
 WHERE p.kind = 'transit' OR p.path LIKE ANY (%(paths)s)
 ORDER BY l.status = ANY (%(apart)s), p.path, l.serial LIMIT %(most)s"""
# Rows of what lies somewhere: a paper of more is ticked off by nobody.
MOST_LYING = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """Pieces of a lot at one store or department (``name``), or in all: ``to_find`` may still be taken by somebody, ``apart``
    by nobody; ``used``, and for how many patients."""

    name: Name | None = None
    to_find: Decimal = Decimal(0)
    apart: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    patients: int = 0

    @property
    def counts(self) -> tuple[int | Decimal, ...]:
        """As a table has them, whole pieces without a point."""
        return (*(whole(each) for each in (self.to_find, self.apart, self.used)), self.patients)

    @property
    def dealt_with(self) -> bool:
        """Whether nothing of it lies here any more."""
        return not self.to_find and not self.apart


@dataclass(frozen=True, slots=True)
class Reach:
    """A lot in all, and by store and department: where something is to find first."""

    total: Found = field(default_factory=Found)
    places: Sequence[Found] = ()


def whole(pieces: Decimal) -> int | Decimal:
    return int(pieces) if pieces == int(pieces) else pieces.normalize()


def found_of(lots: Collection[int], paths: Sequence[str]) -> dict[int, Reach]:
    """How far the recall of each lot has come, as far as somebody sees who sees these paths. One statement, none without lots."""
    return found_in_all(lots, paths)[0]


def found_in_all(lots: Collection[int], paths: Sequence[str]) -> tuple[dict[int, Reach], Found]:
    """As :func:`found_of`, and all lots together: there a patient counts once, whatever they had of several lots."""
    places: dict[int, list[Found]] = {}
    totals: dict[int | None, Found] = {}
    for lot, station, name, *counts in _rows(_BY_PLACE, lots, paths):
        if station is None:
            totals[lot] = Found(None, *counts)
        else:
            places.setdefault(lot, []).append(Found(tuple(name), *counts))
    reached = {lot: Reach(totals.get(lot, Found()), places.get(lot, ())) for lot in lots}
    return reached, totals.get(None, Found())


def _rows(sql: str, lots: Collection[int], paths: Sequence[str]) -> list[tuple[Any, ...]]:
    if not lots:
        return []
    asked = {
        "lots": sorted(lots), "paths": [f"{path}%" for path in paths], "apart": list(APART), "gone": list(GONE),
        "most": MOST_LYING + 1,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return cursor.fetchall()


def recall_for(actor: Actor, recall_id: int, *, may: str = "view") -> LotRecall:
    """A recall, to whoever may look anywhere: that a lot is recalled, everybody must know."""
    found = (
        LotRecall.objects.select_related("lot__item__maker", "actor", "ended_by").filter(pk=recall_id).first()
    )
    if found is None or not actor.may("view"):
        raise NotFound("recall")
    if not actor.may(may):
        raise Refused("not_yours", thing=found.notice)
    return found


def recall_sheet(recall: LotRecall) -> Sheet:
    """The report of a recall. What the reader may see of it stands below, see :func:`_seen`."""
    lot, words = recall.lot, reason_words() if recall.end_reason else None
    return Sheet(
        title=_("Recall report"),
        number=recall.notice,
        state=str(recall.state.label),
        facts=(
            (_("Item"), f"{lot.item.name} {lot.item.model}".strip()),
            (_("Item code"), lot.item.code),
            (_("Maker"), lot.item.maker.name if lot.item.maker else ""),
            (_("Lot"), lot.number),
            (_("Expiry date"), lot.expiry),
            (_("Recalled at"), recall.at),
            (_("Recalled by"), recall.actor.name),
            (_("Ended at"), recall.ended_at),
            (_("Ended by"), recall.ended_by.name if recall.ended_by else ""),
            (_("Reason"), words.of(recall.end_reason, group="recall_end") if words else ""),
        ),
        signatures=(_("Quality and device safety"), _("Department")),
        note=recall.end_note,
    )


def _seen(recall: LotRecall, actor: Actor) -> Iterator[Section]:
    """By store and department; on whom it was used, for who may see that there; and what lies where, to tick off. What is under
    way is counted for everybody; which units these are is told where they were sent from."""
    paths = actor.scopes.get(Operation.VIEW, ())
    reach = found_of([recall.lot_id], paths)[recall.lot_id]
    holds = recall.ended_at is None
    counts = (_("Still to find") if holds else _("Free to use"), _("Set apart"), _("Used"), _("Patients"))
    rows = [(localised(each.name or ("", "")), *each.counts) for each in reach.places]
    yield Section(
        _("By store and department"), (_("Place"), *counts), rows, (_("Total"), *reach.total.counts)
    )
    patients = [
        (patient, case or "", localised(name), whole(pieces))
        for patient, case, name, path, pieces in _rows(_PATIENTS, [recall.lot_id], paths)
        if actor.may(Operation.VIEW_PATIENT, path)
    ]
    yield Section(_("Patients"), (_("Patient"), _("Case"), _("Place"), _("Pieces")), patients)
    lying: list[Sequence[Cell]] = [
        (localised(name), serial, whole(pieces), str(Status(status).label), "☐" if holds and status not in APART else "")
        for name, serial, pieces, status in _rows(_LYING, [recall.lot_id], paths)
    ]  # fmt: skip
    if len(lying) > MOST_LYING:
        cut = _("Only the first %(n)s rows are listed. The file CSV of the lot's page lists every unit.")
        lying[MOST_LYING:] = [(cut % {"n": f"{MOST_LYING:,}"}, "", "", "", "")]
    head = (_("Place"), _("Serial"), _("Pieces"), _("Status"), _("Found"))
    yield Section(_("What lies in the house"), head, lying)


register(
    Paper(
        kind="recall",
        label=gettext_lazy("Recall"),
        model=LotRecall,
        gate=recall_for,
        page=lambda recall: ("web:lot", (recall.lot_id,)),
        sheet=recall_sheet,
        act="hold",
        also=_seen,
    )
)
