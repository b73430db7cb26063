"""Steps for every reason that stock moves; a movement without a change is refused whoever owns the thing."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_carton'),
        ('ledger', '0004_single_scan'),
        ('places', '0004_consumed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='movement',
            name='movement_changes_something',
        ),
        migrations.RemoveConstraint(
            model_name='unit',
            name='unit_status_known',
        ),
        migrations.AlterField(
            model_name='event',
            name='step',
            field=models.CharField(choices=[('announce', 'Ship notice'), ('receive', 'Receipt'), ('accept', 'Inspection passed'), ('reject', 'Inspection failed'), ('put_away', 'Put away'), ('reserve', 'Reservation'), ('unreserve', 'Reservation ended'), ('pick', 'Picking'), ('unpick', 'Put back'), ('issue', 'Issue'), ('take_in', 'Receipt at department'), ('set_out', 'Set out for a case'), ('set_back', 'Back from a case'), ('use', 'Use on a patient'), ('give_back', 'Return to store'), ('restock', 'Return inspected'), ('hold', 'Hold'), ('release', 'Release'), ('recall', 'Recall'), ('expire', 'Expiry'), ('send_back', 'Return to supplier'), ('lose', 'Missing'), ('find', 'Found'), ('scrap', 'Scrap'), ('ship', 'Transfer sent'), ('arrive', 'Transfer received'), ('lend', 'Lent to a department'), ('move', 'Moved'), ('take_title', 'Title taken'), ('hand_back', 'Handed back to its owner'), ('waste', 'Opened and not used'), ('explant', 'Explant'), ('open', 'Opened'), ('consume', 'Used up'), ('correct', 'Correction')], max_length=12),
        ),
        migrations.AlterField(
            model_name='level',
            name='status',
            field=models.CharField(choices=[('expected', 'Expected'), ('inspecting', 'In inspection'), ('available', 'Available'), ('reserved', 'Reserved'), ('picked', 'Picked'), ('in_transit', 'In transit'), ('in_use', 'Set out for a case'), ('used', 'Used'), ('returned', 'Returned'), ('quarantined', 'On hold'), ('recalled', 'Recalled'), ('expired', 'Expired'), ('scrapped', 'Scrapped'), ('lost', 'Lost'), ('explanted', 'Explanted')], max_length=12),
        ),
        migrations.AlterField(
            model_name='unit',
            name='status',
            field=models.CharField(choices=[('expected', 'Expected'), ('inspecting', 'In inspection'), ('available', 'Available'), ('reserved', 'Reserved'), ('picked', 'Picked'), ('in_transit', 'In transit'), ('in_use', 'Set out for a case'), ('used', 'Used'), ('returned', 'Returned'), ('quarantined', 'On hold'), ('recalled', 'Recalled'), ('expired', 'Expired'), ('scrapped', 'Scrapped'), ('lost', 'Lost'), ('explanted', 'Explanted')], max_length=12),
        ),
        migrations.AlterField(
            model_name='unit',
            name='step',
            field=models.CharField(choices=[('announce', 'Ship notice'), ('receive', 'Receipt'), ('accept', 'Inspection passed'), ('reject', 'Inspection failed'), ('put_away', 'Put away'), ('reserve', 'Reservation'), ('unreserve', 'Reservation ended'), ('pick', 'Picking'), ('unpick', 'Put back'), ('issue', 'Issue'), ('take_in', 'Receipt at department'), ('set_out', 'Set out for a case'), ('set_back', 'Back from a case'), ('use', 'Use on a patient'), ('give_back', 'Return to store'), ('restock', 'Return inspected'), ('hold', 'Hold'), ('release', 'Release'), ('recall', 'Recall'), ('expire', 'Expiry'), ('send_back', 'Return to supplier'), ('lose', 'Missing'), ('find', 'Found'), ('scrap', 'Scrap'), ('ship', 'Transfer sent'), ('arrive', 'Transfer received'), ('lend', 'Lent to a department'), ('move', 'Moved'), ('take_title', 'Title taken'), ('hand_back', 'Handed back to its owner'), ('waste', 'Opened and not used'), ('explant', 'Explant'), ('open', 'Opened'), ('consume', 'Used up'), ('correct', 'Correction')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='movement',
            constraint=models.CheckConstraint(condition=models.Q(('from_status__isnull', True), models.Q(('from_place', models.F('to_place')), _negated=True), models.Q(('from_status', models.F('to_status')), _negated=True), models.Q(('from_owner__isnull', True), ('to_owner__isnull', False)), models.Q(('from_owner__isnull', False), ('to_owner__isnull', True)), models.Q(('from_owner__isnull', False), ('to_owner__isnull', False), models.Q(('from_owner', models.F('to_owner')), _negated=True)), _connector='OR'), name='movement_changes_something'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['expected', 'inspecting', 'available', 'reserved', 'picked', 'in_transit', 'in_use', 'used', 'returned', 'quarantined', 'recalled', 'expired', 'scrapped', 'lost', 'explanted'])), name='unit_status_known'),
        ),
    ]
