-- All that the rules need, in one round trip.
-- Prior events of the keys are read after the locks: a retry that waited for its first try must see it.
-- A day is given where the step needs licences: those of the suppliers named, and of whom the units came from.
-- Result: {priors, units, levels, places, items, lapsed}; see yanji/ledger/state.py for the shapes.
CREATE OR REPLACE FUNCTION ledger_read(
    p_lock boolean, p_keys text[], p_epcs text[], p_lots bigint[], p_places bigint[], p_items bigint[],
    p_suppliers bigint[], p_day date
) RETURNS json LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_units json; v_levels json; v_priors json; v_places json; v_items json; v_lapsed json;
BEGIN
    -- Locked first, read by the next statement: whoever waited for a lock would otherwise join the unit's new row to
    -- the place it has left, and see no unit at all. Sorted: prevents deadlock between documents that share things.
    IF p_lock THEN
        PERFORM 1 FROM ledger_unit WHERE epc = ANY (p_epcs) ORDER BY id FOR UPDATE;
        PERFORM 1 FROM ledger_level WHERE lot_id = ANY (p_lots) ORDER BY place_id, lot_id, status, owner_id FOR UPDATE;
    END IF;
    IF p_epcs <> '{}' THEN
        SELECT json_agg(json_build_array(
                   un.epc, un.id, un.item_id, un.lot_id, un.status, un.place_id, un.seq, un.owner_id, un.cost::text,
                   un.supplier_id, un.reserved_for, un.reserved_until, lo.number, lo.expiry, lo.recall,
                   lo.recalled_at, un.received_at, un.custodian_id, pl.path, pl.kind, it.temperature_class))
          INTO v_units
          FROM ledger_unit un
          JOIN ledger_lot lo ON lo.id = un.lot_id
          JOIN places_place pl ON pl.id = un.place_id
          JOIN catalog_item it ON it.id = un.item_id
         WHERE un.epc = ANY (p_epcs);
    END IF;
    IF p_lots <> '{}' THEN
        SELECT json_agg(json_build_array(
                   le.lot_id, le.place_id, le.status, le.owner_id, le.quantity::text, le.value::text, lo.item_id, lo.number,
                   lo.expiry, lo.recall, lo.recalled_at, pl.path, pl.kind, it.temperature_class))
          INTO v_levels
          FROM ledger_level le
          JOIN ledger_lot lo ON lo.id = le.lot_id
          JOIN places_place pl ON pl.id = le.place_id
          JOIN catalog_item it ON it.id = lo.item_id
         WHERE le.lot_id = ANY (p_lots) AND le.quantity > 0;
    END IF;
    SELECT json_object_agg(e.key, json_build_array(e.id, e.fingerprint))
      INTO v_priors FROM ledger_event e WHERE e.key = ANY (p_keys);
    IF p_places <> '{}' THEN
        SELECT json_agg(json_build_array(pl.id, pl.path, pl.kind, pl.temperature_class, pl.active))
          INTO v_places FROM places_place pl WHERE pl.id = ANY (p_places);
    END IF;
    IF p_items <> '{}' THEN
        SELECT json_agg(json_build_array(it.id, it.temperature_class, it.tracking))
          INTO v_items FROM catalog_item it WHERE it.id = ANY (p_items);
    END IF;
    IF p_day IS NOT NULL THEN
        -- A supplier may deliver on a day when, of every kind of licence it has ever shown, one is valid. Makers'
        -- authorisations concern some items only; the flows look at them.
        SELECT json_agg(json_build_array(supplier_id, kind)) INTO v_lapsed
          FROM (SELECT DISTINCT li.supplier_id, li.kind
                  FROM catalog_licence li
                 WHERE li.kind <> 'authorisation' AND li.supplier_id IN (SELECT unnest(p_suppliers)
                                          UNION SELECT supplier_id FROM ledger_unit WHERE epc = ANY (p_epcs))
                   AND NOT EXISTS (SELECT 1 FROM catalog_licence ok
                                    WHERE ok.supplier_id = li.supplier_id AND ok.kind = li.kind AND ok.valid_from <= p_day
                                      AND coalesce(ok.valid_to, 'infinity') >= p_day)) AS gone;
    END IF;
    RETURN json_build_object('priors', v_priors, 'units', v_units, 'levels', v_levels, 'places', v_places,
                             'items', v_items, 'lapsed', v_lapsed);
END $$;
