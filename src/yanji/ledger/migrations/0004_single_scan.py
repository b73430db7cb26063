"""A form of its own for the single scan."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_read_without_locks")]
    operations = [migrations.RunSQL((SQL / "write.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
