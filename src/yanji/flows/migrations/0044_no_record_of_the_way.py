"""Why cold goods are held that came without a record of the way's temperature."""

from django.db import migrations


def sow(apps, schema_editor):
    reason = apps.get_model("flows", "ReasonCode")
    # A code that the hospital has made for itself keeps the hospital's words.
    reason.objects.bulk_create(
        [
            reason(
                group="transfer_difference", code="no_record", name_zh="途中无温度记录",
                name_en="No temperature record of the way", position=65,
            )
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0043_credit_notes_voided'),
    ]

    operations = [
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]
