"""Records as api.fda.gov publishes them are read like the registry's own: one device, whichever way it is spelt."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.test_registry import BUYER, file, gs1, record
from yanji.catalog.imports.gudid import device
from yanji.catalog.imports.registry import import_gudid
from yanji.catalog.models import ItemCode, Quarantined
from yanji.web.masterdata.quarantine import facts


def published(*identifiers: dict, **more) -> dict:
    """A record with the names and the shape of api.fda.gov."""
    usual = {
        "brand_name": "Star", "company_name": "Maker Inc.", "version_or_model_number": "M-1", "catalog_number": "C-1",
        "gmdn_terms": [{"name": "Tibial insert", "code": "1", "implantable": True}],
        "product_codes": [{"code": "OQG", "openfda": {"device_class": "2"}}], "is_rx": True, "is_single_use": True,
        "sterilization": {"is_sterile": True, "is_sterilization_prior_use": False},
        "has_lot_or_batch_number": True, "has_serial_number": False, "has_expiration_date": True,
        "device_count_in_base_package": 1, "commercial_distribution_status": "In Commercial Distribution",
        "storage": [{"type": "Storage Environment Temperature", "low": {"value": "2", "unit": "Degrees Celsius"},
                     "high": {"value": "8", "unit": "Degrees Celsius"}}],
    }  # fmt: skip
    return {"identifiers": list(identifiers), **usual, **more}


def openfda(code: str, kind: str = "Primary", **more: str) -> dict:
    return {"id": code, "type": kind, "issuing_agency": "GS1", **more}


def test_both_spellings_of_a_record_say_the_same():
    theirs = published(
        openfda("00841470100643"),
        openfda("10841470100640", "Package", unit_of_use_id="00841470100643", quantity_per_package="10"),
    )
    ours = record(
        gs1("00841470100643"),
        gs1("10841470100640", "Package", containsDINumber="00841470100643", pkgQuantity="10"),
        deviceClass="2", deviceSterile="true", storage=theirs["storage"],
    )  # fmt: skip
    assert device(theirs) == device(ours)
    read = device(theirs)
    assert [(code.code, code.quantity) for code in read.codes] == [
        ("00841470100643", 1),
        ("10841470100640", 10),
    ]
    assert (read.maker, read.problems) == ("Maker Inc.", ())
    told = {
        name: read.columns[name]
        for name in ("name_en", "model", "sterile", "risk_class", "temperature_class")
    }
    assert told == {
        "name_en": "Star, Tibial insert", "model": "M-1", "sterile": True, "risk_class": "II",
        "temperature_class": "refrigerated",
    }  # fmt: skip
    serials = device(published(openfda("00841470100643"), has_serial_number=True, version_or_model_number=""))
    assert (serials.columns["maker_serial"], serials.columns["model"]) == (True, "C-1")
    gone = published(
        openfda("00841470100643"), commercial_distribution_status="Not in Commercial Distribution"
    )
    assert device(gone).columns["active"] is False


@pytest.mark.django_db
def test_a_file_of_openfda_comes_in_once_and_its_bad_lines_are_kept(tmp_path):
    lines = file(
        tmp_path,
        published(openfda("00841470100643"), openfda("10815500020249", "Secondary")),
        published(openfda("123")),
        {"identifiers": "none", "brand_name": "No device"},
    )
    for _again in range(2):
        counts = import_gudid(lines, actor=BUYER)
        assert (counts.read, counts.imported, counts.codes) == (3, 1, 1)
    assert [str(code.code) for code in ItemCode.objects.all()] == ["00841470100643"]
    reasons = {row.row: {reason["code"] for reason in row.reasons} for row in Quarantined.objects.all()}
    assert reasons[1] == {"code_check_digit"}
    assert "no_good_code" in reasons[2]
    assert reasons[3] == {"not_a_device"}
    kept = Quarantined.objects.get(row=1)
    with override("en"):
        said = facts(kept.content, "")
    assert said[0] == ("Brand", "Star")
    assert ("Device identifiers", "GS1 00841470100643, GS1 10815500020249") in said


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "type", "issuing_agency", "unit_of_use_id"]), _JSON) | _JSON
    ),
    st.dictionaries(
        st.sampled_from(["brand_name", "gmdn_terms", "product_codes", "sterilization", "storage"]), _JSON
    ),
)
def test_no_record_raises(identifiers, more):
    read = device({"identifiers": identifiers, **more})
    assert all(problem.sentence() != problem.code for problem in read.problems)
