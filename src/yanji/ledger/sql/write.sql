-- What the clock shows to a session that imagines a hospital (the demo): the setting yanji.now, but for who owns this function,
-- and with it the log, alone. The application's role may set what it likes, and is told the time of day.
CREATE OR REPLACE FUNCTION ledger_told() RETURNS timestamptz LANGUAGE sql AS $$
    SELECT CASE WHEN pg_has_role(current_user, proowner, 'USAGE') THEN current_setting('yanji.now')::timestamptz
                ELSE clock_timestamp() END
      -- Named in full: a temporary table of the caller's would come before the catalogue.
      FROM pg_catalog.pg_proc WHERE oid = 'ledger_told()'::regprocedure
$$;

-- Everything one act writes, in one round trip. Arrays of one group have one length; a line is one index into them.
-- Who has a thing in hand afterwards is said for each line: an act that is only said of things leaves each with whoever had it.
-- Raises unique_violation with the constraint's name where a concurrent act came first: the caller reads again.

CREATE OR REPLACE FUNCTION ledger_write_event(
    p_event uuid, p_key text, p_fingerprint text, p_step text, p_happened_at timestamptz, p_offset_minutes smallint,
    p_actor bigint, p_witness bigint, p_device text, p_read_point bigint, p_reason text, p_note text, p_documents jsonb,
    p_source_party bigint, p_sensor jsonb, p_corrects uuid
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    -- The clock is read here, after all that the act depends on was read: it is never stamped before what it follows.
    -- Where two acts race for one thing, only one is written; the other is done again, and stamped anew.
    v_now timestamptz := clock_timestamp();
BEGIN
    IF current_setting('yanji.now', true) <> '' THEN
        v_now := ledger_told();
    END IF;
    INSERT INTO ledger_event (id, key, fingerprint, step, happened_at, happened_offset_minutes, recorded_at, actor_id,
                              witness_id, device, read_point_id, reason, note, documents, source_party_id, sensor,
                              corrects_id)
    VALUES (p_event, p_key, p_fingerprint, p_step, p_happened_at, p_offset_minutes, v_now, p_actor,
            p_witness, p_device, p_read_point, p_reason, p_note, p_documents, p_source_party, p_sensor, p_corrects);
    INSERT INTO ledger_pending (event_id) VALUES (p_event);
END $$;

-- Things new to the ledger: their lots where missing, the units, and each unit's first movement.
CREATE OR REPLACE FUNCTION ledger_write_new_units(
    p_event uuid, p_step text, p_status text, p_received_at timestamptz,
    p_line int[], p_epc text[], p_item bigint[], p_lot text[], p_expiry date[], p_made date[], p_serial text[],
    p_supplier bigint[], p_owner bigint[], p_order text[], p_cost numeric[], p_from_place bigint[], p_to_place bigint[],
    p_custodian bigint[]
) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- Sorted: two deliveries of the same new lots wait for each other in one order.
    INSERT INTO ledger_lot (item_id, number, expiry, made)
    SELECT DISTINCT ON (n.item, n.lot, n.expiry) n.item, n.lot, n.expiry, n.made
      FROM unnest(p_item, p_lot, p_expiry, p_made) AS n (item, lot, expiry, made)
     WHERE NOT EXISTS (SELECT 1 FROM ledger_lot lo
                        WHERE lo.item_id = n.item AND lo.number = n.lot AND lo.expiry IS NOT DISTINCT FROM n.expiry)
     ORDER BY n.item, n.lot, n.expiry
    ON CONFLICT (item_id, number, expiry) DO NOTHING;

    WITH made AS (
        INSERT INTO ledger_unit (epc, item_id, lot_id, serial, supplier_id, owner_id, order_number, cost, received_at,
                                 status, place_id, custodian_id, step, seq, reserved_for, reserved_until)
        SELECT n.epc, n.item, lo.id, n.serial, n.supplier, n.owner, n.ordered, n.cost, p_received_at,
               p_status, n.to_place, n.custodian, p_step, 1, '', NULL
          FROM unnest(p_epc, p_item, p_lot, p_expiry, p_serial, p_supplier, p_owner, p_order, p_cost, p_to_place,
                      p_custodian)
               AS n (epc, item, lot, expiry, serial, supplier, owner, ordered, cost, to_place, custodian)
          JOIN ledger_lot lo
            ON lo.item_id = n.item AND lo.number = n.lot AND lo.expiry IS NOT DISTINCT FROM n.expiry
         ORDER BY n.epc
        RETURNING id, epc, lot_id, cost, place_id, owner_id, custodian_id)
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                                 from_status, to_status, from_owner_id, to_owner_id, custodian_id)
    SELECT p_event, n.line, m.id, 1, m.lot_id, 1, m.cost, n.from_place, m.place_id,
           NULL, p_status, m.owner_id, m.owner_id, m.custodian_id
      FROM unnest(p_line, p_epc, p_from_place) AS n (line, epc, from_place)
      JOIN made m ON m.epc = n.epc;
END $$;

-- Units that exist: their new state and the next link of each chain. The units come sorted, and are updated in that
-- order; one that has moved since it was read is left alone, which undoes the whole act (serialization_failure).
CREATE OR REPLACE FUNCTION ledger_write_units(
    p_event uuid, p_step text, p_reserved_for text, p_reserved_until timestamptz, p_received_at timestamptz,
    p_line int[], p_unit bigint[], p_seq int[], p_lot bigint[], p_value numeric[], p_from_place bigint[],
    p_to_place bigint[], p_from_status text[], p_to_status text[], p_from_owner bigint[], p_to_owner bigint[],
    p_custodian bigint[]
) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE v_moved int;
BEGIN
    UPDATE ledger_unit u
       SET status = n.to_status, place_id = n.to_place, owner_id = n.to_owner, custodian_id = n.custodian,
           step = p_step, seq = n.seq, reserved_for = p_reserved_for,
           reserved_until = CASE WHEN n.to_status = 'reserved' THEN p_reserved_until END,
           received_at = coalesce(p_received_at, u.received_at)
      FROM unnest(p_unit, p_seq, p_to_place, p_to_status, p_to_owner, p_custodian)
           AS n (unit, seq, to_place, to_status, to_owner, custodian)
     WHERE u.id = n.unit AND u.seq = n.seq - 1;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    IF v_moved <> cardinality(p_unit) THEN
        RAISE EXCEPTION 'a unit has moved since it was read' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                                 from_status, to_status, from_owner_id, to_owner_id, custodian_id)
    SELECT p_event, n.line, n.unit, n.seq, n.lot, 1, n.value, n.from_place, n.to_place,
           n.from_status, n.to_status, n.from_owner, n.to_owner, n.custodian
      FROM unnest(p_line, p_unit, p_seq, p_lot, p_value, p_from_place, p_to_place, p_from_status, p_to_status,
                  p_from_owner, p_to_owner, p_custodian)
           AS n (line, unit, seq, lot, value, from_place, to_place, from_status, to_status, from_owner, to_owner,
                 custodian);
END $$;

-- Units of which the label says another lot, or another expiry, than was recorded: the lot where it is missing, the unit,
-- and a link of its chain that names both lots. A line names an existing lot, or the identity of a new one.
CREATE OR REPLACE FUNCTION ledger_write_relabelled(
    p_event uuid, p_step text, p_received_at timestamptz,
    p_line int[], p_unit bigint[], p_seq int[], p_lot bigint[], p_item bigint[], p_number text[], p_expiry date[],
    p_made date[], p_from_lot bigint[], p_value numeric[], p_from_place bigint[], p_to_place bigint[],
    p_from_status text[], p_to_status text[], p_from_owner bigint[], p_to_owner bigint[], p_custodian bigint[]
) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE v_moved int;
BEGIN
    INSERT INTO ledger_lot (item_id, number, expiry, made)
    SELECT DISTINCT ON (n.item, n.number, n.expiry) n.item, n.number, n.expiry, n.made
      FROM unnest(p_lot, p_item, p_number, p_expiry, p_made) AS n (lot, item, number, expiry, made)
     WHERE n.lot IS NULL
     ORDER BY n.item, n.number, n.expiry
    ON CONFLICT (item_id, number, expiry) DO NOTHING;
    WITH named AS MATERIALIZED (
        SELECT n.*, coalesce(n.lot, lo.id) AS now_lot
          FROM unnest(p_line, p_unit, p_seq, p_lot, p_item, p_number, p_expiry, p_from_lot, p_value, p_from_place,
                      p_to_place, p_from_status, p_to_status, p_from_owner, p_to_owner, p_custodian)
               AS n (line, unit, seq, lot, item, number, expiry, from_lot, value, from_place,
                     to_place, from_status, to_status, from_owner, to_owner, custodian)
          LEFT JOIN ledger_lot lo
            ON n.lot IS NULL AND lo.item_id = n.item AND lo.number = n.number
           AND lo.expiry IS NOT DISTINCT FROM n.expiry),
    moved AS (
        UPDATE ledger_unit u
           SET status = n.to_status, place_id = n.to_place, owner_id = n.to_owner, custodian_id = n.custodian,
               step = p_step, seq = n.seq, lot_id = n.now_lot, reserved_for = '', reserved_until = NULL,
               received_at = coalesce(p_received_at, u.received_at)
          FROM named n
         WHERE u.id = n.unit AND u.seq = n.seq - 1 AND u.lot_id = n.from_lot
        RETURNING u.id)
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, from_lot_id, quantity, value, from_place_id,
                                 to_place_id, from_status, to_status, from_owner_id, to_owner_id, custodian_id)
    SELECT p_event, n.line, n.unit, n.seq, n.now_lot, n.from_lot, 1, n.value, n.from_place,
           n.to_place, n.from_status, n.to_status, n.from_owner, n.to_owner, n.custodian
      FROM named n JOIN moved m ON m.id = n.unit;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    IF v_moved <> cardinality(p_unit) THEN
        RAISE EXCEPTION 'a unit has moved since it was read' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;

-- Quantities of a lot: a line names an existing lot, or the identity of a new one.
CREATE OR REPLACE FUNCTION ledger_write_quantities(
    p_event uuid,
    p_line int[], p_lot bigint[], p_item bigint[], p_number text[], p_expiry date[], p_made date[],
    p_quantity numeric[], p_value numeric[], p_from_place bigint[], p_to_place bigint[],
    p_from_status text[], p_to_status text[], p_from_owner bigint[], p_to_owner bigint[], p_custodian bigint[]
) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO ledger_lot (item_id, number, expiry, made)
    SELECT DISTINCT ON (n.item, n.number, n.expiry) n.item, n.number, n.expiry, n.made
      FROM unnest(p_lot, p_item, p_number, p_expiry, p_made) AS n (lot, item, number, expiry, made)
     WHERE n.lot IS NULL
     ORDER BY n.item, n.number, n.expiry
    ON CONFLICT (item_id, number, expiry) DO NOTHING;
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                                 from_status, to_status, from_owner_id, to_owner_id, custodian_id)
    SELECT p_event, n.line, NULL, NULL, coalesce(n.lot, lo.id), n.quantity, n.value, n.from_place, n.to_place,
           n.from_status, n.to_status, n.from_owner, n.to_owner, n.custodian
      FROM unnest(p_line, p_lot, p_item, p_number, p_expiry, p_quantity, p_value, p_from_place, p_to_place,
                  p_from_status, p_to_status, p_from_owner, p_to_owner, p_custodian)
           AS n (line, lot, item, number, expiry, quantity, value, from_place, to_place, from_status, to_status,
                 from_owner, to_owner, custodian)
      LEFT JOIN ledger_lot lo
        ON n.lot IS NULL AND lo.item_id = n.item AND lo.number = n.number AND lo.expiry IS NOT DISTINCT FROM n.expiry;
END $$;

-- Levels follow from what was just recorded, and from nothing else.
CREATE OR REPLACE FUNCTION ledger_write_levels(p_event uuid) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    WITH delta AS MATERIALIZED (
        SELECT place, lot, status, owner, sum(quantity) AS quantity, sum(value) AS value
          FROM (SELECT from_place_id AS place, coalesce(from_lot_id, lot_id) AS lot, from_status AS status,
                       from_owner_id AS owner,
                       -quantity AS quantity, -value AS value
                  FROM ledger_movement WHERE event_id = p_event AND from_status IS NOT NULL
                UNION ALL
                SELECT to_place_id, lot_id, to_status, to_owner_id, quantity, value
                  FROM ledger_movement WHERE event_id = p_event) AS ends
         GROUP BY place, lot, status, owner),
    -- Sorted: every act locks the levels it shares with others in the same order.
    locked AS MATERIALIZED (
        SELECT le.id, d.place, d.lot, d.status, d.owner, d.quantity, d.value
          FROM delta d
          JOIN ledger_level le ON le.place_id = d.place AND le.lot_id = d.lot AND le.status = d.status
                              AND le.owner_id IS NOT DISTINCT FROM d.owner
         ORDER BY d.place, d.lot, d.status, d.owner
           FOR UPDATE OF le),
    changed AS (
        UPDATE ledger_level le SET quantity = le.quantity + k.quantity, value = le.value + k.value
          FROM locked k WHERE le.id = k.id)
    INSERT INTO ledger_level (place_id, lot_id, status, owner_id, quantity, value)
    SELECT d.place, d.lot, d.status, d.owner, d.quantity, d.value
      FROM delta d
     WHERE NOT EXISTS (SELECT 1 FROM locked k
                        WHERE k.place = d.place AND k.lot = d.lot AND k.status = d.status
                          AND k.owner IS NOT DISTINCT FROM d.owner)
     ORDER BY d.place, d.lot, d.status, d.owner
    ON CONFLICT (place_id, lot_id, status, owner_id)
        DO UPDATE SET quantity = ledger_level.quantity + excluded.quantity, value = ledger_level.value + excluded.value;
END $$;

-- The one active use of each unit; its primary key refuses a second.
CREATE OR REPLACE FUNCTION ledger_write_uses(
    p_event uuid, p_unit bigint[], p_case text, p_patient text, p_procedure text, p_operator text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_use (unit_id, event_id, case_number, patient_token, procedure, operator)
    SELECT unit, p_event, p_case, p_patient, p_procedure, p_operator FROM unnest(p_unit) AS unit;
END $$;

-- One level, up or down.
CREATE OR REPLACE FUNCTION ledger_change_level(
    p_place bigint, p_lot bigint, p_status text, p_owner bigint, p_quantity numeric, p_value numeric
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_level SET quantity = quantity + p_quantity, value = value + p_value
     WHERE place_id = p_place AND lot_id = p_lot AND status = p_status AND owner_id IS NOT DISTINCT FROM p_owner;
    IF NOT FOUND THEN
        INSERT INTO ledger_level (place_id, lot_id, status, owner_id, quantity, value)
        VALUES (p_place, p_lot, p_status, p_owner, p_quantity, p_value)
        ON CONFLICT (place_id, lot_id, status, owner_id)
            DO UPDATE SET quantity = ledger_level.quantity + excluded.quantity, value = ledger_level.value + excluded.value;
    END IF;
END $$;

-- The single scan: what ledger_write_units and ledger_write_levels do for many, in a third of the time for one.
CREATE OR REPLACE FUNCTION ledger_write_unit(
    p_event uuid, p_step text, p_reserved_for text, p_reserved_until timestamptz, p_received_at timestamptz,
    p_line int, p_unit bigint, p_seq int, p_lot bigint, p_value numeric, p_from_place bigint, p_to_place bigint,
    p_from_status text, p_to_status text, p_from_owner bigint, p_to_owner bigint,
    p_custodian bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_unit u
       SET status = p_to_status, place_id = p_to_place, owner_id = p_to_owner, custodian_id = p_custodian, step = p_step,
           seq = p_seq, reserved_for = p_reserved_for,
           reserved_until = CASE WHEN p_to_status = 'reserved' THEN p_reserved_until END,
           received_at = coalesce(p_received_at, u.received_at)
     WHERE u.id = p_unit AND u.seq = p_seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a unit has moved since it was read' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO ledger_movement (event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                                 from_status, to_status, from_owner_id, to_owner_id, custodian_id)
    VALUES (p_event, p_line, p_unit, p_seq, p_lot, 1, p_value, p_from_place, p_to_place,
            p_from_status, p_to_status, p_from_owner, p_to_owner, p_custodian);
    -- In the order in which ledger_write_levels locks them: place, lot, status, owner.
    IF (p_from_place, p_from_status, coalesce(p_from_owner, 9223372036854775807))
       < (p_to_place, p_to_status, coalesce(p_to_owner, 9223372036854775807)) THEN
        PERFORM ledger_change_level(p_from_place, p_lot, p_from_status, p_from_owner, -1, -p_value);
        PERFORM ledger_change_level(p_to_place, p_lot, p_to_status, p_to_owner, 1, p_value);
    ELSE
        PERFORM ledger_change_level(p_to_place, p_lot, p_to_status, p_to_owner, 1, p_value);
        PERFORM ledger_change_level(p_from_place, p_lot, p_from_status, p_from_owner, -1, -p_value);
    END IF;
END $$;
