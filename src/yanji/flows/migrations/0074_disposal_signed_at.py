"""When the signatures under a scrap paper were entered, beside when it was done."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0073_answers_by_delivery'),
    ]

    operations = [
        migrations.AddField(
            model_name='disposal',
            name='signed_at',
            field=models.DateTimeField(help_text='When the signatures were entered, whenever it was done', null=True),
        ),
    ]
