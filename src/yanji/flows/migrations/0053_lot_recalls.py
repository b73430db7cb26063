"""A recall stands by its lot; what entries said before is taken over."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FILL = """
INSERT INTO flows_lotrecall (lot_id, notice, event_id, actor_id, at)
SELECT DISTINCT m.lot_id, left(coalesce(nullif(e.documents->>'recall', ''), '-'), 80), e.id, e.actor_id, e.happened_at
  FROM ledger_event e JOIN ledger_movement m ON m.event_id = e.id
 WHERE e.step = 'recall';
"""
TO_PERSON, TO_EVENT = settings.AUTH_USER_MODEL, "ledger.event"


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0052_boxes_bound_for"),
        ("ledger", "0015_hand_on"),
        migrations.swappable_dependency(TO_PERSON),
    ]

    operations = [
        migrations.CreateModel(
            name="LotRecall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("notice", models.CharField(max_length=80)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor", models.ForeignKey(TO_PERSON, django.db.models.deletion.PROTECT, related_name="+")),
                ("event", models.ForeignKey(TO_EVENT, django.db.models.deletion.PROTECT, null=True, related_name="+")),
                ("lot", models.ForeignKey("ledger.lot", django.db.models.deletion.PROTECT, related_name="recalls")),
            ],
            options={
                "verbose_name": "recall of a lot",
                "verbose_name_plural": "recalls of lots",
                "constraints": [
                    models.UniqueConstraint(fields=["lot", "event"], name="lot_recall_once"),
                    models.CheckConstraint(condition=~models.Q(notice=""), name="lot_recall_notice_given"),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]  # fmt: skip
