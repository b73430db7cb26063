"""What a cabinet's door let out although a paper of it had lapsed stands with the door."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0071_count_undone'),
    ]

    operations = [
        migrations.AddField(
            model_name='doorevent',
            name='lapsed',
            field=models.JSONField(default=list, help_text='Papers of what was taken that had lapsed'),
        ),
    ]
