"""What the rules read of a unit says when it came: nothing may have happened to it before."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0017_recalls_end")]
    operations = [
        migrations.RunSQL((SQL / "read.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
