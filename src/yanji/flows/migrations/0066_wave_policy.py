"""A walk takes what expires first, or what was received first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0065_used_despite")]

    operations = [
        migrations.AddField(
            model_name="wave",
            name="policy",
            field=models.CharField(
                choices=[("fefo", "First expiry first (FEFO)"), ("fifo", "First received first (FIFO)")],
                default="fefo",
                max_length=4,
            ),
        )
    ]
