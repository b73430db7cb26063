from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0082_loan_set_cycles'),
    ]

    operations = [
        migrations.AddField(
            model_name='cabinetcase',
            name='events',
            field=models.JSONField(default=list, help_text='The entries by which it was entered for somebody'),
        ),
    ]
