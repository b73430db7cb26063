"""A licence that a renewal ended keeps the day that stands on the paper."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_authorised_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='licence',
            name='printed_to',
            field=models.DateField(blank=True, help_text='The last day on the paper, where a renewal ended it before', null=True),
        ),
    ]
