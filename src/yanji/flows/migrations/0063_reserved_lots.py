"""Counted pieces are kept for documents, and why a reservation is ended before its time is a choice."""

import django.db.models.deletion
from django.db import migrations, models

REASONS = """
case_cancelled|手术取消或改期|The case was cancelled or moved
needed_elsewhere|其他手术更急需|More urgently needed elsewhere
not_needed|不再需要|Not needed any more
mistake|预留有误|Reserved by mistake
other|其他|Other
"""


def sow(apps, schema_editor):
    reason = apps.get_model("flows", "ReasonCode")
    rows = [line.split("|") for line in REASONS.strip().split("\n")]
    reason.objects.bulk_create(
        reason(group="unreserve", code=code, name_zh=zh, name_en=en, position=10 * number)
        for number, (code, zh, en) in enumerate(rows, 1)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_authorised_by"),
        ("flows", "0062_settlements_voided"),
        ("ledger", "0017_recalls_end"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReservedLot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reserved_for", models.CharField(max_length=40)),
                ("quantity", models.PositiveIntegerField()),
                ("until", models.DateTimeField()),
                ("event", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event")),
                ("lot", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.lot")),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to="catalog.supplier",
                    ),
                ),
                ("place", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place")),
            ],
            options={
                "verbose_name": "reserved pieces",
                "verbose_name_plural": "reserved pieces",
                "indexes": [
                    models.Index(fields=["lot", "place"], name="reserved_lot_lying"),
                    models.Index(fields=["reserved_for"], name="reserved_lot_document"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="reserved_lot_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reserved_for", ""), _negated=True), name="reserved_lot_for_somebody"
                    ),
                ],
            },
        ),
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]  # fmt: skip
