"""Who has a thing in hand is written for each line: what is only said of things leaves each with whoever had it.

What was written before stays as it was. The functions are dropped by their old arguments, or they would stand beside the new.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"
OLD = """
DROP FUNCTION IF EXISTS ledger_write_new_units(uuid, text, text, bigint, timestamptz, int[], text[], bigint[], text[], date[],
    date[], text[], bigint[], bigint[], text[], numeric[], bigint[], bigint[]);
DROP FUNCTION IF EXISTS ledger_write_units(uuid, text, bigint, text, timestamptz, timestamptz, int[], bigint[], int[], bigint[],
    numeric[], bigint[], bigint[], text[], text[], bigint[], bigint[]);
DROP FUNCTION IF EXISTS ledger_write_relabelled(uuid, text, bigint, timestamptz, int[], bigint[], int[], bigint[], bigint[], text[],
    date[], date[], bigint[], numeric[], bigint[], bigint[], text[], text[], bigint[], bigint[]);
DROP FUNCTION IF EXISTS ledger_write_quantities(uuid, bigint, int[], bigint[], bigint[], text[], date[], date[], numeric[],
    numeric[], bigint[], bigint[], text[], text[], bigint[], bigint[]);
DROP FUNCTION IF EXISTS ledger_write_unit(uuid, text, bigint, text, timestamptz, timestamptz, int, bigint, int, bigint, numeric,
    bigint, bigint, text, text, bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0018_after_receipt")]
    operations = [
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
        *(
            migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in ("read.sql", "write.sql")
        ),
    ]
