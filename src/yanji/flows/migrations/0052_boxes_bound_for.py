"""Boxes with counted pieces know what they were picked for, and so go along with it; those of picked kits from the start."""

from typing import ClassVar

from django.db import migrations, models

BOUND = """
UPDATE flows_box b SET bound_for = r.number
  FROM flows_kitpick k JOIN flows_requisition r ON r.id = k.requisition_id
 WHERE k.outcome IN ('', 'issued') AND b.id = k.box_id
   AND k.id = (SELECT max(last.id) FROM flows_kitpick last WHERE last.box_id = b.id)
"""
# Counted pieces say where they are by the place of their own box alone. Boxes packed before 0047 have none: there units beside
# the pieces spoke for them, and where no units are the last who packed it said where.
PLACED = """
UPDATE flows_box b SET place_id = here.place_id
  FROM (SELECT DISTINCT ON (bu.box_id) bu.box_id, u.place_id FROM flows_boxedunit bu JOIN ledger_unit u ON u.id = bu.unit_id
         GROUP BY bu.box_id, u.place_id ORDER BY bu.box_id, count(*) DESC, u.place_id) here
 WHERE here.box_id = b.id AND b.place_id IS NULL AND EXISTS (SELECT 1 FROM flows_boxedlot bl WHERE bl.box_id = b.id)
"""
PACKED = """
UPDATE flows_box b SET place_id = (SELECT a.place_id FROM flows_packingact a WHERE a.box_id = b.id AND a.place_id IS NOT NULL
                                    ORDER BY a.at DESC, a.id DESC LIMIT 1)
 WHERE b.place_id IS NULL AND EXISTS (SELECT 1 FROM flows_boxedlot bl WHERE bl.box_id = b.id)
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("flows", "0051_settlements_invoiced")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="box",
            name="bound_for",
            field=models.CharField(
                blank=True,
                help_text="Number of the requisition or transfer that its counted pieces were picked for",
                max_length=40,
            ),
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(BOUND, migrations.RunSQL.noop),
        migrations.RunSQL(PLACED, migrations.RunSQL.noop),
        migrations.RunSQL(PACKED, migrations.RunSQL.noop),
    ]
