"""People of suppliers, and what the standard roles may do besides."""

import django.db.models.deletion
from django.db import migrations, models

# What the standard roles may do besides, since there are flows for it; roles of other codes are the hospital's own.
ADDED = {
    "storekeeper": ("transfer", "return_goods", "count", "consign", "pack"),
    "nurse": ("lend", "count"),
    "buyer": ("contract", "invoice", "return_goods"),
    "manager": ("approve",),
    "administrator": ("edit_rules", "audit"),
}


def widen(apps, schema_editor):
    for role in apps.get_model("access", "Role").objects.filter(code__in=ADDED):
        role.operations = sorted({*role.operations, *ADDED[role.code]})
        role.save(update_fields=["operations"])


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_system'),
        ('catalog', '0004_carton'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='supplier',
            field=models.ForeignKey(blank=True, help_text='An external account: sees what concerns this supplier and nothing else', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='catalog.supplier'),
        ),
        migrations.RunPython(widen, migrations.RunPython.noop),
    ]
