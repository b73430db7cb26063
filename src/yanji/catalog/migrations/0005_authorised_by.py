"""An authorisation says whose goods it is for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_carton'),
    ]

    operations = [
        migrations.AddField(
            model_name='licence',
            name='maker',
            field=models.ForeignKey(blank=True, help_text='Whose goods an authorisation is for; empty: all', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='catalog.maker'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('maker__isnull', True), ('kind', 'authorisation'), _connector='OR'), name='licence_maker_of_authorisation'),
        ),
    ]
