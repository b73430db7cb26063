"""An emergency use whose entry was taken back; what is paid all the same was refused, or its use was taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0066_wave_policy")]

    operations = [
        migrations.AlterField(
            model_name="emergencyuse",
            name="state",
            field=models.CharField(
                choices=[
                    ("awaiting", "Waits for approval"),
                    ("approved", "Approved afterwards"),
                    ("refused", "Refused afterwards"),
                    ("accepted", "To be paid all the same"),
                    ("voided", "Taken back"),
                ],
                default="awaiting",
                max_length=12,
            ),
        )
    ]
