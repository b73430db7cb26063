"""What each replay of the history found is kept, and shown to the administrator."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_lost_on_way")]

    operations = [
        migrations.CreateModel(
            name="Replay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("differences", models.PositiveIntegerField()),
                ("drift", models.JSONField(default=list)),
            ],
        )
    ]
