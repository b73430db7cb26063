"""What stood on a scrap paper and was taken back stays to be read."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0059_hands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DisposalVoid',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('certificate', 'Certificate'), ('write_off', 'Write-off')], max_length=12)),
                ('firm', models.CharField(blank=True, max_length=120)),
                ('certificate', models.CharField(blank=True, max_length=80)),
                ('collected_on', models.DateField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reason', models.CharField(max_length=120)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('disposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voids', to='flows.disposal')),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('witness', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'voided signature or certificate',
                'verbose_name_plural': 'voided signatures and certificates',
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='disposal_void_reason_given'), models.CheckConstraint(condition=models.Q(models.Q(('what', 'write_off'), _negated=True), models.Q(('second__isnull', False), models.Q(('second', models.F('actor')), _negated=True)), _connector='OR'), name='disposal_void_two_persons')],
            },
        ),
    ]
