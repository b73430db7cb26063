from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notify', '0003_told_once_from_then_on'),
    ]

    operations = [
        migrations.AddField(
            model_name='notification',
            name='back_at',
            field=models.DateTimeField(null=True),
        ),
    ]
