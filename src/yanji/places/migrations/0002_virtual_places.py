"""The places beyond the door exist in every installation."""

from django.db import migrations

VIRTUAL = {
    "supplier": ("供应商", "Supplier"),
    "patient": ("患者", "Patient"),
    "transit": ("在途", "In transit"),
    "scrap": ("报废", "Scrap"),
    "lost": ("遗失", "Lost"),
}


def create(apps, schema_editor):
    place = apps.get_model("places", "Place")
    for kind, (name_zh, name_en) in VIRTUAL.items():
        made = place.objects.create(
            kind=kind, code=kind.upper(), name_zh=name_zh, name_en=name_en, temperature_class="any"
        )
        place.objects.filter(pk=made.pk).update(path=f"/{made.pk}/")


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
