"""What was said of an opened piece and taken back stays to be read."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0060_voided_papers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='openedpiece',
            name='state',
            field=models.CharField(choices=[('open', 'In use'), ('used_up', 'Used up'), ('discarded', 'Discarded'), ('voided', 'Taken back')], default='open', max_length=12),
        ),
        migrations.CreateModel(
            name='PieceUndone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ended', models.CharField(blank=True, choices=[('open', 'In use'), ('used_up', 'Used up'), ('discarded', 'Discarded'), ('voided', 'Taken back')], max_length=12)),
                ('event', models.UUIDField(null=True, unique=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reason', models.CharField(max_length=120)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('part', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone', to='flows.taken')),
                ('piece', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='undone', to='flows.openedpiece')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='piece_undone_reason_given'), models.CheckConstraint(condition=models.Q(('part__isnull', False), ('event__isnull', False), _connector='OR'), name='piece_undone_says_what')],
            },
        ),
    ]
