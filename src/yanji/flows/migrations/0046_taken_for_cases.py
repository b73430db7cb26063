"""A part that was taken names the case itself, not only its number; and every part says when it was recorded."""

import django.utils.timezone
from django.db import migrations, models

# A number that no case has stays readable in the note.
FILL = """
UPDATE flows_taken SET recorded_at = at;
UPDATE flows_taken t SET case_id = c.id FROM flows_case c WHERE c.number = t.case_number;
UPDATE flows_taken SET note = left(concat_ws(' ', case_number, nullif(note, '')), 400)
 WHERE case_id IS NULL AND case_number <> '';
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0045_opening_said")]

    operations = [
        migrations.AddField("taken", "recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddField(
            "taken",
            "case",
            models.ForeignKey("flows.Case", models.PROTECT, null=True, related_name="taken"),
        ),
        # The filling checks its references at once: rows that still wait for a check keep a table from being altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.RunSQL(FILL),
        migrations.RemoveField("taken", "case_number"),
    ]
