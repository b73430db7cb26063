"""Whether a delivery was counted without a look at what was expected."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0030_free_goods'),
    ]

    operations = [
        migrations.AddField(
            model_name='receipt',
            name='blind',
            field=models.BooleanField(default=False, help_text='Counted without a look at what was expected'),
        ),
    ]
