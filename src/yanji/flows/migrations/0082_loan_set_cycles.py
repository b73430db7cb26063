import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What was known until now of each set: its last cycle.
KNOWN = """
INSERT INTO flows_loansetcycle (loan_set_id, cycle, sterilised_at, sterilised_by_id, recorded_at)
SELECT id, cycle, sterilised_at, sterilised_by_id, sterilised_at FROM flows_loanset
 WHERE cycle <> '' AND sterilised_at IS NOT NULL AND sterilised_by_id IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0081_rfid_readers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LoanSetCycle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cycle', models.CharField(max_length=40)),
                ('sterilised_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('loan_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cycles', to='flows.loanset')),
                ('sterilised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('cycle', ''), _negated=True), name='loan_set_cycle_named')],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
