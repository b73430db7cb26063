import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was entered before any number was given has the series without a campus.
NUMBER = "UPDATE flows_landedcost SET number = 'LC-' || lpad(id::text, 6, '0') WHERE number = ''"


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0075_sent_acts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="landedcost",
            options={"verbose_name": "cost of a delivery", "verbose_name_plural": "costs of deliveries"},
        ),
        migrations.AddField(
            model_name="landedcost",
            name="number",
            field=models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="landedcost",
            name="voided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="landedcost",
            name="number",
            field=models.CharField(max_length=40, unique=True),
        ),
    ]
