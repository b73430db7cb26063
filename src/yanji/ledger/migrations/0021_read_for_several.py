"""What several acts touch is read at once, with the prior events of all their keys.

The function is dropped by its old arguments, or it would stand beside the new.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"
OLD = "DROP FUNCTION IF EXISTS ledger_read(boolean, text, text[], bigint[], bigint[], bigint[], bigint[], date)"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0020_since_when")]
    operations = [
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "read.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
