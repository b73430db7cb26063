"""The database refuses what two people at once could bring about: two prices, papers or codes that hold on one day.

Ranges of ids stand for the ids: PostgreSQL compares ranges in a GiST index without any extension.
"""

from django.db import migrations

_SERIES = {
    "price_no_overlap": ("catalog_price", ("item_id", "supplier_id"), ""),
    "registration_no_overlap": ("catalog_registration", ("item_id",), ""),
    "insurance_code_no_overlap": ("catalog_billingcode", ("item_id",), "kind = 'insurance'"),
    "charge_code_no_overlap": ("catalog_billingcode", ("item_id",), "kind = 'charge'"),
    "business_licence_no_overlap": ("catalog_licence", ("supplier_id",), "kind = 'business'"),
    "trade_licence_no_overlap": ("catalog_licence", ("supplier_id",), "kind = 'device_trade'"),
}


def _add(name: str) -> str:
    table, same, condition = _SERIES[name]
    parts = [f"int8range({column}, {column}, '[]') WITH &&" for column in same]
    parts.append("daterange(valid_from, valid_to, '[]') WITH &&")
    where = f" WHERE ({condition})" if condition else ""
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({', '.join(parts)}){where}"


def _drop(name: str) -> str:
    return f"ALTER TABLE {_SERIES[name][0]} DROP CONSTRAINT {name}"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_papers_one_a_day")]
    operations = [migrations.RunSQL(_add(name), _drop(name)) for name in _SERIES]
