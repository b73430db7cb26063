"""The guards and the two functions that post() calls; their text lies beside the Python that calls them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("places", "0002_virtual_places")]
    operations = [
        migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), migrations.RunSQL.noop)
        for name in ("guards.sql", "read.sql", "write.sql")
    ]
