"""Inspection plans and what was found at the dock; the points that every hospital begins with."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

POINTS = """
packaging|外包装完好|Packaging intact
label|标签清晰、内容一致|Label readable and right
sterile_barrier|无菌屏障完整|Sterile barrier intact
temperature|温度记录符合要求|Temperature record in range
papers|随货资料齐全|Papers complete
other|其他|Other
"""
# Offered before "other", which stands at 100.
REJECTIONS = """
inspection|检验不合格|Found faulty on inspection
sample|抽样判定整批不接收|The lot was not accepted by its sample
"""


def sow(apps, schema_editor):
    reason = apps.get_model("flows", "ReasonCode")
    for group, rows, first, step in (("check_point", POINTS, 10, 10), ("reject", REJECTIONS, 91, 1)):
        lines = [line.split("|") for line in rows.strip().splitlines()]
        # A code that the hospital has made for itself keeps the hospital's words.
        reason.objects.bulk_create(
            [
                reason(group=group, code=code, name_zh=zh, name_en=en, position=first + step * number)
                for number, (code, zh, en) in enumerate(lines)
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_authorised_by'),
        ('flows', '0026_why_asked'),
        ('places', '0005_quarantine_and_capacity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='receipt',
            name='held_events',
            field=models.JSONField(default=list, help_text='What was put in doubt'),
        ),
        migrations.AddField(
            model_name='receiptline',
            name='doubts',
            field=models.JSONField(default=dict, help_text='Reason of doubt -> pieces, of those accepted'),
        ),
        migrations.CreateModel(
            name='InspectionPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('family', models.CharField(blank=True, max_length=80)),
                ('risk_class', models.CharField(blank=True, choices=[('I', 'Class I'), ('II', 'Class II'), ('III', 'Class III')], max_length=3)),
                ('method', models.CharField(choices=[('full', 'Every piece'), ('sampling', 'A sample')], max_length=8)),
                ('aql', models.DecimalField(decimal_places=3, help_text='Percent nonconforming, ISO 2859-1', max_digits=6, null=True)),
                ('severity', models.CharField(choices=[('normal', 'Normal'), ('tightened', 'Tightened')], default='normal', max_length=9)),
                ('points', models.JSONField(default=list)),
                ('active', models.BooleanField(default=True)),
                ('edited_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('edited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.item')),
                ('maker', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.maker')),
                ('supplier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.supplier')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('active', True)), fields=('item', 'family', 'risk_class', 'supplier', 'maker'), name='inspection_plan_for_these_once', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(models.Q(('aql', None), ('method', 'full')), models.Q(('aql__isnull', False), ('method', 'sampling')), _connector='OR'), name='inspection_plan_sample_limited'),
                ],
                'verbose_name': 'inspection plan',
                'verbose_name_plural': 'inspection plans',
            },
        ),
        migrations.CreateModel(
            name='LotInspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lot', models.CharField(blank=True, max_length=80)),
                ('expiry', models.DateField(null=True)),
                ('severity', models.CharField(choices=[('normal', 'Normal'), ('tightened', 'Tightened')], max_length=9)),
                ('size', models.PositiveIntegerField()),
                ('sample', models.PositiveIntegerField()),
                ('accept', models.PositiveIntegerField(null=True)),
                ('faulty', models.PositiveIntegerField()),
                ('faults', models.JSONField(default=dict, help_text='Point -> pieces that failed it')),
                ('accepted', models.BooleanField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.item')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='flows.inspectionplan')),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inspections', to='flows.receipt')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['plan', '-id'], name='inspection_latest'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('receipt', 'item', 'lot', 'expiry'), name='inspection_lot_once', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(('sample__lte', models.F('size')), ('faulty__lte', models.F('sample'))), name='inspection_sound'),
                    models.CheckConstraint(condition=models.Q(models.Q(('accept', None), ('accepted', True)), models.Q(('accepted', True), ('faulty__lte', models.F('accept'))), models.Q(('accepted', False), ('faulty__gt', models.F('accept'))), _connector='OR'), name='inspection_judged_by_number'),
                ],
                'verbose_name': 'inspection',
                'verbose_name_plural': 'inspections',
            },
        ),
        migrations.CreateModel(
            name='UnitLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('epc', models.CharField(max_length=160)),
                ('faults', models.JSONField(default=list)),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looks', to='flows.lotinspection')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('inspection', 'epc'), name='look_unit_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('epc', models.CharField(blank=True, max_length=160)),
                ('lot', models.CharField(blank=True, max_length=80)),
                ('expiry', models.DateField(null=True)),
                ('pieces', models.PositiveIntegerField(default=1)),
                ('verdict', models.CharField(choices=[('rejected', 'Rejected'), ('doubtful', 'Doubtful')], max_length=8)),
                ('reason', models.CharField(max_length=40)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.item')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place')),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='flows.receipt')),
            ],
            options={
                'verbose_name': 'finding at the dock',
                'verbose_name_plural': 'findings at the dock',
                'constraints': [models.UniqueConstraint(condition=models.Q(('epc', ''), _negated=True), fields=('receipt', 'epc'), name='finding_unit_once'), models.CheckConstraint(condition=models.Q(('pieces__gt', 0)), name='finding_pieces_positive'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='finding_reason_given')],
            },
        ),
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]
