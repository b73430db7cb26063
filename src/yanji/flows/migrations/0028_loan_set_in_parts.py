import django.db.models.deletion
from django.db import migrations, models

KEEP = """
UPDATE flows_consignmentreceipt r SET loan_set_id = s.id FROM flows_loanset s WHERE s.receipt_id = r.id
"""
# Where a set came in parts, its first delivery is the one that the older schema has room for.
BACK = """
UPDATE flows_loanset s SET receipt_id = (SELECT min(r.id) FROM flows_consignmentreceipt r WHERE r.loan_set_id = s.id)
"""
# A column with changes still to be checked cannot be dropped in the same transaction.
AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):
    dependencies = [("flows", "0027_inspection")]

    operations = [
        migrations.AddField(
            "consignmentreceipt",
            "loan_set",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="flows.loanset"
            ),
        ),
        migrations.RunSQL(KEEP + ";" + AT_ONCE, BACK + ";" + AT_ONCE),
        migrations.RemoveField("loanset", "receipt"),
    ]
