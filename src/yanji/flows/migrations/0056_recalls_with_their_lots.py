"""The ledger is told which lots are recalled by now."""

from django.db import migrations

TELL = """
UPDATE ledger_lot lo SET recall = said.notice, recalled_at = said.since
  FROM (SELECT r.lot_id, (array_agg(r.notice ORDER BY r.at DESC, r.id DESC))[1] AS notice, min(r.at) AS since
          FROM flows_lotrecall r
         WHERE r.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_event e WHERE e.corrects_id = r.event_id)
         GROUP BY r.lot_id) AS said
 WHERE said.lot_id = lo.id;
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0055_recalls_ended"), ("ledger", "0016_lots_recalled")]

    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
