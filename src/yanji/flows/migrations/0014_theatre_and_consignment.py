"""The theatre's and the suppliers' own goods; no unit is charged more than once net, whoever writes the entries."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Each entry of a chain points at the one before it, so none can be left out; with charges at odd places and reversals at
# even ones (charge_entries_alternate), what was charged of a unit is 0 or 1 at any time.
CHAIN = """
ALTER TABLE flows_chargeentry
  ADD CONSTRAINT charge_entries_chain FOREIGN KEY (subject, previous) REFERENCES flows_chargeentry (subject, ordinal),
  ADD CONSTRAINT charge_entry_subject CHECK (subject = coalesce('unit ' || unit_id, 'line ' || line_id));
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON flows_chargeentry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
UNCHAIN = """
DROP TRIGGER append_only ON flows_chargeentry;
ALTER TABLE flows_chargeentry DROP CONSTRAINT charge_entries_chain, DROP CONSTRAINT charge_entry_subject;
"""
# Reasons that these flows ask for: group, then code|Chinese|English in the order in which they are offered.
SEEDS = """
emergency
life|危及生命|Danger to life
size_missing|所需规格无库存|The size needed was not in stock
changed|术中改变术式|The procedure changed while under way

case_difference
searched|已查找，未找到|Searched for and not found
wrong_scan|扫错了件|Wrong unit scanned
discarded|未扫码即丢弃|Thrown away without a scan

refund
wrong_item|计费品种错误|Wrong item charged
not_used|实际未使用|Not used
faulty|产品缺陷|Faulty
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
        ("catalog", "0004_carton"),
        ("flows", "0013_receipt_labels"),
        ("ledger", "0005_every_reason"),
        ("places", "0004_consumed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="flows.case"
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChargeLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1)),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, help_text="All pieces, without a mark-up", max_digits=14
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("used", "Used, not charged"),
                            ("charge_pending", "To be charged"),
                            ("charged", "Charged"),
                            ("refund_pending", "To be refunded"),
                            ("refunded", "Refunded"),
                            ("voided", "Taken back"),
                        ],
                        default="used",
                        max_length=16,
                    ),
                ),
                ("charge_code", models.CharField(blank=True, max_length=40)),
                ("charge_code_from", models.DateField(help_text="First day of the version used", null=True)),
                ("insurance_code", models.CharField(blank=True, max_length=40)),
                ("insurance_code_from", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, help_text="Of the refund", max_length=120)),
                ("used_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="flows.case"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.lot"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="ledger.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "charge line",
                "verbose_name_plural": "charge lines",
                "indexes": [models.Index(fields=["state"], name="charge_line_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "voided"), _negated=True),
                        fields=("unit",),
                        name="charge_line_one_a_use",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ("charge_pending", "charged", "refund_pending")), _negated=True
                            ),
                            models.Q(("charge_code", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="charge_line_code_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="charge_line_amount_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargeEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=30)),
                ("ordinal", models.PositiveIntegerField()),
                ("previous", models.PositiveIntegerField(null=True)),
                ("sign", models.SmallIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("charge_code", models.CharField(max_length=40)),
                ("insurance_code", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.unit",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="flows.chargeline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "ordinal"), name="charge_once_net"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "sign",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("ordinal"), "%%", models.Value(2)
                                        ),
                                        "*",
                                        models.Value(2),
                                    ),
                                    "-",
                                    models.Value(1),
                                ),
                            )
                        ),
                        name="charge_entries_alternate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ordinal", 1), ("previous__isnull", True)),
                            models.Q(
                                ("ordinal__gt", 1),
                                (
                                    "previous",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("ordinal"), "-", models.Value(1)
                                    ),
                                ),
                                ("previous__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="charge_entries_linked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsignmentAgreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("all_items", models.BooleanField(default=True)),
                (
                    "settlement_day",
                    models.PositiveSmallIntegerField(default=5, help_text="Day of the following month"),
                ),
                ("note", models.CharField(blank=True, max_length=400)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        help_text="Here and everywhere below",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consignments",
                        to="catalog.supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "consignment agreement",
                "verbose_name_plural": "consignment agreements",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="agreement_dates_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("settlement_day__gte", 1), ("settlement_day__lte", 28)),
                        name="agreement_settlement_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("price", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ("keep", models.PositiveIntegerField(default=0, help_text="Pieces that should lie here")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="flows.consignmentagreement",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "item"), name="agreement_item_once"),
                    models.CheckConstraint(
                        condition=models.Q(("price__isnull", True), ("price__gte", 0), _connector="OR"),
                        name="agreement_price_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsignmentReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                (
                    "reference",
                    models.CharField(blank=True, help_text="The supplier's delivery note", max_length=80),
                ),
                ("arrived_at", models.DateTimeField()),
                ("pieces", models.PositiveIntegerField()),
                ("rejected_events", models.JSONField(default=list)),
                (
                    "accepted_event",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.event",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="flows.consignmentagreement",
                    ),
                ),
                (
                    "dock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "received_event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                    ),
                ),
            ],
            options={
                "verbose_name": "consignment receipt",
                "verbose_name_plural": "consignment receipts",
                "indexes": [models.Index(fields=["-arrived_at"], name="consignment_receipt_latest")],
            },
        ),
        migrations.CreateModel(
            name="EmergencyUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("reason", models.CharField(max_length=120)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("awaiting", "Waits for approval"),
                            ("approved", "Approved afterwards"),
                            ("refused", "Refused afterwards"),
                        ],
                        default="awaiting",
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergencies",
                        to="flows.case",
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency",
                        to="flows.purchaseorder",
                    ),
                ),
                (
                    "receipt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="flows.receipt"
                    ),
                ),
                (
                    "use_event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency use",
                "verbose_name_plural": "emergency uses",
                "indexes": [models.Index(fields=["state"], name="emergency_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="emergency_reason_given"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Implant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("patient_token", models.CharField(max_length=80)),
                ("site", models.CharField(blank=True, help_text="Anatomical site", max_length=80)),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No side"),
                            ("left", "Left"),
                            ("right", "Right"),
                            ("both", "Both sides"),
                        ],
                        max_length=8,
                    ),
                ),
                ("surgeon", models.CharField(blank=True, max_length=80)),
                ("implanted_at", models.DateTimeField()),
                ("voided_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="implants", to="flows.case"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                    ),
                ),
                (
                    "explant_event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.event",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="implants", to="ledger.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "implant record",
                "verbose_name_plural": "implant records",
                "indexes": [models.Index(fields=["patient_token"], name="implant_patient")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("explant_event__isnull", True), ("voided_at__isnull", True)),
                        fields=("unit",),
                        name="implant_in_one_patient",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("patient_token", ""), _negated=True), name="implant_names_patient"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LoanSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=160)),
                ("due_on", models.DateField(help_text="The day on which it must be closed")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("expected", "Expected"),
                            ("arrived", "Checked in"),
                            ("sterilised", "Sterilised"),
                            ("in_theatre", "In the theatre"),
                            ("closed", "Closed"),
                        ],
                        default="expected",
                        max_length=12,
                    ),
                ),
                (
                    "cycle",
                    models.CharField(
                        blank=True, help_text="Number of the sterilisation cycle", max_length=40
                    ),
                ),
                ("sterilised_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("difference_reason", models.CharField(blank=True, max_length=120)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loan_sets",
                        to="flows.consignmentagreement",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loan_sets",
                        to="flows.case",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        help_text="The theatre that needs it",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "receipt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loan_set",
                        to="flows.consignmentreceipt",
                    ),
                ),
                (
                    "sterilised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "loan set",
                "verbose_name_plural": "loan sets",
                "indexes": [models.Index(fields=["state", "due_on"], name="loan_set_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="loan_set_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("sterilised", "in_theatre")), _negated=True),
                            models.Q(("cycle", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="loan_set_cycle_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LoanSetEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                    ),
                ),
                (
                    "loan_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="flows.loanset"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LoanSetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("listed", models.PositiveIntegerField(default=0)),
                ("arrived", models.PositiveIntegerField(default=0)),
                ("used", models.PositiveIntegerField(default=0)),
                ("wasted", models.PositiveIntegerField(default=0)),
                ("returned", models.PositiveIntegerField(default=0)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
                (
                    "loan_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="flows.loanset"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("loan_set", "item"), name="loan_set_line_item_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "arrived__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("used"), "+", models.F("wasted")
                                    ),
                                    "+",
                                    models.F("returned"),
                                ),
                            )
                        ),
                        name="loan_set_line_not_more_than_came",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PreferenceCard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("procedure", models.CharField(max_length=160)),
                ("surgeon", models.CharField(blank=True, max_length=80)),
                ("note", models.CharField(blank=True, max_length=400)),
                ("active", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
            ],
            options={
                "verbose_name": "preference card",
                "verbose_name_plural": "preference cards",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("department", "procedure", "surgeon"), name="card_one_a_procedure"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("procedure", ""), _negated=True), name="card_procedure_given"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PreferenceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("alternatives", models.ManyToManyField(blank=True, related_name="+", to="catalog.item")),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="flows.preferencecard",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("card", "item"), name="card_line_item_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="card_line_quantity_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("month", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("confirmed", "Confirmed")],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=16)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="flows.consignmentagreement",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "settlement",
                "verbose_name_plural": "settlements",
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "month"), name="settlement_one_a_month"),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="settlement_month_begins"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"), ("confirmed_by__isnull", False), _connector="OR"
                        ),
                        name="settlement_confirmed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("case_number", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField()),
                ("voided_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="flows.consignmentagreement",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
            ],
            options={
                "verbose_name": "title note",
                "verbose_name_plural": "title notes",
                "constraints": [
                    models.UniqueConstraint(fields=("event", "agreement"), name="title_note_one_an_event")
                ],
            },
        ),
        migrations.CreateModel(
            name="Payable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("price", models.DecimalField(decimal_places=2, max_digits=14)),
                ("sign", models.SmallIntegerField(default=1)),
                ("at", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.lot"
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="flows.payable",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.unit",
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="lines",
                        to="flows.settlement",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payables",
                        to="flows.titlenote",
                    ),
                ),
            ],
            options={
                "verbose_name": "payable",
                "verbose_name_plural": "payables",
                "indexes": [
                    models.Index(
                        condition=models.Q(("settlement__isnull", True)),
                        fields=["at"],
                        name="payable_unsettled",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reverses__isnull", True), ("sign", 1)),
                            models.Q(("reverses__isnull", False), ("sign", -1)),
                            _connector="OR",
                        ),
                        name="payable_credit_names_its_debt",
                    ),
                    models.UniqueConstraint(fields=("note", "unit", "sign"), name="payable_unit_once"),
                    models.CheckConstraint(
                        condition=models.Q(("price__gt", 0), ("quantity__gt", 0)), name="payable_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseDifference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=120)),
                ("things", models.JSONField(help_text="List of [thing, pieces]")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="differences",
                        to="flows.case",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-at"], name="case_difference_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="case_difference_reason_given"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseNeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("alternatives", models.ManyToManyField(blank=True, related_name="+", to="catalog.item")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="needs", to="flows.case"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "item"), name="case_need_item_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="case_need_quantity_positive"
                    ),
                ],
            },
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
        migrations.RunPython(sow, migrations.RunPython.noop),
    ]
