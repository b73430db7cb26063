"""The log's clock can be set by its owner, who imagines a hospital: see docs/decisions/0017."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_set_aside")]
    operations = [
        migrations.RunSQL((SQL / "write.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
