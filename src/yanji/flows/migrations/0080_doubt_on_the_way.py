"""Counted pieces that were put in doubt on their way to a department arrive so."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0079_reservations_numbered'),
    ]

    operations = [
        migrations.AddField(
            model_name='issueline',
            name='doubt',
            field=models.CharField(blank=True, max_length=12),
        ),
    ]
