"""An agreement says nothing any more that its versions say."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0069_agreement_versions'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='agreementitem', name='agreement_item_once'),
        migrations.AlterField(
            model_name='agreementitem',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='flows.agreementversion'),
        ),
        migrations.RemoveField(model_name='agreementitem', name='agreement'),
        migrations.AddConstraint(
            model_name='agreementitem',
            constraint=models.UniqueConstraint(fields=('version', 'item'), name='agreement_item_once'),
        ),
        migrations.RemoveConstraint(model_name='consignmentagreement', name='agreement_dates_in_order'),
        migrations.RemoveConstraint(model_name='consignmentagreement', name='agreement_settlement_day'),
        migrations.RemoveField(model_name='consignmentagreement', name='valid_from'),
        migrations.RemoveField(model_name='consignmentagreement', name='valid_to'),
        migrations.RemoveField(model_name='consignmentagreement', name='all_items'),
        migrations.RemoveField(model_name='consignmentagreement', name='settlement_day'),
        migrations.RemoveField(model_name='consignmentagreement', name='note'),
        migrations.RemoveField(model_name='consignmentagreement', name='changed_at'),
    ]
