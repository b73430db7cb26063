"""The rule "one serial number an item" is kept by an index that begins with the number.

Every scan and every search asks for a number without knowing the item; with the item first, PostgreSQL 16 and 17 read
the whole index for it (18 skips through it, once an item).
"""

from django.db import migrations, models

# The new index is built beside the old one, which goes on keeping the rule: reading goes on meanwhile, and the swap
# that shuts everybody out takes no longer for a million units than for none.
SWAP = """
CREATE UNIQUE INDEX unit_serial_first ON ledger_unit (serial, item_id);
ALTER TABLE ledger_unit DROP CONSTRAINT unit_serial_unique;
ALTER TABLE ledger_unit ADD CONSTRAINT unit_serial_unique UNIQUE USING INDEX unit_serial_first;
"""
BACK = SWAP.replace("(serial, item_id)", "(item_id, serial)")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_authorisations_by_maker")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SWAP, BACK)],
            state_operations=[
                migrations.RemoveConstraint("unit", "unit_serial_unique"),
                migrations.AddConstraint(
                    "unit", models.UniqueConstraint(fields=["serial", "item"], name="unit_serial_unique")
                ),
            ],
        )
    ]
