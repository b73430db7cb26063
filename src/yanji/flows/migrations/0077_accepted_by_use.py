"""What was rejected on receipt and used all the same stands on the paper of its use, and left its return by it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0076_costs_numbered'),
    ]

    operations = [
        migrations.AddField(
            model_name='emergencyuse',
            name='accepted',
            field=models.JSONField(default=list, help_text="Units rejected on receipt that their use made the hospital's"),
        ),
        migrations.AddField(
            model_name='supplierreturnline',
            name='used_despite',
            field=models.CharField(blank=True, help_text='The paper by which it was used instead of going back', max_length=40),
        ),
    ]
