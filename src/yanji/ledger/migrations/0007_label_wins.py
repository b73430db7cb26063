"""An expected unit takes lot and expiry from its label: a movement may name the lot that was recorded before."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_lot_arrivals")]
    operations = [
        migrations.AddField(
            model_name="movement",
            name="from_lot",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.lot",
            ),
        ),
        *(
            migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in ("read.sql", "write.sql")
        ),
    ]
