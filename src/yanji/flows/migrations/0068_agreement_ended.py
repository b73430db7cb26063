"""A consignment agreement ends with a reason; when it was written stays known after it is changed."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def as_last_changed(apps, _schema):
    """An older agreement was written by the day of its last change at the latest."""
    apps.get_model("flows", "ConsignmentAgreement").objects.update(written_at=models.F("changed_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0067_emergency_voided'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='consignmentagreement',
            name='state',
            field=models.CharField(choices=[('running', 'In force'), ('ended', 'Terminated')], default='running', max_length=12),
        ),
        migrations.AddField(
            model_name='consignmentagreement',
            name='written_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.CreateModel(
            name='AgreementEnding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_day', models.DateField(help_text='Nothing more comes under the agreement after it')),
                ('reason', models.CharField(max_length=120)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('taken_back_because', models.CharField(blank=True, max_length=120)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endings', to='flows.consignmentagreement')),
                ('taken_back_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('taken_back_at', None)), fields=('agreement',), name='agreement_ends_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='agreement_ending_reason_given'), models.CheckConstraint(condition=models.Q(('taken_back_at', None), models.Q(('taken_back_by__isnull', False), models.Q(('taken_back_because', ''), _negated=True)), _connector='OR'), name='agreement_ending_taken_back_for_a_reason')],
            },
        ),
        migrations.RunPython(as_last_changed, migrations.RunPython.noop, elidable=True),
    ]
