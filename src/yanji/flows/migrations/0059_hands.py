"""Who wrote, edited or sent an order or a contract is kept; of those written before, what is still known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KNOWN = """
INSERT INTO flows_hand (kind, document_id, person_id)
SELECT 'order', id, actor_id FROM flows_purchaseorder
 UNION SELECT 'order', order_id, actor_id FROM flows_orderchange
 UNION SELECT 'order', document_id, requester_id FROM flows_approval WHERE kind = 'order'
 UNION SELECT 'contract', id, actor_id FROM flows_contract
 UNION SELECT 'contract', document_id, requester_id FROM flows_approval WHERE kind = 'contract'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0058_boxes_where_pieces_lie"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("document_id", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "document_id", "person"), name="hand_once")
                ],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
