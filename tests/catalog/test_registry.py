"""A registry of real devices: everything sound comes in, everything else is kept with its reason."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from yanji.access.actor import Actor
from yanji.catalog.imports.gudid import device
from yanji.catalog.imports.registry import import_gudid
from yanji.catalog.models import Item, ItemCode, Maker, Quarantined
from yanji.sheets.problems import BadFile

SHARED = Path(__file__).parents[3] / "shared" / "vectors" / "gs1" / "openfda-udi" / "gudid_sample.jsonl.gz"
BUYER = Actor(1, "buyer", {"edit_catalog": ("/1/",)})


def gs1(di: str, kind: str = "Primary", **more: str) -> dict:
    return {"di": di, "type": kind, "agency": "GS1", **more}


def record(*ids: dict, **more) -> dict:
    usual = {
        "brandName": "Star", "companyName": "Maker Inc.", "versionModelNumber": "M-1", "gmdnPTName": "Tibial insert",
        "lotBatch": "true", "serialNumber": "false", "deviceCount": "1",
    }  # fmt: skip
    return {"ids": list(ids), **usual, **more}


def file(tmp_path: Path, *lines: object, name: str = "devices.jsonl") -> Path:
    path = tmp_path / name
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def test_a_device_with_packages_in_packages():
    read = device(
        record(
            gs1("20841470100647", "Package", containsDINumber="10841470100640", pkgQuantity="100"),
            gs1("10841470100640", "Package", containsDINumber="00841470100643", pkgQuantity="10"),
            gs1("00841470100643"),
        )
    )
    assert [(code.code, code.level, code.quantity) for code in read.codes] == [
        ("00841470100643", "unit", 1),
        ("10841470100640", "inner", 10),
        ("20841470100647", "case", 1000),
    ]
    assert read.problems == ()


def test_the_base_package_may_hold_several():
    read = device(record(gs1("00841470100643"), gs1("10841470100640", "Unit of Use"), deviceCount="12"))
    assert {(code.code, code.level, code.quantity) for code in read.codes} == {
        ("00841470100643", "inner", 12),
        ("10841470100640", "unit", 1),
    }


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (gs1("10815500020249", "Unit of Use"), "code_check_digit"),
        ({"di": "00841523106431", "type": "Secondary", "agency": "HIBCC"}, "code_unreadable"),
        ({"di": "X", "type": "Secondary", "agency": "NDC"}, "issuer_unknown"),
        (gs1("10841470100640", "Package", containsDINumber="", pkgQuantity="10"), "package_loose"),
        (
            gs1("10841470100640", "Package", containsDINumber="00841470100643", pkgQuantity="0"),
            "package_quantity",
        ),
        (
            gs1("10841470100640", "Package", containsDINumber="10841470100640", pkgQuantity="2"),
            "package_loose",
        ),
    ],
)
def test_a_bad_code_does_not_cost_the_device_its_good_one(more, code):
    read = device(record(gs1("00841470100643"), more))
    assert [each.code for each in read.codes] == ["00841470100643"]
    assert [problem.code for problem in read.problems] == [code]


def test_a_check_character_that_was_reported_along_is_taken_off():
    def hibc(di: str, model: str = "") -> list[str]:
        read = device(record({"di": di, "type": "Primary", "agency": "HIBCC"}, versionModelNumber=model))
        return [code.code for code in read.codes]

    assert hibc("H373VBJR051502A3D") == ["H373VBJR051502A3"]
    assert hibc("H373VBC11020235", "VBC110202") == ["H373VBC1102023"]
    # The same digits with another model may be a plain code that happens to check.
    assert hibc("H373VBC11020235", "VBC1102023") == ["H373VBC11020235"]


@pytest.mark.parametrize(
    ("low", "high", "expected", "told"),
    [
        (("2", "Degrees Celsius"), ("8", "Degrees Celsius"), "refrigerated", False),
        (("0", "Degrees Celsius"), ("40", "Degrees Celsius"), "room", False),
        (("36", "Degrees Fahrenheit"), ("46", "Degrees Fahrenheit"), "refrigerated", True),
        (("15", "Degrees Celsius"), ("25", "Degrees Celsius"), "room", True),
        (None, ("-10", "Degrees Celsius"), "deep", False),
        (("x", "Degrees Celsius"), None, "any", False),
    ],
)
def test_storage_becomes_a_class_or_a_question(low, high, expected, told):
    limits = {
        name: {"value": given_[0], "unit": given_[1]}
        for name, given_ in (("low", low), ("high", high))
        if given_
    }
    read = device(
        record(gs1("00841470100643"), storage=[{"type": "Storage Environment Temperature", **limits}])
    )
    assert read.columns["temperature_class"] == expected
    assert bool(read.problems) is told


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["ids", "brandName", "gmdnPTName", "storage", "deviceCount", "companyName"]), _JSON
    )
)
def test_no_record_raises(found):
    read = device(found)
    assert all(problem.sentence() != problem.code for problem in read.problems)


@pytest.mark.django_db
def test_lines_of_every_kind(tmp_path):
    path = file(
        tmp_path,
        record(gs1("00841470100643")),
        "{not json",
        "[1, 2]",
        record(gs1("10815500020249")),
        record(gs1("00841470100643"), brandName="Other"),
        record(gs1("00844588018893"), brandName="NUL \0 <b>"),
        "",
    )
    counts = import_gudid(path, actor=BUYER)
    assert counts.read == 6
    assert counts.quarantined == Counter(
        {"not_json": 1, "not_a_device": 1, "code_check_digit": 1, "no_good_code": 1, "device_twice": 1}
    )
    assert {row.row for row in Quarantined.objects.all()} == {2, 3, 4, 5}
    assert Item.objects.count() == 2


@pytest.mark.django_db
def test_a_code_of_two_devices_stays_with_the_first(tmp_path):
    path = file(
        tmp_path,
        record(gs1("00841470100643"), gs1("10841470100640", "Secondary")),
        record(gs1("00844588018893"), gs1("10841470100640", "Secondary")),
    )
    counts = import_gudid(path, actor=BUYER)
    assert counts.quarantined == Counter({"code_taken": 1})
    assert ItemCode.objects.get(code="10841470100640").item.code == "00841470100643"
    assert Item.objects.count() == 2


@pytest.mark.django_db
def test_running_it_again_changes_nothing(tmp_path):
    path = file(
        tmp_path, record(gs1("00841470100643")), record(gs1("10815500020249")), name="devices.jsonl.gz"
    )
    first = import_gudid(path, actor=BUYER)
    before = [list(model.objects.order_by("pk").values()) for model in (Maker, Item, ItemCode, Quarantined)]
    assert import_gudid(path, actor=BUYER) == first
    assert [
        list(model.objects.order_by("pk").values()) for model in (Maker, Item, ItemCode, Quarantined)
    ] == before


@pytest.mark.django_db
def test_files_that_are_none(tmp_path):
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b nonsense")
    for path in (broken, tmp_path / "absent.jsonl", file(tmp_path, "")):
        with pytest.raises(BadFile):
            import_gudid(path, actor=BUYER)
    with pytest.raises(PermissionDenied):
        import_gudid(broken, actor=Actor(2, "nurse", {}))
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("import_gudid", str(broken))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_gudid", str(tmp_path / "absent.jsonl"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_gudid", str(tmp_path))
    with pytest.raises(CommandError, match="no line of it describes a device"):
        call_command("import_gudid", str(file(tmp_path, "nonsense")))
    assert not Item.objects.exists()


@pytest.mark.skipif(not SHARED.exists(), reason="the registry sample lies beside the repository, not in it")
@pytest.mark.django_db
def test_the_real_sample(capsys):
    call_command("import_gudid", str(SHARED))
    assert "7,008 devices read, 7,007 in the catalogue with 8,145 codes" in capsys.readouterr().out
    assert Item.objects.count() == 7007
    assert ItemCode.objects.count() == 8145
    assert Counter(reason["code"] for row in Quarantined.objects.all() for reason in row.reasons) == Counter(
        {"code_taken": 4, "code_check_digit": 1, "code_unreadable": 1, "no_good_code": 1}
    )
    # Everything that the registry says has a serial expects one on the label; the others get a hospital label.
    assert Item.objects.filter(maker_serial=True).count() == 549
    assert Item.objects.filter(maker=None).count() == 0
