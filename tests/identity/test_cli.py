"""`yanji identify`: one line in, one object out, whatever the line holds."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

RUN = (
    "import argparse, sys\n"
    "from yanji import identity_cli\n"
    "parser = argparse.ArgumentParser()\n"
    "identity_cli.add_arguments(parser)\n"
    "code = identity_cli.run(parser.parse_args())\n"
    "assert 'django' not in sys.modules\n"
    "sys.exit(code)\n"
)


def identify(lines: bytes, *options: str) -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", RUN, *options], input=lines, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_object_for_each_line() -> None:
    lines = b"(01)09520000000004(17)280131(10)L1(21)S1\n\n\xff\xfe\x1d\n]d20109520000000004"
    answers = identify(lines)
    assert [answer["ok"] for answer in answers] == [True, False, False, True]
    first = answers[0]
    assert first["elements"] == [["01", "09520000000004"], ["17", "280131"], ["10", "L1"], ["21", "S1"]]
    assert (first["di"], first["lot"], first["serial"]) == ("09520000000004", "L1", "S1")
    assert (first["expiry"], first["made"], first["quantity"]) == ("2028-01-31", None, None)
    assert first["epc"] == "01/09520000000004/21/S1"
    assert answers[1]["reasons"][0]["code"] == "empty"


def test_what_is_refused_says_what_was_told_apart_and_names_nothing() -> None:
    [answer] = identify(b"(01)0690\n")
    assert (answer["ok"], answer["di"], answer["reasons"][0]["code"]) == (False, "0690", "bad_length")
    assert [answer[name] for name in ("epc", "epc_uri", "digital_link", "confidence")] == [None] * 4


def test_escaped_control_characters() -> None:
    lines = rb"]d201095200000000041728013110L1\x1d21S1|[)>\x1e05\x1d0109520000000004\x1e\x04".replace(
        b"|", b"\n"
    )
    answers = identify(lines, "--escaped")
    assert [answer["serial"] for answer in answers] == ["S1", None]
    assert [answer["ok"] for answer in answers] == [True, True]


def test_tag_memory() -> None:
    (answer,) = identify(b"3036450E000000400000002A\n", "--hex")
    assert (answer["scheme"], answer["epc"]) == ("sgtin-96", "01/09520000000011/21/42")
    assert answer["epc_uri"] == "urn:epc:id:sgtin:9520000.000001.42"
    assert answer["tag_uri"] == "urn:epc:tag:sgtin-96:1.9520000.000001.42"
    assert answer["digital_link"] == "https://id.gs1.org/01/09520000000011/21/42"


def test_a_class_of_things_has_an_address_too() -> None:
    lines = b"https://id.gs1.org/01/09506000134352\nhttps://id.gs1.org/01/09506000134352/10/L1\n"
    answers = identify(lines)
    assert [answer["epc"] for answer in answers] == [None, None]
    assert [answer["epc_uri"] for answer in answers] == [
        "urn:epc:idpat:sgtin:95060001343.05.*",
        "urn:epc:class:lgtin:95060001343.05.L1",
    ]


def test_unreadable_scan_still_shows_its_fields() -> None:
    (answer,) = identify(b"]d20109520000000005\n")
    assert (answer["ok"], answer["di"]) == (False, "09520000000005")
    assert answer["reasons"][0]["message"].startswith("The check digit is wrong.")
