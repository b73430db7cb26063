"""A licence or an authorisation that is amiss is a reason of its own to reject goods: it is not the registration."""

from django.db import migrations


def sow(apps, schema_editor):
    # A code that the hospital has made for itself keeps the hospital's words. Offered before "other", which stands at 100.
    apps.get_model("flows", "ReasonCode").objects.bulk_create(
        [
            apps.get_model("flows", "ReasonCode")(
                group="reject", code="papers", name_zh="许可证或授权无效或未出示",
                name_en="Licence or authorisation not valid or not shown", position=93,
            )
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0092_papers_never_shown'),
    ]

    operations = [
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]
