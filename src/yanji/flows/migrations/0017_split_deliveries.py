"""A ship notice may arrive in parts; its lines say which delivery brought them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0016_opened'),
    ]

    operations = [
        migrations.AddField(
            model_name='shipnoticeline',
            name='receipt',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='announced_lines', to='flows.receipt'),
        ),
        migrations.AlterField(
            model_name='shipnotice',
            name='state',
            field=models.CharField(choices=[('announced', 'Announced'), ('partly', 'Partly arrived'), ('arrived', 'Arrived')], default='announced', max_length=12),
        ),
    ]
