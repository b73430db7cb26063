"""Tags: memory to identity and back, for every encoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanji.identity import (
    CannotEncodeError,
    Identity,
    Unreadable,
    gs1_mod10,
    read,
    read_tag,
    to_hex,
    to_pure_identity,
    to_tag_uri,
)
from yanji.identity.epc.bits import BitReader
from yanji.identity.epc.hostnames import decode_hostname, encode_hostname
from yanji.identity.epc.plus import PLUS
from yanji.identity.epc.text import decode_text, encode_text


def key_digits(payload: str) -> str:
    return payload + gs1_mod10(payload)


GTIN = "09520000000004"
SETS = {
    "sgtin": [("01", GTIN), ("21", "aB/1")],
    "dsgtin": [("01", GTIN), ("21", "0042"), ("17", "280131")],
    "sscc": [("00", key_digits("39520000000000001"))],
    "sgln": [("414", "9520000000004"), ("254", "W-1")],
    "grai": [("8003", "09520000000004AB12")],
    "giai": [("8004", "95200000u42")],
    "gsrn": [("8018", key_digits("95200000000000000"))],
    "gsrnp": [("8017", key_digits("95200000000000000"))],
    "gdti": [("253", key_digits("952000000000") + "77")],
    "cpi": [("8010", "95200005PQ7/Z43"), ("8011", "12345")],
    "sgcn": [("255", key_digits("952000000000") + "007")],
    "itip": [("8006", GTIN + "0102"), ("21", "rif981")],
}


def identified(memory: str) -> Identity:
    found = read_tag(memory)
    assert isinstance(found, Identity), found
    return found


@pytest.mark.parametrize("encoding", sorted(PLUS))
def test_plus_schemes_there_and_back(encoding: str) -> None:
    elements = SETS[encoding.rstrip("+")]
    domain = "id.example.com" if encoding.endswith("++") else None
    for more in ([], [("10", "LOT7"), ("4330", "000250-"), ("7003", "2801311200"), ("422", "156")]):
        memory = to_hex([*elements, *more], encoding, filter_value=3, domain=domain)
        found = identified(memory)
        assert list(found.elements) == [*elements, *more]
        assert (found.scheme, found.domain) == (encoding, domain)


def test_plus_layout_bit_by_bit() -> None:
    # Header F7, no more data, filter 1, fourteen digits of four bits; then text as 7-bit characters (4), five of them.
    serial = "YJ/7a"
    bits = f"{0xF7:08b}" + "0" + f"{1:03b}" + "".join(f"{int(digit):04b}" for digit in "09520000000004")
    bits += f"{4:03b}" + f"{len(serial):05b}" + "".join(f"{ord(letter):07b}" for letter in serial)
    padded = bits.ljust(-(-len(bits) // 16) * 16, "0")
    made = to_hex([("01", "09520000000004"), ("21", serial)], "sgtin+", filter_value=1)
    assert made == f"{int(padded, 2):0{len(padded) // 4}X}"


@pytest.mark.parametrize(
    ("uri", "encoding"),
    [
        ("urn:epc:id:sgtin:9520000.000001.42", "sgtin-96"),
        ("urn:epc:id:sgtin:952000000000.0.a%2Fb", "sgtin-198"),
        ("urn:epc:id:sscc:952000.30000000001", "sscc-96"),
        ("urn:epc:id:sgln:9520000.00000.0042", "sgln-195"),
        ("urn:epc:id:sgln:952000000000..7", "sgln-96"),
        ("urn:epc:id:grai:9520000.00000.9", "grai-96"),
        ("urn:epc:id:giai:95200000.42", "giai-96"),
        ("urn:epc:id:giai:95200000.u-42", "giai-202"),
        ("urn:epc:id:gsrn:9520000.0000000001", "gsrn-96"),
        ("urn:epc:id:gdti:9520000.00000.007", "gdti-113"),
        ("urn:epc:id:sgcn:9520000.00000.04711", "sgcn-96"),
        ("urn:epc:id:cpi:9520000.98765.12345", "cpi-96"),
        ("urn:epc:id:cpi:9520000.5PQ7%2FZ43.12345", "cpi-var"),
        ("urn:epc:id:itip:9520000.000001.01.02.981", "itip-110"),
        ("urn:epc:id:gid:952056.2718.1414", "gid-96"),
        ("urn:epc:id:usdod:CAGEY.5678", "usdod-96"),
        ("urn:epc:id:adi:35962.PQ7VZ4.M37GXB92", "adi-var"),
    ],
)
def test_classic_encodings_there_and_back(uri: str, encoding: str) -> None:
    found = identified(to_hex(uri, encoding, filter_value=0 if encoding == "gid-96" else 1))
    assert (found.epc_uri, found.scheme) == (uri, encoding)
    assert found.tag_uri is not None
    assert identified(found.tag_uri).epc == found.epc
    bits = bin(int("1" + to_hex(uri, encoding, filter_value=0), 16))[3:]
    assert identified(bits).epc_uri == uri


# The standard's own examples (TDS 2.3, annex E.3), one for each way of writing a value behind the header.
@pytest.mark.parametrize(
    ("memory", "encoding", "path", "domain"),
    [
        ("F73795211411234538566CB0AFC4", "sgtin+", "01/79521141123453/21/32a%2Fb", None),
        ("FB342CDE795211411234538566CB0AFC4", "dsgtin+", "01/79521141123453/21/32a%2Fb", None),
        ("EF009520123456789123592832F8C3B786CCB6C0", "sscc++", "00/095201234567891235", "id.example.com"),
        ("FA3952114132E83C2BF10", "giai+", "8004/952114132a%2Fb", None),
        ("F0395211415E87A145BAFB4D19A8C0E4", "cpi+", "8010/95211415PQ7%2FZ43/8011/12345", None),
        ("EA395211411234540458BA4A0CBE30EDE1B32DB0", "gdti++", "253/95211411234545678", "id.example.com"),
        ("EC3952114167890950933C94197C61DBC3665B60", "sgcn++", "255/952114167890904711", "id.example.com"),
        ("F3309521141123454010266AE27FDF35", "itip+", "8006/095211411234540102/21/rif981", None),
        ("3876451FD59B2C2BF10000000000000000000000000000000000", "giai-202", "8004/952114132a%2Fb", None),
        ("3F76451FD612640000019907", "sgcn-96", "255/952114167890904711", None),
    ],
)
def test_examples_of_the_standard(memory: str, encoding: str, path: str, domain: str | None) -> None:
    found = identified(memory)
    assert (found.scheme, found.epc, found.domain) == (encoding, path, domain)
    prefix = None if encoding.endswith("+") else 7
    written = to_hex(
        found.elements,
        encoding,
        filter_value=0 if encoding == "sscc++" else 3,
        company_prefix_length=prefix,
        domain=domain,
        pad=4,
    )
    assert written.rstrip("0") == memory.rstrip("0")


def test_memory_as_readers_print_it() -> None:
    plain = to_hex("urn:epc:id:sgtin:9520000.000001.42", "sgtin-96", filter_value=1)
    pairs = [plain[at : at + 2] for at in range(0, len(plain), 2)]
    number, bits = int(plain, 16), bin(int("1" + plain, 16))[3:]
    for written in (
        plain.lower(),
        " ".join(pairs),
        "-".join(pairs),
        ":".join(pairs),
        "0x" + plain,
        plain + "h",
        plain + "0000",
        bits,
        "0b" + bits,
        f"urn:epc:raw:96.x{plain}",
        f"urn:epc:raw:96.{number}",
    ):
        assert identified(written).epc == f"01/{key_digits('0952000000001')}/21/42", written
    for nothing in ("urn:epc:raw:96.", f"urn:epc:raw:8.{number}", "urn:epc:raw:96.x2F.x3000"):
        assert isinstance(read(nothing), Unreadable)


def test_long_asset_numbers_fit_where_the_bits_do() -> None:
    uri = "urn:epc:id:giai:952000.1234567890123456789"
    assert identified(to_hex(uri, "giai-96")).epc_uri == uri
    with pytest.raises(CannotEncodeError):
        to_hex("urn:epc:id:giai:952000.9999999999999999999", "giai-96")  # more than 62 bits


def test_one_thing_under_all_its_names() -> None:
    tag = "urn:epc:tag:sgtin-198:3.9520000.000001.a%2Fb"
    for name in (tag, "urn:epc:id:sgtin:9520000.000001.a%2Fb", "(01)09520000000011(21)a/b"):
        assert to_tag_uri(name, "sgtin-198", filter_value=3, company_prefix_length=7) == tag
        assert identified(to_hex(name, "sgtin+")).epc == "01/09520000000011/21/a%2Fb"
    assert to_pure_identity("urn:epc:tag:gid-96:1.2.3") == "urn:epc:id:gid:1.2.3"
    assert to_pure_identity("urn:epc:tag:sgtin-64:3.9520000.000001.1") is None


def test_a_domain_behind_a_header_that_announces_none() -> None:
    memory = to_hex(SETS["sscc"], "sscc++", domain="id.example.com")
    found = identified("F9" + memory[2:])
    assert (found.scheme, found.domain) == ("sscc+", "id.example.com")
    assert isinstance(read_tag("F9" + memory[2:20] + "0123"), Unreadable)


def test_control_words_before_the_epc_are_skipped() -> None:
    memory = to_hex("urn:epc:id:sgtin:9520000.000001.42", "sgtin-96")
    assert identified("3000" + memory).epc == f"01/{key_digits('0952000000001')}/21/42"
    assert identified("ABCD3000" + memory).epc == identified(memory).epc


def test_addresses_need_a_prefix_length_or_the_public_list() -> None:
    link = "https://id.gs1.org/01/09520000000004/21/42"
    assert to_pure_identity(link, company_prefix_length=8) == "urn:epc:id:sgtin:95200000.00000.42"
    found = read(link)
    assert isinstance(found, Identity)
    by_list = to_pure_identity(found)
    assert by_list is not None
    assert by_list.startswith("urn:epc:id:sgtin:952")


@pytest.mark.parametrize(
    "uri",
    [
        "urn:epc:id:sgtin:9520000.00001.42",
        "urn:epc:id:sgtin:9520000.000001.",
        "urn:epc:id:lgtin:9520000.000001.42",
        "urn:epc:id:gid:01.1.1",
        "urn:epc:id:nothing:1.2",
        "urn:epc:tag:sgtin-96:9.9520000.000001.42",
        "urn:epc:tag:sgtin-96:1.9520000.000001.0042",
        "urn:epc:",
    ],
)
def test_malformed_addresses(uri: str) -> None:
    assert isinstance(read(uri), Unreadable)


@pytest.mark.parametrize(
    "memory", ["", "00", "E2801160", "3000", "30" + "F" * 22, "F7", "zz", "F9" + "A" * 19]
)
def test_memory_that_is_no_epc(memory: str) -> None:
    assert isinstance(read_tag(memory), Unreadable)


def test_encodings_refuse_what_they_cannot_hold() -> None:
    for uri, encoding in (
        ("urn:epc:id:sgtin:9520000.000001.0042", "sgtin-96"),
        ("urn:epc:id:sgtin:9520000.000001.42", "sscc-96"),
        ("urn:epc:id:sgtin:9520000.000001.42", "sgtin-12"),
    ):
        with pytest.raises(CannotEncodeError):
            to_hex(uri, encoding)
    with pytest.raises(CannotEncodeError):
        to_hex(SETS["sgtin"], "sgtin++")  # no domain


@given(st.text("0123456789ABCDEFabcdefXYZxyz-_.:/!", min_size=1, max_size=20))
def test_text_encodings_return_what_went_in(value: str) -> None:
    bits = encode_text(value, 20)
    assert bits is not None
    assert decode_text(BitReader(bits), 20) == value


@given(st.from_regex(r"(id\.|www\.)?[a-z]{1,12}(\.[a-z]{2,5}){1,2}", fullmatch=True))
def test_domains_return_what_went_in(host: str) -> None:
    bits = encode_hostname(host)
    assert bits is not None
    assert decode_hostname(BitReader(bits)) == host
