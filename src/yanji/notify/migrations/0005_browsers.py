import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The rules that every hospital began with, and nobody has changed since, tell of the same matters there too.
TOLD_THERE = """
UPDATE notify_rule r SET channels = r.channels || '["push"]'
  FROM access_person s
 WHERE s.id = r.edited_by_id AND s.username = 'yanji' AND r.shipped IS NOT NULL AND jsonb_exists(r.channels, 'email')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('notify', '0004_back_at'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PushSubscription',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('endpoint', models.CharField(max_length=1000, unique=True)),
                ('p256dh', models.CharField(max_length=100)),
                ('auth', models.CharField(max_length=40)),
                ('browser', models.CharField(max_length=40)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'browser that is notified',
                'verbose_name_plural': 'browsers that are notified',
            },
        ),
        migrations.RunSQL(TOLD_THERE, migrations.RunSQL.noop),
    ]
