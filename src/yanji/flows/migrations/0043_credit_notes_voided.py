import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The supplier of a note is that of its return. A number that one supplier's notes bear twice was entered twice, or mistyped:
# both stay, the later one with a mark, and somebody voids the wrong one.
FILL = """
UPDATE flows_creditnote n SET supplier_id = r.supplier_id FROM flows_supplierreturn r WHERE r.id = n.supplier_return_id;
UPDATE flows_creditnote n SET number = left(n.number, 60) || ' #' || n.id
 WHERE EXISTS (SELECT 1 FROM flows_creditnote e
                WHERE e.supplier_id = n.supplier_id AND e.number = n.number AND e.id < n.id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0042_bill_changes"),
        ("catalog", "0005_authorised_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="creditnote",
            options={"verbose_name": "credit note", "verbose_name_plural": "credit notes"},
        ),
        migrations.RemoveConstraint(model_name="creditnote", name="credit_note_number_once"),
        migrations.AddField(
            model_name="creditnote",
            name="state",
            field=models.CharField(
                choices=[("entered", "Entered"), ("voided", "Voided")], default="entered", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="supplier",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.supplier"
            ),
        ),
        migrations.AddField(
            model_name="creditnote", name="voided_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="creditnote",
            name="voided_because",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="voided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        # The filling checks its references at once: rows that still wait for a check keep a table from being altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="creditnote",
            name="supplier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.supplier"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "voided"), _negated=True),
                fields=("supplier", "number"),
                name="credit_note_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "entered"), ("voided_at__isnull", True), ("voided_by__isnull", True)),
                    models.Q(
                        ("state", "voided"),
                        ("voided_at__isnull", False),
                        ("voided_by__isnull", False),
                        models.Q(("voided_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="credit_note_voided_by_somebody",
            ),
        ),
    ]
