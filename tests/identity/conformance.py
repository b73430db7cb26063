"""Third-party samples, source by source: what passes, what does not, and why not.

The samples are not part of this repository; `../shared/vectors/gs1` names where each came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from yanji.identity import (
    CannotEncodeError,
    Identity,
    Reading,
    read,
    read_tag,
    to_digital_link,
    to_hex,
    to_pure_identity,
    to_tag_uri,
)
from yanji.identity.gs1 import cut, cut_hri
from yanji.identity.gs1_ai import APPLICATIONS
from yanji.identity.lint import LINTERS

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "gs1"
GS = "\x1d"


@dataclass(frozen=True)
class Case:
    """One sample: its name (stable between runs) and whether we do what it expects."""

    name: str
    passed: bool


def rows(file: str) -> list[dict[str, Any]]:
    with open(VECTORS / file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def ok(reading: Reading) -> bool:
    return isinstance(reading, Identity)


def fields(reading: Reading) -> Identity | None:
    return reading if isinstance(reading, Identity) else reading.partial


def _caret(caret: str) -> list[tuple[str, str]]:
    return cut(caret.lstrip("^").replace("^", GS))[0]


def _same_elements(reading: Reading, caret: str) -> bool:
    return isinstance(reading, Identity) and list(reading.elements) == _caret(caret)


def syntax_engine() -> Iterator[Case]:
    for file in ("ai_association_rules", "ai_linters", "bracketed_ai"):
        for row in rows(f"gs1-syntax-engine/{file}.jsonl"):
            reading = read(row["bracketed"])
            good = ok(reading) == row["valid"]
            if row["valid"] and row.get("expect_caret") and "\\" not in row["bracketed"]:
                good = good and _same_elements(reading, row["expect_caret"])
            yield Case(f"{file} {row['bracketed']}", good)
    for row in rows("gs1-syntax-engine/process_ai_caret.jsonl"):
        caret = row["caret"]
        reading = read("]C1" + caret[1:].replace("^", GS) if caret.startswith("^") else caret)
        good = ok(reading) == row["valid"] and (not row["valid"] or _same_elements(reading, caret))
        yield Case(f"process_ai {caret}", good)
    for row in rows("gs1-syntax-engine/dl_parse.jsonl"):
        reading = read(row["uri"])
        good = ok(reading) == row["valid"] and (
            not row["valid"] or _same_elements(reading, row["expect_caret"])
        )
        yield Case(f"dl_parse {row['uri']} {row['valid']}", good)
    for row in rows("gs1-syntax-engine/dl_generate.jsonl"):
        elements, stopped = cut_hri(row["bracketed"])
        link = None if stopped else to_digital_link(elements, row["stem"])
        yield Case(f"dl_generate {row['bracketed']}", link == (row["expect_uri"] or None))


def scan_data() -> Iterator[Case]:
    for row in rows("gs1-syntax-engine/scandata_process.jsonl"):
        reading = read(row["scan"])
        good = ok(reading) == row["valid"]
        if row["valid"] and row["expect"].startswith("^"):
            good = good and _same_elements(reading, row["expect"])
        yield Case(f"process {row['scan']!r}", good)
    for row in rows("gs1-syntax-engine/scandata_generate.jsonl"):
        if not row["valid"]:
            continue  # nothing was generated, so there is no scan to read
        reading = read(row["expect"])
        good = ok(reading)
        if row["data"].startswith("^01"):
            expected = _caret(row["data"].replace("|", ""))
            good = good and isinstance(reading, Identity) and list(reading.elements) == expected
        yield Case(f"generate {row['expect']!r}", good)


def dictionary() -> Iterator[Case]:
    for at, row in enumerate(rows("gs1-syntax-dictionary/linter_vectors.jsonl")):
        sound = LINTERS[row["linter"]](row["input"]) is None
        yield Case(
            f"{row['linter']} {row['input']!r} {row['valid']} #{at}",
            sound == row["valid"],
        )
    text = (VECTORS / "gs1-syntax-dictionary/gs1-syntax-dictionary.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line[:1].isdigit():
            first = re.match("[0-9]+", line)
            assert first is not None
            application = APPLICATIONS.get(first[0])
            predefined = "*" in line.split()[1]
            yield Case(
                f"AI {first[0]}",
                application is not None and application.predefined == predefined,
            )


def zint() -> Iterator[Case]:
    for at, row in enumerate(rows("zint-gs1/gs1_verify.jsonl")):
        data = row["data"]
        if row["mode"] == "GS1RAW_MODE":
            data = "]d2" + data
        elif data.startswith("^"):
            data = "]d2" + data[1:].replace("^", GS)
        yield Case(f"{row['data']!r} #{at}", ok(read(data)) == row["valid"])


_HIBC_FIELDS: dict[str, Callable[[Identity], object]] = {
    "LabelerIdentificationCode": lambda i: (i.di or "")[:4],
    "ProductCode": lambda i: (i.di or "")[4:-1],
    "UnitOfMeasure": lambda i: (i.di or "")[-1:],
    "BatchNumber": lambda i: i.lot,
    "SerialNumber": lambda i: i.serial,
    "Quantity": lambda i: str(i.quantity),
}


def _hibc_dates(row: dict[str, Any], found: Identity) -> bool:
    pairs = (("ExpirationDate", found.expiry), ("ProductionDate", found.made))
    wanted = row.get("fields") or {}
    return all(name not in wanted or str(ours) == wanted[name]["date"] for name, ours in pairs)


def _hibc_present(row: dict[str, Any], found: Identity) -> bool:
    expect = row.get("expect") or {}
    return all(
        (getattr(found, ours) is not None) == (theirs in expect)
        for theirs, ours in (
            ("lot", "lot"),
            ("serial", "serial"),
            ("quantity", "quantity"),
            ("product", "di"),
        )
    )


def hibc() -> Iterator[Case]:
    """Field splitting; a wrong check character is reported and the fields are still given."""
    for at, row in enumerate(rows("hibc/hibc_vectors.jsonl")):
        reading = read(row["barcode"])
        found = fields(reading)
        if not row["valid"]:
            good = not ok(reading)
        elif found is None:
            good = False
        else:
            wanted = row.get("fields") or {}
            good = all(_HIBC_FIELDS[name](found) == wanted[name] for name in wanted if name in _HIBC_FIELDS)
            good = good and _hibc_dates(row, found) and ("expect" not in row or _hibc_present(row, found))
            good = good and (ok(reading) or not row["mod43_ok"])
        yield Case(f"{row['barcode']} #{at}", good)


# The source says only which samples are sound. What they say is read off the figures that it quotes (ST-017 2.1, 3.1,
# 4.3.1): product, division, donation as printed without its flags' check, and expiry as century, year and day of the year.
_ISBT_SAYS: dict[str, dict[str, object]] = {
    "=/A9997AB3456T0123": {"di": "A9997AB3456T0123", "serial": None, "donation": None, "expiry": None},
    "=A99991712345600": {"di": None, "serial": None, "donation": "A99991712345600", "expiry": None},
    "=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031": {
        "di": "A9997XYZ100T0479", "serial": "000012", "donation": "A99991712345600", "expiry": date(2019, 1, 31),
    },
}  # fmt: skip


def _isbt_says(reading: Reading) -> dict[str, object] | None:
    if not isinstance(reading, Identity):
        return None
    donation = dict(reading.elements).get("=")
    return {"di": reading.di, "serial": reading.serial, "donation": donation, "expiry": reading.expiry}


def isbt128() -> Iterator[Case]:
    for at, row in enumerate(rows("isbt128/isbt128.jsonl")):
        wanted = _ISBT_SAYS[row["barcode"]] if row["valid"] else None
        yield Case(f"{row['barcode']} #{at}", _isbt_says(read(row["barcode"])) == wanted)


_MA_FIELDS = {
    "serial": lambda i: i.serial,
    "lot": lambda i: i.lot,
    "production_date": lambda i: f"{i.made:%y%m%d}",
    "expiry_date(失效日期)": lambda i: f"{i.expiry:%y%m%d}",
}


def china() -> Iterator[Case]:
    for row in rows("china-udi/ma_and_gs1_cn.jsonl"):
        reading = read(row["code"])
        found = fields(reading)
        if "di" not in row:
            complete = not row["code"].endswith("(21)")  # printed with an empty serial number
            yield Case(row["code"], ok(reading) == complete)
            continue
        good = found is not None and found.di == row["di"] and ok(reading) == row["di_check_ok"]
        pi = row["pi"]
        good = good and all(_MA_FIELDS[name](found) == pi[name] for name in pi if name in _MA_FIELDS)
        yield Case(row["code"], good)


def _classic_name(row: dict[str, Any]) -> str:
    coding = (row.get("kwargs") or {}).get("binary_coding_scheme", "")
    if coding:
        return str(coding.rsplit(".", 1)[-1]).lower().replace("_", "-")
    return {"ADI": "adi-var"}.get(row["scheme"], row["scheme"].lower() + "-96")


def _epcpy_tag(row: dict[str, Any]) -> bool:
    name = _classic_name(row)
    if not row["valid"]:
        try:
            to_hex(row["uri"], name)
        except CannotEncodeError:
            return True
        return False
    tag = read_tag(row["hex"])
    if not isinstance(tag, Identity) or tag.tag_uri != row["tag_uri"] or tag.epc_uri != row["uri"]:
        return False
    control = row["tag_uri"].split(":", 4)[-1].split(".")[0]
    filter_value = 0 if name == "gid-96" else int(control)
    same_uri = to_tag_uri(row["uri"], name, filter_value=filter_value) == row["tag_uri"]
    return same_uri and to_hex(row["uri"], name, filter_value=filter_value) == row["hex"].upper()


def _epcpy_key(row: dict[str, Any]) -> bool:
    reading = read(row["uri"])
    if not row["valid"]:
        return ok(
            reading
        )  # the rows refuse a GTIN length of the caller's choice; the address itself is sound
    if not isinstance(reading, Identity):
        return False
    text = "".join(f"({ai}){value}" for ai, value in reading.elements)
    back = to_pure_identity(list(reading.elements), company_prefix_length=row["company_prefix_length"])
    return text == row["gs1_element_string"] and back == row["uri"]


def epcpy() -> Iterator[Case]:
    for at, row in enumerate(rows("epcpy-tds/epc_vectors.jsonl")):
        if row["kind"] == "TagEncodable":
            good = _epcpy_tag(row)
        elif row["kind"] == "GS1Element":
            good = _epcpy_key(row)
        else:
            good = ok(read(row["uri"])) == row["valid"]
        yield Case(f"{row['kind']} {row['uri']} {row['valid']} #{at}", good)


def _plain_link(elements: Any) -> str:
    return "https://id.gs1.org" + "".join(f"/{ai}/{value}" for ai, value in elements)


def openepcis() -> Iterator[Case]:
    for at, row in enumerate(rows("openepcis-epc-dl/pairs.jsonl")):
        given = row["input"]
        if given.startswith("urn:"):
            reading = read(given)
            ours = _plain_link(reading.elements) if isinstance(reading, Identity) else None
        elif row["op"] == "toURNForClassLevelIdentifier":
            ours = to_pure_identity(given, company_prefix_length=row["gcp_len"], whole_class=True)
        else:
            ours = to_pure_identity(given, company_prefix_length=row.get("gcp_len"))
        # The source writes reserved characters bare; the standard has them escaped, and so do we.
        same = ours == row["expect"] or (ours is not None and unquote(ours) == row["expect"])
        yield Case(f"{row['op']} {given} #{at}", same)


def accessgudid() -> Iterator[Case]:
    path = VECTORS / "accessgudid/json_parse_udi_by_unique_device_identifier_code.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    found = read(expected["udi"])
    good = (
        isinstance(found, Identity)
        and found.issuer == expected["issuingAgency"]
        and (found.di, found.serial, found.lot)
        == (expected["di"], expected["serialNumber"], expected["lotNumber"])
        and dict(found.elements)["="] == expected["donationId"]
        and str(found.expiry) == expected["expirationDate"]
        and str(found.made) == expected["manufacturingDate"]
    )
    yield Case("parse_udi", good)


def fhir() -> Iterator[Case]:
    for path in sorted((VECTORS / "fhir-udi").rglob("*.json")):
        resource = json.loads(path.read_text(encoding="utf-8"))
        for udi in _udi_carriers(resource):
            text = udi.get("carrierHRF") or udi.get("udiCarrierHRF") or ""
            wanted = udi.get("deviceIdentifier")
            found = fields(read(text)) if text else None
            good = found is not None and (wanted is None or found.di == wanted)
            if text:
                yield Case(f"{path.name} {text}", good)


def _udi_carriers(resource: dict[str, Any]) -> list[dict[str, Any]]:
    carriers = resource.get("udiCarrier") or resource.get("udi") or []
    return carriers if isinstance(carriers, list) else [carriers]


SOURCES: dict[str, tuple[str, Callable[[], Iterator[Case]]]] = {
    "scan data": ("gs1-syntax-engine/scandata_process.jsonl", scan_data),
    "gs1-syntax-engine": ("gs1-syntax-engine/dl_parse.jsonl", syntax_engine),
    "gs1-syntax-dictionary": ("gs1-syntax-dictionary/linter_vectors.jsonl", dictionary),
    "zint-gs1": ("zint-gs1/gs1_verify.jsonl", zint),
    "hibc": ("hibc/hibc_vectors.jsonl", hibc),
    "isbt128": ("isbt128/isbt128.jsonl", isbt128),
    "china-udi": ("china-udi/ma_and_gs1_cn.jsonl", china),
    "epcpy-tds": ("epcpy-tds/epc_vectors.jsonl", epcpy),
    "openepcis-epc-dl": ("openepcis-epc-dl/pairs.jsonl", openepcis),
    "accessgudid": (
        "accessgudid/json_parse_udi_by_unique_device_identifier_code.json",
        accessgudid,
    ),
    "fhir-udi": ("fhir-udi/PROVENANCE.txt", fhir),
}
