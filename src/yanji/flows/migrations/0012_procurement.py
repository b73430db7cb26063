"""Procurement: purchase requests, framework contracts, answers and changes; invoices; landed cost."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_authorised_by"),
        ("flows", "0011_counting"),
        ("ledger", "0005_every_reason"),
        ("places", "0004_consumed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BuyingRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("over_delivery_percent", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ("price_tolerance_percent", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                (
                    "made_decides",
                    models.BooleanField(
                        default=True, help_text="Made while the registration was valid: stays usable"
                    ),
                ),
                ("edited_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "edited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="buying_rules_one_row"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("over_delivery_percent__range", (0, 100)),
                            ("price_tolerance_percent__range", (0, 100)),
                        ),
                        name="buying_rules_percentages_sound",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contract",
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
                    models.CharField(blank=True, help_text="Number on the signed paper", max_length=80),
                ),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField()),
                (
                    "minimum_value",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True),
                ),
                (
                    "maximum_value",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True),
                ),
                ("over_delivery_percent", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ("price_tolerance_percent", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ("consignment", models.BooleanField(default=False)),
                ("two_invoice", models.BooleanField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("waiting", "Waiting for approval"),
                            ("active", "In force"),
                            ("ended", "Ended"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("ended_because", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="catalog.supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "framework contract",
                "verbose_name_plural": "framework contracts",
                "indexes": [models.Index(fields=["supplier", "state"], name="contract_supplier")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_to__gte", models.F("valid_from"))),
                        name="contract_dates_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minimum_value__isnull", True),
                            ("maximum_value__isnull", True),
                            ("maximum_value__gte", models.F("minimum_value")),
                            _connector="OR",
                        ),
                        name="contract_values_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("over_delivery_percent__range", (0, 100)),
                            ("price_tolerance_percent__range", (0, 100)),
                        ),
                        name="contract_percentages_sound",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("price", models.DecimalField(decimal_places=2, max_digits=14)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="flows.contract"
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
                "indexes": [models.Index(fields=["item", "contract"], name="contract_item_item")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0)), name="contract_price_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_to__gte", models.F("valid_from"))),
                        name="contract_item_dates_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_on", models.DateField()),
                ("quantity", models.PositiveIntegerField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="flows.orderline",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("line", "due_on", "place"), name="delivery_part_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="delivery_part_quantity_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FirstInvoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seller", models.CharField(max_length=120)),
                ("number", models.CharField(max_length=80)),
                ("issued_on", models.DateField()),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("verified_at", models.DateTimeField(null=True)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="first_invoices",
                        to="flows.receipt",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "maker's invoice",
                "verbose_name_plural": "makers' invoices",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("receipt", "seller", "number"), name="first_invoice_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("seller", ""), _negated=True), models.Q(("number", ""), _negated=True)
                        ),
                        name="first_invoice_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("differs", "Goods or prices differ"),
                            ("two_invoice", "The maker's invoice is missing"),
                            ("manual", "Held by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_because", models.CharField(blank=True, max_length=120)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "payment hold",
                "verbose_name_plural": "payment holds",
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("reference", models.CharField(max_length=80)),
                ("invoiced_on", models.DateField()),
                ("due_on", models.DateField(blank=True, null=True)),
                ("total", models.DecimalField(decimal_places=2, max_digits=16)),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("differs", "Differs"),
                            ("matched", "Matched"),
                            ("released", "Released for payment"),
                            ("voided", "Voided"),
                        ],
                        default="differs",
                        max_length=8,
                    ),
                ),
                ("voided_because", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="catalog.supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
                "indexes": [models.Index(fields=["state", "place"], name="invoice_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "voided"), _negated=True),
                        fields=("supplier", "reference"),
                        name="invoice_reference_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True), name="invoice_reference_given"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_by__isnull", True),
                            models.Q(("released_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="invoice_released_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_by__isnull", False), ("state", "released")),
                            models.Q(
                                models.Q(("state", "released"), _negated=True), ("released_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="invoice_released_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serial", models.CharField(blank=True, max_length=80)),
                ("lot", models.CharField(blank=True, max_length=80)),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("price", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("matched", "Matched"),
                            ("not_ordered", "Not ordered"),
                            ("not_received", "Not received"),
                            ("rejected", "Rejected at inspection"),
                            ("already_invoiced", "Invoiced before"),
                            ("returned", "Sent back"),
                            ("price_differs", "Price differs"),
                            ("price_accepted", "Price accepted"),
                            ("voided", "Voided"),
                        ],
                        default="not_received",
                        max_length=16,
                    ),
                ),
                ("facts", models.JSONField(default=dict, help_text="What it was compared with")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="flows.invoice"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_lines",
                        to="flows.purchaseorder",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="flows.receipt",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["order", "item"], name="invoice_line_order")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("invoice", "item", "serial", "lot", "order"), name="invoice_line_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("result__in", ["matched", "price_accepted"]),
                            models.Q(("serial", ""), _negated=True),
                        ),
                        fields=("item", "serial"),
                        name="invoice_serial_matched_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="invoice_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("serial", ""), ("quantity", 1), _connector="OR"),
                        name="invoice_serial_is_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0)), name="invoice_price_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LandedCost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("freight", "Freight"),
                            ("duty", "Duty"),
                            ("insurance", "Insurance"),
                            ("other", "Other"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "basis",
                    models.CharField(choices=[("value", "By value"), ("count", "By pieces")], max_length=5),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("voided_at", models.DateTimeField(null=True)),
                ("voided_because", models.CharField(blank=True, max_length=120)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="landed_costs",
                        to="flows.receipt",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="landed_cost_positive")
                ],
            },
        ),
        migrations.CreateModel(
            name="LandedShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "cost",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="flows.landedcost",
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
                        related_name="+",
                        to="ledger.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("unit__isnull", False)),
                        fields=("cost", "unit"),
                        name="landed_share_unit_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="landed_share_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("changed", "Changed"),
                            ("declined", "Declined"),
                        ],
                        max_length=9,
                    ),
                ),
                ("quantity", models.PositiveIntegerField(help_text="Pieces that will come")),
                ("promised_on", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=400)),
                ("by_supplier", models.BooleanField(default=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "settled",
                    models.CharField(
                        choices=[
                            ("open", "To be settled"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("replaced", "Replaced by a later answer"),
                        ],
                        default="accepted",
                        max_length=8,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="flows.orderline",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled", "open")), fields=("line",), name="line_answer_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verdict", "declined"), _negated=True), ("quantity", 0), _connector="OR"
                        ),
                        name="line_answer_declined_is_none",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lines", models.JSONField()),
                ("expected_on", models.DateField(blank=True, null=True)),
                ("reason", models.CharField(max_length=120)),
                ("amount_before", models.DecimalField(decimal_places=2, max_digits=16)),
                ("amount_after", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for approval"),
                            ("applied", "Applied"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="flows.purchaseorder",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("order",),
                        name="order_change_one_waiting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="order_change_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[("order", "Order"), ("receipt", "Receipt"), ("issue", "Issue")], max_length=8
                    ),
                ),
                (
                    "paper",
                    models.CharField(
                        choices=[
                            ("licence", "Licence of the supplier"),
                            ("registration", "Registration of the item"),
                            ("authorisation", "Maker's authorisation"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[("refuse", "Refuse it"), ("warn", "Warn"), ("ignore", "Let pass")],
                        max_length=6,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("stage", "paper"), name="paper_rule_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("paper__in", ["licence", "registration"]),
                                ("stage", "receipt"),
                                _negated=True,
                            ),
                            ("answer", "refuse"),
                            _connector="OR",
                        ),
                        name="paper_rule_receipt_refuses",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurchaseRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True)),
                ("needed_by", models.DateField(blank=True, null=True)),
                ("reason", models.CharField(max_length=400)),
                ("amount", models.DecimalField(decimal_places=2, default=0, max_digits=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for approval"),
                            ("approved", "To be ordered"),
                            ("partly_ordered", "Partly ordered"),
                            ("ordered", "Ordered"),
                            ("refused", "Refused"),
                            ("closed", "Closed"),
                        ],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("closed_because", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
            ],
            options={
                "verbose_name": "purchase request",
                "verbose_name_plural": "purchase requests",
                "indexes": [models.Index(fields=["state", "place"], name="purchase_request_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="purchase_request_has_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PurchaseRequestLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("ordered", models.PositiveIntegerField(default=0)),
                ("price", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="flows.purchaserequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("request", "item"), name="purchase_request_item_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="purchase_request_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ordered__lte", models.F("quantity"))),
                        name="purchase_request_not_over_ordered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="flows.purchaserequestline",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requested",
                        to="flows.purchaseorder",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("line", "order"), name="request_order_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="request_order_quantity_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TwoInvoiceRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("family", models.CharField(blank=True, max_length=80, unique=True)),
                ("needed", models.BooleanField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="orderline",
            name="order_line_not_over_received",
        ),
        migrations.RemoveConstraint(
            model_name="purchaseorder",
            name="order_placed_at_known",
        ),
        migrations.AddField(
            model_name="orderline",
            name="contract_price",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="orderline",
            name="given_up",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="orderline",
            name="price_reason",
            field=models.CharField(blank=True, help_text="Why not the contract's price", max_length=120),
        ),
        migrations.AddField(
            model_name="orderline",
            name="tolerance",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="purchaseorder",
            name="ended_because",
            field=models.CharField(blank=True, help_text="Why it was closed or cancelled", max_length=120),
        ),
        migrations.AlterField(
            model_name="purchaseorder",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("waiting", "Waiting for approval"),
                    ("placed", "Placed"),
                    ("partly_received", "Partly received"),
                    ("received", "Received"),
                    ("closed", "Closed"),
                    ("cancelled", "Cancelled"),
                ],
                default="draft",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "waiting", "closed", "cancelled"]),
                    ("placed_at__isnull", False),
                    _connector="OR",
                ),
                name="order_placed_at_known",
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="contract_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order_lines",
                to="flows.contractitem",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "received__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("quantity"), "+", models.F("tolerance")
                        ),
                    )
                ),
                name="order_line_not_over_received",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("given_up__lte", models.F("quantity"))),
                name="order_line_not_over_given_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("contract_price__isnull", True),
                    ("price", models.F("contract_price")),
                    models.Q(("price_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="order_line_off_contract_has_reason",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="flows.invoice"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)), fields=("invoice", "code"), name="hold_once"
            ),
        ),
        # Ranges of ids stand for the ids: PostgreSQL compares ranges in a GiST index without any extension.
        migrations.RunSQL(
            """ALTER TABLE flows_contractitem ADD CONSTRAINT contract_item_no_overlap EXCLUDE USING gist (
                int8range(contract_id, contract_id, '[]') WITH &&, int8range(item_id, item_id, '[]') WITH &&,
                daterange(valid_from, valid_to, '[]') WITH &&)""",
            "ALTER TABLE flows_contractitem DROP CONSTRAINT contract_item_no_overlap",
        ),
    ]
