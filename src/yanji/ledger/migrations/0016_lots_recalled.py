"""Whether a lot is recalled stands with the lot, where every rule that hands something on reads it."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_hand_on")]
    operations = [
        migrations.AddField("lot", "recall", models.CharField(blank=True, db_default="", max_length=80)),
        migrations.AddField("lot", "recalled_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "lot",
            models.CheckConstraint(
                condition=Q(recall="", recalled_at__isnull=True) | ~Q(recall="") & Q(recalled_at__isnull=False),
                name="lot_recalled_since",
            ),
        ),
        migrations.RunSQL((SQL / "read.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
