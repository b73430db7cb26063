"""How open matters are found: one statement a kind, over the whole house, whatever its size.

Each gives rows of (matter, place_id, count, facts, role_id, not_for_id), see :class:`~yanji.notify.models.Notification`.
Nothing about a patient is among them, not even the number of a case.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from yanji.flows.buying import unshown
from yanji.flows.buying.due import AMONG, LICENCES, REGISTRATIONS
from yanji.flows.consign.queries import DAY_ENDS
from yanji.flows.rfid.models import SILENT_AFTER
from yanji.flows.theatre.queries import FORGOTTEN, SETTLED_AFTER
from yanji.insight.activity import first_id_at
from yanji.insight.shortage import SHORT_BY_CAMPUS
from yanji.insight.stations import INNERMOST
from yanji.ledger.api import IN_STOCK
from yanji.places.models import VIRTUAL

ATTEMPT_DAYS = 3  # so long an attempt that a rule stopped stands among what is open
PAPER_DAYS = 90


def asked(now: datetime) -> dict[str, Any]:
    """The parameters that the statements share."""
    local = timezone.localtime(now)
    today = local.date()
    return {
        "now": now,
        "today": today,
        "soon": today + timedelta(days=30),
        "month": first_id_at(now - timedelta(days=30)),
        "statuses": list(IN_STOCK),
        "virtual": sorted(VIRTUAL),
        "quiet": now - SILENT_AFTER,
        "sets_ended": today if local.time() >= DAY_ENDS else today - timedelta(days=1),
        "attempts_since": now - timedelta(days=ATTEMPT_DAYS),
        "zone": timezone.get_current_timezone_name(),
        # What the statements of other packages ask for besides: everything, of everybody.
        "paths": ["/%"], "before": now - SETTLED_AFTER, "limit": 2000,
        **unshown.ASKED,
        "supplier": None, "sellers": None, "makers": None, "items": None, "until": today + timedelta(days=PAPER_DAYS),
    }  # fmt: skip


def stock(where: str) -> str:
    """Pieces by station, a part of one counted as one; levels are added up place by place first, of which there are few."""
    return f"""
SELECT coalesce(s.id, p.id)::text, coalesce(s.id, p.id), ceil(sum(l.quantity))::int, '{{}}'::jsonb, NULL::bigint, NULL::bigint
  FROM (SELECT le.place_id, sum(le.quantity) AS quantity
          FROM ledger_level le JOIN ledger_lot lo ON lo.id = le.lot_id
         WHERE le.quantity > 0 AND {where} GROUP BY 1) l
  JOIN places_place p ON p.id = l.place_id AND p.kind <> ALL (%(virtual)s) {INNERMOST}
 GROUP BY coalesce(s.id, p.id)"""


RECALLED = stock("le.status = 'recalled'")
ON_HOLD = stock("le.status = 'quarantined'")
EXPIRED = stock("le.status = ANY (%(statuses)s) AND lo.expiry < %(today)s")
EXPIRING = stock("le.status = ANY (%(statuses)s) AND lo.expiry BETWEEN %(today)s AND %(soon)s")

SHORT = f"""
SELECT x.campus::text, x.campus, x.items::int, jsonb_build_object('item', to_jsonb(x.first)->0), NULL::bigint, NULL::bigint
  FROM ({SHORT_BY_CAMPUS}) AS x (campus, items, first)"""

CASE_OPEN = f"""
SELECT c.id::text, c.department_id, ceil(x.pieces)::int, jsonb_build_object('id', c.id), NULL::bigint, NULL::bigint
  FROM ({FORGOTTEN}) AS x (id, number, procedure, names, pieces, last) JOIN flows_case c ON c.id = x.id"""

# Levels as the page of papers has them: lapsed, or within 30, 60, 90 days. Each level is a matter of its own, told once; so is
# each day of a number that stands on several things.
_LEVEL = """CASE WHEN x.valid_to < %(today)s THEN 0 WHEN x.valid_to <= %(today)s + 30 THEN 30
            WHEN x.valid_to <= %(today)s + 60 THEN 60 ELSE 90 END"""
_PAPERS = f"""
SELECT concat_ws(':', x.kind, x.number, md5(x.owner), x.level, x.valid_to), x.place, 1,
       jsonb_build_object('number', x.number, 'owner', jsonb_build_array(x.zh, x.en), 'day', x.valid_to, 'level', x.level),
       NULL::bigint, NULL::bigint
  FROM (
    SELECT x.kind, x.number, CASE WHEN x.kind <> 'registration' THEN concat(x.owner_id, x.detail) END AS owner, x.valid_to,
           min(x.zh) AS zh, min(x.en) AS en, NULL::bigint AS place, {_LEVEL} AS level
      FROM ({AMONG.format(inner=LICENCES)} UNION ALL {AMONG.format(inner=REGISTRATIONS)})
        AS x (kind, number, valid_to, owner_id, zh, en, detail, detail_en)
     GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT 'contract', x.number, NULL, x.valid_to, s.name_zh, s.name_en, x.place_id, {_LEVEL}
      FROM flows_contract x JOIN catalog_supplier s ON s.id = x.supplier_id
     WHERE x.state = 'active' AND x.valid_to <= %(until)s) x
 WHERE x.level {{which}} 0"""
PAPERS_LAPSED, PAPERS_LAPSING = _PAPERS.format(which="="), _PAPERS.format(which=">")

# One matter of the house, which grows: each by itself would bury what lapsed, and of what nobody entered there is no number.
PAPERS_UNSHOWN = f"""
SELECT 'unshown', NULL::bigint, count(*)::int,
       jsonb_build_object('owner', (array_agg(jsonb_build_array(x.zh, x.en) ORDER BY x.kind, x.owner_id))[1]),
       NULL::bigint, NULL::bigint
  FROM (({unshown.LICENCES}) UNION ALL ({unshown.REGISTRATIONS}))
    AS x (kind, number, valid_to, owner_id, zh, en, detail, detail_en)
HAVING count(*) > 0"""

READERS = """
SELECT r.id::text, r.place_id, 1, jsonb_build_object('name', r.name), NULL::bigint, NULL::bigint
  FROM flows_reader r WHERE r.active AND (r.heard_at IS NULL OR r.heard_at < %(quiet)s)"""

# Of each document the step that may be decided now, as its page has it; not for who asked.
APPROVALS = """
SELECT a.id::text, a.place_id, 1, jsonb_build_object('number', a.number, 'document', a.kind), a.role_id, a.requester_id
  FROM flows_approval a
 WHERE a.state = 'waiting' AND NOT EXISTS (
       SELECT FROM flows_approval b WHERE b.kind = a.kind AND b.document_id = a.document_id AND b.round = a.round
          AND b.state = 'waiting' AND b.level < a.level)"""

EMERGENCIES = """
SELECT u.id::text, c.department_id, 1, jsonb_build_object('id', u.id, 'number', u.number), NULL::bigint, u.actor_id
  FROM flows_emergencyuse u JOIN flows_case c ON c.id = u.case_id
 WHERE u.state = 'awaiting'
   AND NOT EXISTS (SELECT FROM flows_approval a WHERE a.kind = 'emergency_use' AND a.document_id = u.id)"""

CABINETS = """
SELECT k.cabinet_id::text, k.cabinet_id, count(*)::int, '{}'::jsonb, NULL::bigint, NULL::bigint
  FROM flows_cabinetcase k WHERE k.outcome = '' GROUP BY 1, 2"""

DIFFERENCES = """
SELECT i.id::text, i.store_id, count(*)::int, jsonb_build_object('number', i.number), NULL::bigint, NULL::bigint
  FROM flows_issuedifference d JOIN flows_issue i ON i.id = d.issue_id WHERE d.state = 'open' GROUP BY i.id"""

# What was refused on one day is one matter, which grows.
ATTEMPTS = """
SELECT (a.at AT TIME ZONE %(zone)s)::date::text, NULL::bigint, count(*)::int,
       jsonb_build_object('day', (a.at AT TIME ZONE %(zone)s)::date), NULL::bigint, NULL::bigint
  FROM flows_attempt a WHERE a.at >= %(attempts_since)s GROUP BY (a.at AT TIME ZONE %(zone)s)::date"""

CREDITS = """
SELECT r.id::text, r.place_id, 1,
       jsonb_build_object('id', r.id, 'number', r.number, 'owner', jsonb_build_array(s.name_zh, s.name_en), 'day', r.credit_due),
       NULL::bigint, NULL::bigint
  FROM flows_supplierreturn r JOIN catalog_supplier s ON s.id = r.supplier_id
 WHERE r.state = 'sent' AND r.credit_due < %(today)s"""

LOAN_SETS = """
SELECT l.id::text, l.department_id, 1, jsonb_build_object('id', l.id, 'number', l.number), NULL::bigint, NULL::bigint
  FROM flows_loanset l WHERE l.due_on <= %(sets_ended)s AND l.state NOT IN ('expected', 'closed')"""

INVOICES = """
SELECT i.id::text, i.place_id, 1,
       jsonb_build_object('id', i.id, 'number', i.number, 'owner', jsonb_build_array(s.name_zh, s.name_en)),
       NULL::bigint, NULL::bigint
  FROM flows_invoice i JOIN catalog_supplier s ON s.id = i.supplier_id WHERE i.state = 'differs'"""

REQUESTED = """
SELECT r.id::text, r.store_id, 1,
       jsonb_build_object('id', r.id, 'number', r.number, 'owner', jsonb_build_array(d.name_zh, d.name_en)),
       NULL::bigint, NULL::bigint
  FROM flows_requisition r JOIN places_place d ON d.id = r.department_id WHERE r.state = 'requested'"""

ON_THE_WAY = """
SELECT i.id::text, i.department_id, 1,
       jsonb_build_object('id', i.id, 'number', i.number, 'owner', jsonb_build_array(s.name_zh, s.name_en)),
       NULL::bigint, NULL::bigint
  FROM flows_issue i JOIN places_place s ON s.id = i.store_id WHERE i.state IN ('underway', 'partly_taken_in')"""

ANNOUNCED = """
SELECT n.id::text, o.deliver_to_id, 1,
       jsonb_build_object('id', o.id, 'number', n.number, 'owner', jsonb_build_array(s.name_zh, s.name_en)),
       NULL::bigint, NULL::bigint
  FROM flows_shipnotice n JOIN flows_purchaseorder o ON o.id = n.order_id JOIN catalog_supplier s ON s.id = o.supplier_id
 WHERE n.state IN ('announced', 'partly')"""

PUT_ASIDE = """
SELECT q.source, NULL::bigint, count(*)::int, jsonb_build_object('source', q.source), NULL::bigint, NULL::bigint
  FROM catalog_quarantined q WHERE q.resolved_at IS NULL GROUP BY 1"""
