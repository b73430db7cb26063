"""Since when a code is on a unit, who took it off and why; the codes that are on now are noted, by nobody known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

REASONS = """
came_off|标签脱落或损坏|The tag came off or broke
wrong_unit|贴错了单件|It was put on the wrong unit
replaced|更换标签|It is replaced by another
left|单件离院，标签收回|The unit leaves; the tag is kept
other|其他|Other
"""
NOTE = "INSERT INTO flows_unitcode (unit_id, code, reason, note) SELECT unit_id, code, '', '' FROM ledger_alias"


def sow(apps, schema_editor):
    reason = apps.get_model("flows", "ReasonCode")
    rows = [line.split("|") for line in REASONS.strip().split("\n")]
    reason.objects.bulk_create(
        reason(group="code_off", code=code, name_zh=zh, name_en=en, position=10 * number)
        for number, (code, zh, en) in enumerate(rows, 1)
    )


def person(**more):
    return models.ForeignKey(
        null=True, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
        to=settings.AUTH_USER_MODEL, **more,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0077_accepted_by_use"),
        ("ledger", "0019_in_hand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="UnitCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=160)),
                ("bound_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("note", models.TextField(blank=True)),
                ("bound_by", person()),
                ("released_by", person()),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="codes", to="ledger.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "code of a unit",
                "verbose_name_plural": "codes of units",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("released_at__isnull", True)), fields=("code",), name="unit_code_on_one_unit"
                    ),
                    models.CheckConstraint(
                        condition=Q(released_at__isnull=True, released_by__isnull=True, reason="")
                        | Q(released_at__isnull=False, released_by__isnull=False) & ~Q(reason=""),
                        name="unit_code_release_reason_given",
                    ),
                ],
            },
        ),
        migrations.RunSQL(NOTE, migrations.RunSQL.noop),
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]
