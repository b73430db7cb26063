"""What is used up without a patient - a reagent, an opened vial - leaves for a place of its own."""

from django.db import migrations, models


def create(apps, schema_editor):
    place = apps.get_model("places", "Place")
    made = place.objects.create(
        kind="consumed", code="CONSUMED", name_zh="耗用", name_en="Used up", temperature_class="any"
    )
    place.objects.filter(pk=made.pk).update(path=f"/{made.pk}/")


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0003_code_any_case'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='place',
            name='place_one_of_each_virtual_kind',
        ),
        migrations.RemoveConstraint(
            model_name='place',
            name='place_virtual_has_no_parent',
        ),
        migrations.AlterField(
            model_name='place',
            name='kind',
            field=models.TextField(choices=[('group', 'Group'), ('campus', 'Campus'), ('building', 'Building'), ('department', 'Department'), ('store', 'Store'), ('dock', 'Receiving dock'), ('room', 'Room'), ('cabinet', 'Cabinet'), ('bin', 'Bin'), ('supplier', 'Supplier'), ('patient', 'Patient'), ('transit', 'In transit'), ('scrap', 'Scrap'), ('lost', 'Lost'), ('consumed', 'Used up')]),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['consumed', 'lost', 'patient', 'scrap', 'supplier', 'transit'])), fields=('kind',), name='place_one_of_each_virtual_kind'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['consumed', 'lost', 'patient', 'scrap', 'supplier', 'transit']), _negated=True), ('parent__isnull', True), _connector='OR'), name='place_virtual_has_no_parent'),
        ),
        migrations.RunPython(create, migrations.RunPython.noop),
    ]
