-- The floor that post() is measured against: the same rows into the same tables and indexes, one call a document,
-- no rules, no locks beyond those of the writes, no history read. What a caller would know is simply passed in.

CREATE OR REPLACE FUNCTION floor_event(p_event uuid, p_key text, p_step text, p_actor bigint, p_documents jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_event (id, key, fingerprint, step, happened_at, happened_offset_minutes, recorded_at, actor_id,
                              device, reason, note, documents)
    VALUES (p_event, p_key, repeat('0', 64), p_step, now(), 0, now(), p_actor, '', '', '', p_documents);
    INSERT INTO ledger_pending (event_id) VALUES (p_event);
END $$;

CREATE OR REPLACE FUNCTION floor_levels(
    p_from_place bigint, p_to_place bigint, p_from_status text, p_to_status text, p_lot bigint[], p_value numeric
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO ledger_level (place_id, lot_id, status, owner_id, quantity, value)
    SELECT place, lot, status, NULL, sum(quantity), sum(quantity) * p_value
      FROM (SELECT p_to_place, lot, p_to_status, 1 FROM unnest(p_lot) AS lot) AS d (place, lot, status, quantity)
     GROUP BY place, lot, status ORDER BY place, lot, status
    ON CONFLICT (place_id, lot_id, status, owner_id)
        DO UPDATE SET quantity = ledger_level.quantity + excluded.quantity, value = ledger_level.value + excluded.value;
    IF p_from_status IS NOT NULL THEN
        UPDATE ledger_level le SET quantity = le.quantity - d.quantity, value = le.value - d.quantity * p_value
          FROM (SELECT lot, count(*) AS quantity FROM unnest(p_lot) AS lot GROUP BY lot) d
         WHERE le.place_id = p_from_place AND le.lot_id = d.lot AND le.status = p_from_status AND le.owner_id IS NULL;
    END IF;
END $$;

-- New units of existing lots, received at a place.
CREATE OR REPLACE FUNCTION floor_receive(
    p_event uuid, p_key text, p_actor bigint, p_supplier bigint, p_from_place bigint, p_to_place bigint,
    p_cost numeric, p_epc text[], p_item bigint[], p_lot bigint[], p_serial text[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM floor_event(p_event, p_key, 'receive', p_actor, '{"order": "1"}');
    WITH made AS (
        INSERT INTO ledger_unit (epc, item_id, lot_id, serial, supplier_id, order_number, cost, received_at, status,
                                 place_id, custodian_id, step, seq, reserved_for)
        SELECT epc, item, lot, serial, p_supplier, 'PO-1', p_cost, now(), 'inspecting', p_to_place, p_actor, 'receive', 1, ''
          FROM unnest(p_epc, p_item, p_lot, p_serial) AS n (epc, item, lot, serial)
        RETURNING id, lot_id)
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                                 from_status, to_status, custodian_id)
    SELECT p_event, row_number() OVER () - 1, id, 1, lot_id, 1, p_cost, p_from_place, p_to_place, NULL, 'inspecting', p_actor
      FROM made;
    PERFORM floor_levels(p_from_place, p_to_place, NULL, 'inspecting', p_lot, p_cost);
END $$;

-- Units that exist, from one place and status to another.
CREATE OR REPLACE FUNCTION floor_move(
    p_event uuid, p_key text, p_actor bigint, p_step text, p_from_place bigint, p_to_place bigint, p_from_status text,
    p_to_status text, p_cost numeric, p_unit bigint[], p_lot bigint[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM floor_event(p_event, p_key, p_step, p_actor, '{"requisition": "1"}');
    WITH moved AS (
        UPDATE ledger_unit SET status = p_to_status, place_id = p_to_place, custodian_id = p_actor, step = p_step, seq = seq + 1
         WHERE id = ANY (p_unit) RETURNING id, seq, lot_id)
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                                 from_status, to_status, custodian_id)
    SELECT p_event, row_number() OVER () - 1, id, seq, lot_id, 1, p_cost, p_from_place, p_to_place, p_from_status,
           p_to_status, p_actor
      FROM moved;
    PERFORM floor_levels(p_from_place, p_to_place, p_from_status, p_to_status, p_lot, p_cost);
END $$;

-- One unit used on a patient: the fewest and shortest statements that leave the same rows behind.
CREATE OR REPLACE FUNCTION floor_use(
    p_event uuid, p_key text, p_actor bigint, p_from_place bigint, p_to_place bigint, p_cost numeric, p_unit bigint, p_lot bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_seq int;
BEGIN
    PERFORM floor_event(p_event, p_key, 'use', p_actor, '{"case": "C1", "patient": "P1"}');
    UPDATE ledger_unit SET status = 'used', place_id = p_to_place, custodian_id = NULL, step = 'use', seq = seq + 1
     WHERE id = p_unit RETURNING seq INTO v_seq;
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                                 from_status, to_status)
    VALUES (p_event, 0, p_unit, v_seq, p_lot, 1, p_cost, p_from_place, p_to_place, 'available', 'used');
    INSERT INTO ledger_use (unit_id, event_id, case_number, patient_token, procedure, operator)
    VALUES (p_unit, p_event, 'C1', 'P1', '', '');
    UPDATE ledger_level SET quantity = quantity - 1, value = value - p_cost
     WHERE place_id = p_from_place AND lot_id = p_lot AND status = 'available' AND owner_id IS NULL;
    INSERT INTO ledger_level (place_id, lot_id, status, owner_id, quantity, value)
    VALUES (p_to_place, p_lot, 'used', NULL, 1, p_cost)
    ON CONFLICT (place_id, lot_id, status, owner_id)
        DO UPDATE SET quantity = ledger_level.quantity + excluded.quantity, value = ledger_level.value + excluded.value;
END $$;
