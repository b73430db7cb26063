"""From which position of the log on a thing stays in hand with whoever had it: what was written before is judged by what held
then, and nothing after it is excused."""

from django.db import migrations, models

# What is committed and waits for its position gets the next ones.
NOW = """
INSERT INTO ledger_since (rule, position)
SELECT 'custody', (SELECT coalesce(max(position), 0) FROM ledger_log) + (SELECT count(*) FROM ledger_pending)
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0019_in_hand")]
    operations = [
        migrations.CreateModel(
            name="Since",
            fields=[
                ("rule", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("position", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(NOW, migrations.RunSQL.noop),
    ]
