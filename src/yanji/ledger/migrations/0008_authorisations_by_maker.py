"""A maker's authorisation concerns that maker's goods alone: the flows look at it, item by item."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"
READ = (SQL / "read.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_label_wins")]
    # Read from the file as it is now: what it does with licences is the only thing that has changed.
    operations = [migrations.RunSQL(READ, migrations.RunSQL.noop)]
