from django.db import migrations, models


class Migration(migrations.Migration):
    """Say of the path of a sent act what it holds; no statement of the database follows from it."""

    dependencies = [('flows', '0086_sterilisation_voided')]

    operations = [
        migrations.AlterField(
            model_name='sentact',
            name='path',
            field=models.CharField(
                help_text='Where an act that was given to the store belongs, / until then: a store of that campus settles it',
                max_length=200,
            ),
        ),
    ]
