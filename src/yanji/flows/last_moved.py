"""A unit belongs to the document whose entry moved it last: the SQL that says so, for all who ask."""

# Units ``u``, each with the movement ``m`` that put it where it is.
LAST_MOVED = "ledger_unit u JOIN ledger_movement m ON m.unit_id = u.id AND m.seq = u.seq"
# For which document an entry moved its things: as a requisition's ``re`` or a transfer's ``te``, to be read as a claim.
DOCUMENT = """
  LEFT JOIN flows_requisitionevent re ON re.event_id = m.event_id
  LEFT JOIN flows_transferevent te ON te.event_id = m.event_id"""
CLAIM = """CASE WHEN re.requisition_id IS NULL THEN 'transfer' ELSE 'requisition' END,
       coalesce(re.requisition_id, te.transfer_id)"""
