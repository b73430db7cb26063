-- All that the rules need, in one round trip: locks the named units and holdings in sorted order, then reads.
-- The prior event is read after the locks: a retry that waited for its first try must see it.
-- Result: {prior, units, levels, places, items, lapsed}; see yanji/ledger/state.py for the shapes.
CREATE FUNCTION ledger_read(
    p_key text, p_epcs text[], p_lots bigint[], p_places bigint[], p_items bigint[], p_suppliers bigint[], p_day date
) RETURNS jsonb LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_units jsonb; v_levels jsonb; v_prior jsonb; v_places jsonb; v_items jsonb; v_lapsed jsonb;
BEGIN
    IF cardinality(p_epcs) > 0 THEN
        -- Sorted: prevents deadlock between documents that share units.
        SELECT jsonb_agg(jsonb_build_array(
                   u.epc, u.id, u.item_id, u.lot_id, u.status, u.place_id, u.seq, u.owner_id, u.custodian_id, u.cost::text,
                   u.supplier_id, u.reserved_for, u.reserved_until, u.expiry, u.place_path, u.place_kind,
                   u.temperature_class))
          INTO v_units
          FROM (SELECT un.*, lo.expiry, pl.path AS place_path, pl.kind AS place_kind, it.temperature_class
                  FROM ledger_unit un
                  JOIN ledger_lot lo ON lo.id = un.lot_id
                  JOIN places_place pl ON pl.id = un.place_id
                  JOIN catalog_item it ON it.id = un.item_id
                 WHERE un.epc = ANY (p_epcs)
                 ORDER BY un.id FOR UPDATE OF un) u;
    END IF;
    IF cardinality(p_lots) > 0 THEN
        SELECT jsonb_agg(jsonb_build_array(
                   h.lot_id, h.place_id, h.status, h.owner_id, h.quantity::text, h.value::text, h.item_id, h.expiry, h.place_path,
                   h.place_kind, h.temperature_class))
          INTO v_levels
          FROM (SELECT le.*, lo.item_id, lo.expiry, pl.path AS place_path, pl.kind AS place_kind, it.temperature_class
                  FROM ledger_level le
                  JOIN ledger_lot lo ON lo.id = le.lot_id
                  JOIN places_place pl ON pl.id = le.place_id
                  JOIN catalog_item it ON it.id = lo.item_id
                 WHERE le.lot_id = ANY (p_lots) AND le.quantity > 0
                 ORDER BY le.place_id, le.lot_id, le.status, le.owner_id FOR UPDATE OF le) h;
    END IF;
    SELECT jsonb_build_array(e.id, e.fingerprint) INTO v_prior FROM ledger_event e WHERE e.key = p_key;
    SELECT jsonb_agg(jsonb_build_array(pl.id, pl.path, pl.kind, pl.temperature_class, pl.active))
      INTO v_places FROM places_place pl WHERE pl.id = ANY (p_places);
    IF cardinality(p_items) > 0 THEN
        SELECT jsonb_agg(jsonb_build_array(it.id, it.temperature_class, it.tracking))
          INTO v_items FROM catalog_item it WHERE it.id = ANY (p_items);
    END IF;
    IF cardinality(p_suppliers) > 0 THEN
        -- A supplier may deliver on a day when, of every kind of licence it has ever shown, one is valid.
        SELECT jsonb_agg(DISTINCT jsonb_build_array(li.supplier_id, li.kind))
          INTO v_lapsed
          FROM catalog_licence li
         WHERE li.supplier_id = ANY (p_suppliers)
           AND NOT EXISTS (SELECT 1 FROM catalog_licence ok
                            WHERE ok.supplier_id = li.supplier_id AND ok.kind = li.kind
                              AND ok.valid_from <= p_day AND coalesce(ok.valid_to, 'infinity') >= p_day);
    END IF;
    RETURN jsonb_build_object('prior', v_prior, 'units', v_units, 'levels', v_levels, 'places', v_places,
                              'items', v_items, 'lapsed', v_lapsed);
END $$;
