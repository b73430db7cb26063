from django.db import migrations, models


class Migration(migrations.Migration):
    """The cases of a patient are asked for with every search, and with every letter of a suggestion."""

    dependencies = [("flows", "0094_reader_doors_and_tls")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["patient_token"], name="case_patient"),
        ),
    ]
