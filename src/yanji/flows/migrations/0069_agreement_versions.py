"""What an agreement says becomes its first version, and every item one of that version."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def first_versions(apps, _schema):
    """What stands there now was agreed from the first day on: nobody knows what stood there before."""
    versions = apps.get_model("flows", "AgreementVersion").objects
    items = apps.get_model("flows", "AgreementItem").objects
    for agreement in apps.get_model("flows", "ConsignmentAgreement").objects.order_by("pk").iterator():
        version = versions.create(
            agreement=agreement, number=1, valid_from=agreement.valid_from, valid_to=agreement.valid_to,
            all_items=agreement.all_items, settlement_day=agreement.settlement_day, note=agreement.note,
            actor_id=agreement.actor_id, made_at=agreement.changed_at,
        )  # fmt: skip
        items.filter(agreement=agreement).update(version=version)


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0068_agreement_ended'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('all_items', models.BooleanField(default=True)),
                ('settlement_day', models.PositiveSmallIntegerField(default=5, help_text='Day of the following month')),
                ('note', models.CharField(blank=True, max_length=400)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='flows.consignmentagreement')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('agreement', 'number'), name='agreement_version_once'),
                    models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='agreement_dates_in_order'),
                    models.CheckConstraint(condition=models.Q(('settlement_day__gte', 1), ('settlement_day__lte', 28)), name='agreement_settlement_day'),
                ],
            },
        ),
        migrations.AddField(
            model_name='agreementitem',
            name='version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='flows.agreementversion'),
        ),
        migrations.RunPython(first_versions, migrations.RunPython.noop),
    ]
