"""How much fits at a place, and which places are for what nobody may use."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0004_consumed'),
    ]

    operations = [
        migrations.AddField(
            model_name='place',
            name='capacity',
            field=models.PositiveIntegerField(blank=True, help_text='How many pieces fit, whatever they are; empty: as many as there are', null=True),
        ),
        migrations.AddField(
            model_name='place',
            name='quarantine',
            field=models.BooleanField(default=False, help_text='For what is rejected or in doubt: nothing that may be used lies here'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.CheckConstraint(condition=models.Q(('capacity', None), ('capacity__gt', 0), _connector='OR'), name='place_capacity_positive'),
        ),
    ]
