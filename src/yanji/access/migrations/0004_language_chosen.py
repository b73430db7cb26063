"""Whether somebody ever chose a language: empty until they do. The site's own, which everybody began with, is no choice."""

from django.db import migrations, models


def forget_what_nobody_chose(apps, schema_editor):
    apps.get_model("access", "Person").objects.filter(language="zh-hans").update(language="")


def fill_in(apps, schema_editor):
    apps.get_model("access", "Person").objects.filter(language="").update(language="zh-hans")


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0003_suppliers_and_more_roles'),
    ]

    operations = [
        migrations.AlterField(
            model_name='person',
            name='language',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.RunPython(forget_what_nobody_chose, fill_in),
    ]
