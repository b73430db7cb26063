"""What the scan page sends is kept under its key, with its clocks and what became of it."""


import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0074_disposal_signed_at'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SentAct',
            fields=[
                ('key', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('device', models.CharField(blank=True, max_length=80)),
                ('flow', models.CharField(max_length=20)),
                ('path', models.CharField(help_text='Where the person may do this: says which stores may settle it', max_length=200)),
                ('scans', models.JSONField()),
                ('about', models.JSONField(default=dict)),
                ('fingerprint', models.CharField(max_length=64)),
                ('scanned_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('skew_ms', models.BigIntegerField(null=True)),
                ('sent_skew_ms', models.BigIntegerField(null=True)),
                ('happened_at', models.DateTimeField()),
                ('first_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('sent', 'Sent'), ('accepted', 'Accepted'), ('refused', 'Refused'), ('handed_on', 'Given to the store'), ('dropped', 'Dropped'), ('settled', 'Settled by the store')], default='sent', max_length=10)),
                ('offences', models.JSONField(default=list)),
                ('events', models.JSONField(default=list)),
                ('replaces', models.CharField(blank=True, max_length=100)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_because', models.CharField(blank=True, max_length=400)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_because', models.CharField(blank=True, max_length=400)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'act of the scan page',
                'verbose_name_plural': 'acts of the scan page',
                'indexes': [models.Index(condition=models.Q(('state', 'handed_on')), fields=['first_at'], name='sent_act_handed_on'), models.Index(fields=['person', '-first_at'], name='sent_act_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='sent_act_key_given'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('handed_on', 'dropped', 'settled')), _negated=True), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False), models.Q(('settled_because', ''), _negated=True)), _connector='OR'), name='sent_act_settled_says_why')],
            },
        ),
    ]
