from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0089_two_invoice_by_campus'),
    ]

    operations = [
        migrations.AddField(
            model_name='transferarrival',
            name='record',
            field=models.JSONField(null=True),
        ),
    ]
