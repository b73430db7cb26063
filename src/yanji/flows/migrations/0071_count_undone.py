"""What of a posted count was taken back stands with its variances."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_authorised_by'),
        ('flows', '0070_agreement_terms_moved'),
        ('ledger', '0018_after_receipt'),
        ('places', '0005_quarantine_and_capacity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='variance',
            name='undone',
            field=models.PositiveIntegerField(default=0, help_text='Pieces whose entry was taken back'),
        ),
        migrations.AddField(
            model_name='variance',
            name='undone_event',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.event'),
        ),
        migrations.AddIndex(
            model_name='variance',
            index=models.Index(condition=models.Q(('undone__gt', 0)), fields=['count', 'item'], name='variance_undone'),
        ),
        migrations.AddConstraint(
            model_name='variance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone', 0), ('undone_event__isnull', True)), models.Q(('undone__gt', 0), ('undone__lte', models.F('pieces')), ('undone_event__isnull', False)), _connector='OR'), name='variance_undone_sound'),
        ),
    ]
