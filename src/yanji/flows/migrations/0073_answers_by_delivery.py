"""A supplier's answer names a day for each delivery of a line."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0072_papers_at_the_door'),
    ]

    operations = [
        migrations.AddField(
            model_name='lineanswer',
            name='days',
            field=models.JSONField(default=dict),
        ),
    ]
