"""Refused attempts are kept where they matter."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0004_requisition_states'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('device', models.CharField(blank=True, max_length=80)),
                ('verb', models.CharField(max_length=60)),
                ('code', models.CharField(max_length=40)),
                ('thing', models.CharField(blank=True, max_length=200)),
                ('facts', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'refused attempt',
                'verbose_name_plural': 'refused attempts',
                'indexes': [models.Index(fields=['-at'], name='attempt_latest')],
            },
        ),
    ]
