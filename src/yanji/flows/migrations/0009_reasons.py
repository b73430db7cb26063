"""Reasons become data; what every installation begins with, in the order in which it is offered."""

from django.db import migrations, models

SEEDS = """
reject
damaged|包装破损|Packaging damaged
sterile_barrier|无菌屏障破损|Sterile barrier broken
expired|到货时已过期|Expired on arrival
short_dated|近效期|Too short-dated
wrong_item|品种不符|Wrong item
over_delivery|超出订购数量|More than ordered
temperature|运输温度超限|Temperature out of range on the way
label|标签缺失或无法识读|Label missing or unreadable
registration|注册证无效|Registration not valid

override
size_needed|必须使用这一件|This very unit is needed
not_reachable|应先取的一件无法取到|The first in turn cannot be reached
damaged|应先取的一件已损坏|The first in turn is damaged
same_lot|同一患者须用同一批号|One patient, one lot

hold
opened|包装已拆|Packaging opened
damaged|包装破损|Packaging damaged
storage|库外储存条件无法证实|Storage outside the store not proven
suspected|疑似缺陷|Suspected fault

release
inspected|复检合格|Inspected again and found good
paper_found|证明材料已补齐|The missing paper was brought
supplier_confirmed|厂家确认可用|The maker confirmed that it may be used
false_alarm|误报|False alarm
temperature_kept|温度记录符合要求|The record shows that the temperature was kept

return
not_needed|不需要|Not needed
case_cancelled|手术取消|Case cancelled
wrong_size|规格不符|Wrong size
short_dated|近效期|Short-dated

scrap
expired|已过期|Expired
damaged|损坏|Damaged
opened|已拆封未使用|Opened and not used
contaminated|污染|Contaminated
recalled|已召回|Recalled

waste
not_implanted|拆封后未植入|Opened, then not implanted
wrong_size|拆封后规格不合适|The size did not fit once opened
dropped|跌落或污染|Dropped or contaminated
device_fault|产品故障|The device failed
plan_changed|手术方案变更|The plan of the case changed
case_cancelled|拆封后手术取消|The case was cancelled after opening
remainder|开启后的余量|Rest of an opened pack

explant
infection|感染|Infection
worn|磨损或松动|Worn or loose
device_fault|产品故障|The device failed
end_of_life|到寿命更换|Replaced at the end of its life
planned|按计划取出|Removed as planned
recalled|召回|Recalled
patient_wish|患者要求|The patient's wish

correct
wrong_scan|扫错了件|Wrong unit scanned
wrong_place|库位错误|Wrong place
wrong_case|病例或患者错误|Wrong case or patient
wrong_quantity|数量错误|Wrong quantity

count_variance
not_recorded|已使用未登记|Used without a record
misplaced|放错库位|Lay in the wrong place
miscounted|此前清点有误|Counted wrongly before
label_swapped|标签贴错|Labels were swapped
receipt_wrong|收货登记有误|Received wrongly
missing|去向不明|Nobody knows where it is

transfer_difference
not_loaded|未装车|Never loaded
lost_on_way|途中遗失|Lost on the way
damaged_on_way|途中损坏|Damaged on the way
wrong_item|错发|Something else was sent
surplus|多发|More came than was sent
temperature|运输温度超限|Temperature out of range on the way

supplier_return
quality|质量问题|Poor quality
damaged|损坏|Damaged
recalled|召回|Recalled
expired|已过期|Expired
short_dated|近效期换货|Exchanged because short-dated
wrong_item|错发|Wrong item delivered
over_delivery|多发|More than ordered
consignment_end|寄售结束|Consignment ended
not_needed|不再需要|Not needed any more

loan_missing
missing_on_arrival|到货即缺|Missing on arrival
used_unrecorded|已使用未登记|Used without a record
lost_in_theatre|手术中遗失|Lost in the theatre
lost_in_cleaning|清洗消毒中遗失|Lost while it was cleaned
damaged|损坏|Damaged

decline
out_of_stock|缺货|Out of stock
delivery_date|无法按期交货|Cannot deliver by that day
discontinued|已停产|No longer made
price|价格不符|The price is not agreed
minimum|不足起订量|Below the smallest quantity
licence|证照问题|A licence is missing

price_difference
price_changed|协议价已调整|The agreed price changed
discount|折扣或返利未体现|A discount is missing
tax|税率或税额不同|Another rate of tax
unit|计价单位不同|Priced by another unit
freight|含运费|Freight was added
typing|录入错误|A slip in typing
"""
OTHER = "other|其他|Other"


def sow(apps, schema_editor):
    reason = apps.get_model("flows", "ReasonCode")
    for paragraph in SEEDS.strip().split("\n\n"):
        group, *lines = paragraph.split("\n")
        rows = [line.split("|") for line in (*lines, OTHER)]
        reason.objects.bulk_create(
            reason(group=group, code=code, name_zh=zh, name_en=en, position=10 * number)
            for number, (code, zh, en) in enumerate(rows, 1)
        )



class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0008_papers'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReasonCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=24)),
                ('code', models.CharField(max_length=40)),
                ('name_zh', models.CharField(max_length=80)),
                ('name_en', models.CharField(max_length=80)),
                ('position', models.PositiveIntegerField()),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'reason',
                'verbose_name_plural': 'reasons',
                'ordering': ['group', 'position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('group', 'code'), name='reason_code_once'), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='reason_code_sound'), models.CheckConstraint(condition=models.Q(models.Q(('name_zh', ''), _negated=True), models.Q(('name_en', ''), _negated=True)), name='reason_named')],
            },
        ),
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]
