"""Boxes whose units were all used, scrapped or lost were taken to be where these went, with the counted pieces in them: they lie
where the units that are left do, or else where they were packed last."""

from django.db import migrations

# What leaves for good is in no box any more: of a box that is said to be there, the pieces never went.
LEFT = """
UPDATE flows_box b SET place_id = here.place_id
  FROM (SELECT DISTINCT ON (bu.box_id) bu.box_id, u.place_id FROM flows_boxedunit bu JOIN ledger_unit u ON u.id = bu.unit_id
         WHERE u.status NOT IN ('used', 'scrapped', 'lost')
         GROUP BY bu.box_id, u.place_id ORDER BY bu.box_id, count(*) DESC, u.place_id) here,
       places_place gone
 WHERE here.box_id = b.id AND gone.id = b.place_id AND gone.kind IN ('patient', 'scrap', 'lost', 'consumed')
   AND EXISTS (SELECT 1 FROM flows_boxedlot bl WHERE bl.box_id = b.id)
"""
PACKED = """
UPDATE flows_box b SET place_id = said.place_id
  FROM (SELECT DISTINCT ON (a.box_id) a.box_id, a.place_id
          FROM flows_packingact a JOIN places_place p ON p.id = a.place_id AND p.parent_id IS NOT NULL
         ORDER BY a.box_id, a.at DESC, a.id DESC) said,
       places_place gone
 WHERE said.box_id = b.id AND gone.id = b.place_id AND gone.kind IN ('patient', 'scrap', 'lost', 'consumed')
   AND EXISTS (SELECT 1 FROM flows_boxedlot bl WHERE bl.box_id = b.id)
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0057_kits_in_transfers")]

    operations = [
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(LEFT, migrations.RunSQL.noop),
        migrations.RunSQL(PACKED, migrations.RunSQL.noop),
    ]
