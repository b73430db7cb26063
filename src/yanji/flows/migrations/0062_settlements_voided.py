"""A confirmed settlement is voided by two, and keeps the lines that it had."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0061_opened_undone'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='settlement',
            name='settlement_one_a_month',
        ),
        migrations.AddField(
            model_name='settlement',
            name='kept_lines',
            field=models.ManyToManyField(related_name='+', to='flows.payable'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='void_note',
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.AddField(
            model_name='settlement',
            name='void_reason',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='settlement',
            name='voided_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='settlement',
            name='voided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='settlement',
            name='voided_second',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='settlement',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('confirmed', 'Confirmed'), ('voided', 'Voided')], default='draft', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'voided'), _negated=True), fields=('agreement', 'month'), name='settlement_one_a_month'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'voided'), _negated=True), models.Q(('voided_at__isnull', False), ('voided_second__isnull', False), models.Q(('voided_second', models.F('voided_by')), _negated=True), models.Q(('void_reason', ''), _negated=True)), _connector='OR'), name='settlement_voided_by_two'),
        ),
    ]
