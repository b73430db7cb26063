"""Papers that nobody ever showed though goods are dealt in that need them: see :mod:`..validity` for which those are.

Only what is ordered, agreed upon or in stock counts, so that the list is one of work to do and no copy of the catalogue. What
the rules let pass at every stage is not missed.
"""

from yanji.ledger.api import IN_STOCK

from ..states import AgreementState, ContractState, OrderState
from ..validity import REGISTERED, STANDARD

MOST = 200  # of each kind of list; where more may be, the pages say so
ASKED = {
    "ordered": [OrderState.WAITING, OrderState.PLACED, OrderState.PARTLY_RECEIVED],
    "active": ContractState.ACTIVE,
    "running": AgreementState.RUNNING,
    "in_stock": list(IN_STOCK),
    "registered": list(REGISTERED),
    "most": MOST,
}


def more(found: int) -> str:
    """What follows a number of papers never shown: "+" where a list may have ended before they did. Pure."""
    return "+" if found >= MOST else ""


# What is ordered, or may be by a contract or an agreement; of an agreement over everything only the supplier.
DEALT = """
dealt AS (
  SELECT o.supplier_id, l.item_id FROM flows_purchaseorder o JOIN flows_orderline l ON l.order_id = o.id
   WHERE o.state = ANY (%(ordered)s)
  UNION
  SELECT c.supplier_id, x.item_id FROM flows_contract c JOIN flows_contractitem x ON x.contract_id = c.id
   WHERE c.state = %(active)s AND c.valid_to >= %(today)s
  UNION
  SELECT a.supplier_id, x.item_id FROM flows_consignmentagreement a
    LEFT JOIN LATERAL (SELECT v.id FROM flows_agreementversion v WHERE v.agreement_id = a.id AND v.valid_from <= %(today)s
                        ORDER BY v.valid_from DESC, v.number DESC LIMIT 1) v ON true
    LEFT JOIN flows_agreementitem x ON x.version_id = v.id
   WHERE a.state = %(running)s)"""
LIES = """
EXISTS (SELECT FROM catalog_item i JOIN ledger_lot lo ON lo.item_id = i.id JOIN ledger_level le ON le.lot_id = lo.id
         WHERE i.active AND i.supplier_id = s.id AND i.maker_id IS NOT DISTINCT FROM x.maker_id
           AND (i.risk_class = ANY (%(registered)s)) = x.graded AND le.quantity > 0 AND le.status = ANY (%(in_stock)s))"""
MISSED = """
EXISTS (SELECT FROM (VALUES {standard}) st (stage, paper, missing)
          LEFT JOIN flows_paperrule r ON r.stage = st.stage AND r.paper = st.paper
         WHERE st.paper = {{paper}} AND coalesce(r.missing, st.missing) <> 'ignore')""".format(
    standard=", ".join(
        f"('{stage}', '{paper}', '{rule.missing}')" for (stage, paper), rule in STANDARD.items()
    )
)
SPELT = r"lower(regexp_replace(normalize({name}, NFKC), '\s', '', 'g'))"
OWN = f"{SPELT.format(name='m.name_zh')} = {SPELT.format(name='s.name_zh')}"  # as validity.same_firm

# Goods of one seller, one maker and one class of risk need the same papers: those are few, however many items.
_LICENCES = """
WITH {dealt}, sold AS (
  SELECT DISTINCT x.supplier_id, x.maker_id, x.graded, x.used FROM (
    SELECT d.supplier_id, i.maker_id, coalesce(i.risk_class = ANY (%(registered)s), false) AS graded, true AS used
      FROM dealt d LEFT JOIN catalog_item i ON i.id = d.item_id
    UNION ALL
    SELECT i.supplier_id, i.maker_id, i.risk_class = ANY (%(registered)s), false
      FROM catalog_item i WHERE i.active AND i.supplier_id IS NOT NULL) x
   WHERE (%(supplier)s::bigint IS NULL OR x.supplier_id = %(supplier)s)
     AND (%(sellers)s::bigint[] IS NULL OR x.supplier_id = ANY (%(sellers)s))
     AND (%(makers)s::bigint[] IS NULL OR x.maker_id IS NULL OR x.maker_id = ANY (%(makers)s)))
SELECT DISTINCT k.kind, '', NULL::date, s.id, s.name_zh, s.name_en, coalesce(k.zh, ''), coalesce(k.en, '')
  FROM sold x JOIN catalog_supplier s ON s.id = x.supplier_id AND s.active LEFT JOIN catalog_maker m ON m.id = x.maker_id
 CROSS JOIN LATERAL (
       VALUES ('business', 'licence', true, NULL, NULL),
              ('device_trade', 'licence', x.graded AND (m.id IS NULL OR NOT {own}), NULL, NULL),
              ('authorisation', 'authorisation', m.id IS NOT NULL AND NOT {own}, m.name_zh, m.name_en)
       ) k (kind, paper, needed, zh, en)
 WHERE k.needed AND {missed}
   AND NOT EXISTS (SELECT FROM catalog_licence l WHERE l.supplier_id = s.id AND l.kind = k.kind
                      AND (k.kind <> 'authorisation' OR l.maker_id IS NULL OR l.maker_id = m.id))
   AND (x.used OR {lies})
 ORDER BY s.id, k.kind, 7 LIMIT %(most)s"""
_REGISTRATIONS = """
WITH {dealt}
SELECT 'registration', '', NULL::date, i.id, i.name_zh, i.name_en, i.code, i.code
  FROM catalog_item i
 WHERE i.active AND i.risk_class = ANY (%(registered)s) AND {missed}
   AND (%(supplier)s::bigint IS NULL OR i.supplier_id = %(supplier)s)
   AND (%(items)s::bigint[] IS NULL OR i.id = ANY (%(items)s))
   AND NOT EXISTS (SELECT FROM catalog_registration r WHERE r.item_id = i.id)
   AND i.id IN (
       SELECT d.item_id FROM dealt d UNION ALL
       SELECT lo.item_id FROM ledger_level le JOIN ledger_lot lo ON lo.id = le.lot_id
        WHERE le.quantity > 0 AND le.status = ANY (%(in_stock)s))
 ORDER BY i.code LIMIT %(most)s"""
LICENCES = _LICENCES.format(dealt=DEALT, own=OWN, missed=MISSED.format(paper="k.paper"), lies=LIES)
REGISTRATIONS = _REGISTRATIONS.format(dealt=DEALT, missed=MISSED.format(paper="'registration'"))
