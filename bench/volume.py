"""Ten thousand, a hundred thousand, a million units with their whole lives, loaded by COPY.

A lot is a hundred units: all received, accepted and put away; eighty picked, issued and taken in at four departments;
sixty of those used on patients. So a lot has the same size, and a unit as many stops, however much there is around them.
"""

from dataclasses import dataclass

import psycopg
from ground import COST, Ground

LOT_SIZE = 100
STORES, DEPARTMENTS, ITEMS = 10, 60, 200
EVENTS_A_LOT = 75  # receive, accept, put away; pick, issue, take in at four departments; sixty uses


@dataclass(frozen=True)
class Volume:
    """Places, items and where counting starts: lot, unit and event numbers are computed from here."""

    ground: Ground
    stores: list[int]
    bins: list[int]
    cabinets: list[int]
    items: list[int]
    supplier_place: int
    transit: int
    patient: int


def furnish(ground: Ground) -> Volume:
    """The places and items of a big hospital, made through the models: they are few."""
    from yanji.catalog.models import Item
    from yanji.ledger.api import virtual_places
    from yanji.places.models import Kind, Place

    def place(kind: str, code: str, parent: Place) -> Place:
        made = Place.objects.create(kind=kind, code=code, name_zh=code, parent=parent)
        made.path = f"{parent.path}{made.pk}/"
        made.save(update_fields=["path"])
        return made

    campus = Place.objects.get(code="CAMPUS")
    stores = [place(Kind.STORE, f"V-STORE{n}", campus) for n in range(STORES)]
    bins = [place(Kind.BIN, f"V-BIN{n}", store) for n, store in enumerate(stores)]
    wards = [place(Kind.DEPARTMENT, f"V-WARD{n}", campus) for n in range(DEPARTMENTS)]
    cabinets = [place(Kind.CABINET, f"V-CABINET{n}", ward) for n, ward in enumerate(wards)]
    items = [
        Item.objects.create(code=f"V-ITEM{n}", name_zh="支架", temperature_class="room") for n in range(ITEMS)
    ]
    virtual = virtual_places()
    ids = [[one.pk for one in some] for some in (stores, bins, cabinets, items)]
    return Volume(ground, *ids, virtual.supplier, virtual.transit, virtual.patient)


# Every query gives the rows of the lots from %(first)s to before %(end)s. k counts lots, i the units of one.
EVENT_ID = "(lpad(to_hex({n} / 65536), 8, '0') || '-' || lpad(to_hex({n} %% 65536), 4, '0') || '-7000-8000-000000000000')::uuid"
LOTS = """
SELECT k + 1, (%(items)s::bigint[])[1 + k %% %(item_count)s], 'V' || lpad(k::text, 7, '0'),
       current_date - 30 + (k * 37 %% 1500)::int, NULL::date
  FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) k
"""
UNITS = """
SELECT k * 100 + i + 1, '01/06901234500017/21/V' || k || '-' || i, 'V' || k || '-' || i, 'PO-1', %(cost)s::numeric(14, 2),
       now() - interval '60 days',
       CASE WHEN i < 60 THEN 'used' ELSE 'available' END,
       CASE WHEN i < 60 THEN 'use' WHEN i < 80 THEN 'take_in' ELSE 'put_away' END,
       CASE WHEN i < 60 THEN 7 WHEN i < 80 THEN 6 ELSE 3 END,
       '', NULL::timestamptz,
       CASE WHEN i >= 60 THEN %(actor)s::bigint END,
       (%(items)s::bigint[])[1 + k %% %(item_count)s], k + 1, NULL::bigint,
       CASE WHEN i < 60 THEN %(patient)s::bigint
            WHEN i < 80 THEN (%(cabinets)s::bigint[])[1 + (k * 4 + i / 20) %% %(cabinet_count)s]
            ELSE (%(bins)s::bigint[])[1 + k %% %(store_count)s] END,
       %(supplier)s::bigint
  FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) k, generate_series(0, 99) i
"""
EVENTS = f"""
SELECT {EVENT_ID.format(n="(k * 75 + e)")}, 'volume:' || k || ':' || e, repeat('0', 64),
       CASE WHEN e = 0 THEN 'receive' WHEN e = 1 THEN 'accept' WHEN e = 2 THEN 'put_away' WHEN e >= 15 THEN 'use'
            ELSE (ARRAY['pick', 'issue', 'take_in'])[1 + e %% 3] END,
       now() - interval '60 days' + e * interval '1 hour', 480::smallint, now() - interval '60 days' + e * interval '1 hour',
       '', '', '', CASE WHEN e >= 15 THEN jsonb_build_object('case', 'C' || k, 'patient', 'P' || k || '-' || e)
                        ELSE jsonb_build_object('order', 'PO-' || k) END,
       NULL::jsonb, %(actor)s::bigint, NULL::uuid, NULL::bigint, NULL::bigint, NULL::bigint
  FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) k, generate_series(0, 74) e
"""
MOVEMENTS = f"""
WITH ends AS (
    SELECT k, i, seq, k * 75 + CASE WHEN seq <= 3 THEN seq - 1 WHEN seq = 7 THEN 15 + i
                                    ELSE 3 + (i / 20) * 3 + seq - 4 END AS event,
           (%(stores)s::bigint[])[1 + k %% %(store_count)s] AS store, (%(bins)s::bigint[])[1 + k %% %(store_count)s] AS bin,
           (%(cabinets)s::bigint[])[1 + (k * 4 + i / 20) %% %(cabinet_count)s] AS cabinet
      FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) k, generate_series(0, 99) i, generate_series(1, 7) seq
     WHERE seq <= 3 OR (i < 80 AND seq <= 6) OR i < 60)
SELECT {EVENT_ID.format(n="event")}, i, k * 100 + i + 1, seq, k + 1, 1::numeric(14, 3), %(cost)s::numeric(18, 2),
       (ARRAY[%(supplier_place)s, store, store, bin, bin, %(transit)s, cabinet]::bigint[])[seq],
       (ARRAY[store, store, bin, bin, %(transit)s, cabinet, %(patient)s]::bigint[])[seq],
       (ARRAY[NULL, 'inspecting', 'available', 'available', 'picked', 'in_transit', 'available'])[seq],
       (ARRAY['inspecting', 'available', 'available', 'picked', 'in_transit', 'available', 'used'])[seq],
       CASE WHEN seq < 7 THEN %(actor)s::bigint END
  FROM ends
"""
USES = f"""
SELECT k * 100 + i + 1, {EVENT_ID.format(n="(k * 75 + 15 + i)")}, 'C' || k, 'P' || k || '-' || (15 + i), '', ''
  FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) k, generate_series(0, 59) i
"""
LEVELS = """
SELECT place_id, lot_id, status, count(*)::numeric(14, 3), sum(cost)::numeric(18, 2) FROM ledger_unit
 WHERE lot_id > %(first)s AND lot_id <= %(end)s GROUP BY 1, 2, 3
"""
COLUMNS = {
    "ledger_lot": "id, item_id, number, expiry, made",
    "ledger_unit": """id, epc, serial, order_number, cost, received_at, status, step, seq, reserved_for, reserved_until,
                      custodian_id, item_id, lot_id, owner_id, place_id, supplier_id""",
    "ledger_event": """id, key, fingerprint, step, happened_at, happened_offset_minutes, recorded_at, device, reason,
                       note, documents, sensor, actor_id, corrects_id, read_point_id, source_party_id, witness_id""",
    "ledger_movement": """event_id, line, unit_id, seq, lot_id, quantity, value, from_place_id, to_place_id,
                          from_status, to_status, custodian_id""",
    "ledger_use": "unit_id, event_id, case_number, patient_token, procedure, operator",
    "ledger_level": "place_id, lot_id, status, quantity, value",
}
ROWS = {
    "ledger_lot": LOTS,
    "ledger_unit": UNITS,
    "ledger_event": EVENTS,
    "ledger_movement": MOVEMENTS,
    "ledger_use": USES,
    "ledger_level": LEVELS,
}
EMPTY = "TRUNCATE ledger_log, ledger_pending, ledger_level, ledger_lot, ledger_event CASCADE"


def empty(admin: psycopg.Connection) -> None:
    """Clear the ledger: only a superuser who turns the guards off can."""
    admin.execute("SET session_replication_role = replica")
    admin.execute(EMPTY)


def grow(
    source: psycopg.Connection, admin: psycopg.Connection, volume: Volume, units: int, present: int
) -> None:
    """Add units until there are so many: each table's rows are computed on one connection and copied in on another."""
    facts = {
        "first": present // LOT_SIZE, "end": units // LOT_SIZE, "cost": COST, "actor": volume.ground.actor,
        "items": volume.items, "item_count": len(volume.items), "stores": volume.stores, "bins": volume.bins,
        "cabinets": volume.cabinets, "store_count": len(volume.stores), "cabinet_count": len(volume.cabinets),
        "supplier": volume.ground.supplier, "supplier_place": volume.supplier_place, "transit": volume.transit,
        "patient": volume.patient,
    }  # fmt: skip
    admin.execute("SET session_replication_role = replica")  # keys between the tables hold by construction
    binder = psycopg.ClientCursor(source)
    for table, rows in ROWS.items():
        query = f"COPY ({binder.mogrify(rows, facts)}) TO STDOUT (FORMAT binary)"
        with (
            source.cursor().copy(query) as out,
            admin.cursor().copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN (FORMAT binary)") as into,
        ):
            for block in out:
                into.write(block)
    for table in ("ledger_lot", "ledger_unit"):
        admin.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
    admin.execute("VACUUM ANALYZE")
