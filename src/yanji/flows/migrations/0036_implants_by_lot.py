import django.db.models.deletion
from django.db import migrations, models

KEEP = """
UPDATE flows_implant i SET lot_id = u.lot_id FROM ledger_unit u WHERE u.id = i.unit_id;
-- A column with changes still to be checked cannot be altered in the same transaction.
SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0035_paid_once"), ("ledger", "0012_set_aside")]

    operations = [
        migrations.AddField(
            "implant",
            "lot",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.lot"
            ),
        ),
        migrations.AddField("implant", "quantity", models.PositiveIntegerField(default=1)),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.AlterField(
            "implant",
            "lot",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.lot"
            ),
        ),
        migrations.AlterField(
            "implant",
            "unit",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="implants", to="ledger.unit"
            ),
        ),
        migrations.AddConstraint(
            "implant",
            models.CheckConstraint(
                condition=models.Q(unit__isnull=True, quantity__gt=0) | models.Q(unit__isnull=False, quantity=1),
                name="implant_pieces",
            ),
        ),
    ]
