"""A device of the registry as api.fda.gov gives it (`device/udi`), in the words of the registry's own export. Pure.

openFDA renames the registry's elements and gathers some in groups; both say the same. Names: https://open.fda.gov/apis/device/udi/
"""

from collections.abc import Mapping
from typing import Any

IDENTIFIERS = "identifiers"
# openFDA's name -> the registry's.
_NAMES = {
    "brand_name": "brandName",
    "company_name": "companyName",
    "version_or_model_number": "versionModelNumber",
    "catalog_number": "catalogNumber",
    "commercial_distribution_status": "deviceCommDistributionStatus",
    "device_count_in_base_package": "deviceCount",
    "has_serial_number": "serialNumber",
    "has_lot_or_batch_number": "lotBatch",
    "has_expiration_date": "expirationDate",
    "has_manufacturing_date": "manufacturingDate",
    "is_single_use": "singleUse",
    "is_kit": "deviceKit",
    "is_hct_p": "deviceHCTP",
    "is_rx": "rx",
    "is_otc": "otc",
    "storage": "storage",
}
_IDENTIFIER = {
    "id": "di",
    "type": "type",
    "issuing_agency": "agency",
    "unit_of_use_id": "containsDINumber",
    "quantity_per_package": "pkgQuantity",
}


def registered(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record in the registry's words; one that speaks them already is given back as it is. Never raises."""
    if "ids" in record or not isinstance(record.get(IDENTIFIERS), list):
        return record
    rows = [row for row in record[IDENTIFIERS] if isinstance(row, Mapping)]
    found = {name: record[theirs] for theirs, name in _NAMES.items() if theirs in record}
    grouped = {
        "gmdnPTName": _first(record, "gmdn_terms").get("name"),
        "productCode": _first(record, "product_codes").get("code"),
        "deviceClass": _part(_first(record, "product_codes"), "openfda").get("device_class"),
        "deviceSterile": _part(record, "sterilization").get("is_sterile"),
    }
    return {
        "ids": [{name: row[theirs] for theirs, name in _IDENTIFIER.items() if theirs in row} for row in rows],
        **found,
        **{name: value for name, value in grouped.items() if value is not None},
    }


def _first(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    rows = record.get(name)
    return rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) else {}


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = record.get(name)
    return part if isinstance(part, Mapping) else {}
