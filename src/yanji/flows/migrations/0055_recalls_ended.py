"""A recall of which nothing is marked any more is ended by who says why."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REASONS = """
withdrawn|通知已由厂家或监管部门撤销|The maker or the authority withdrew the notice
wrong_lot|批号录错|The wrong lot was entered
all_gone|已全部退回或销毁|All of it has gone back or been destroyed
other|其他|Other
"""


def sow(apps, schema_editor):
    reason = apps.get_model("flows", "ReasonCode")
    rows = [line.split("|") for line in REASONS.strip().split("\n")]
    reason.objects.bulk_create(
        reason(group="recall_end", code=code, name_zh=zh, name_en=en, position=10 * number)
        for number, (code, zh, en) in enumerate(rows, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("flows", "0054_inspected_consigned"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("lotrecall", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "lotrecall", "ended_by",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField("lotrecall", "end_reason", models.CharField(blank=True, db_default="", max_length=120)),
        migrations.AddField("lotrecall", "end_note", models.CharField(blank=True, db_default="", max_length=400)),
        migrations.AddConstraint(
            "lotrecall",
            models.CheckConstraint(
                condition=models.Q(end_reason="", ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False) & ~models.Q(end_reason=""),
                name="lot_recall_end_reason_given",
            ),
        ),
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]  # fmt: skip
