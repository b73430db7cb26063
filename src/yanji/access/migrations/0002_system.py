"""The system itself is a person who cannot sign in: what it writes has an actor like everything else."""

from django.db import migrations


def create(apps, schema_editor):
    apps.get_model("access", "Person").objects.create(
        username="yanji", password="!", name_zh="系统", name_en="System", is_active=False
    )


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
