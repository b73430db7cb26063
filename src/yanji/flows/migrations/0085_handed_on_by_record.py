"""A paper of devices handed on names the records that they are of: counted pieces have no other name."""

import django.db.models.deletion
from django.db import migrations, models

# What was handed on so far are units: the record of each is the one by which it came out.
FILL = """
INSERT INTO flows_handoverline (handover_id, implant_id, quantity)
SELECT DISTINCT h.id, i.id, 1
  FROM flows_handover h
  JOIN ledger_movement m ON m.event_id = h.event_id
  JOIN flows_implant i ON i.unit_id = m.unit_id AND i.explant_event_id IS NOT NULL AND i.voided_at IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0084_readers_counting_anew'),
    ]

    operations = [
        migrations.CreateModel(
            name='HandoverLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField(default=1)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='flows.handover')),
                ('implant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handed_on', to='flows.implant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('handover', 'implant'), name='handover_record_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='handover_line_quantity_positive')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
