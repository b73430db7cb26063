"""Keep with a receipt which labels said otherwise than their ship notice."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0012_procurement'),
    ]

    operations = [
        migrations.AddField(
            model_name='receiptline',
            name='labels',
            field=models.JSONField(default=list, help_text='Units whose label says otherwise than was announced'),
        ),
    ]
