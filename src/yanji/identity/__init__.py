"""What a scanned symbol or a tag means: any issuer's code to one kind of identity, or to the reasons why not.

Pure: no database, no network, no framework. `read` never raises on what it is given.
"""

from __future__ import annotations

from yanji.identity.checks import (
    gs1_mod10,
    gs1_mod10_ok,
    gs1_pair,
    hibc_mod43,
    iso7064_mod37_2,
    ma_check,
)
from yanji.identity.digital_link import to_digital_link
from yanji.identity.epc import (
    CannotEncodeError,
    read_tag,
    to_hex,
    to_pure_identity,
    to_tag_uri,
)
from yanji.identity.labels import BadLabelError, Label, element_string, hospital_label, hri
from yanji.identity.model import Identity, Reading, Reason, Unreadable
from yanji.identity.naming import unit_name
from yanji.identity.pairing import pair
from yanji.identity.printing import named_label, tag_of
from yanji.identity.reader import read, split_symbols
from yanji.identity.reasons import REASONS, WARNINGS
from yanji.identity.scanner import TEST_BARCODE, TEST_ELEMENTS, ScannerProfile, learn_profile
from yanji.identity.scanner_setup import Learnt, set_up

__all__ = [
    "REASONS",
    "TEST_BARCODE",
    "TEST_ELEMENTS",
    "WARNINGS",
    "BadLabelError",
    "CannotEncodeError",
    "Identity",
    "Label",
    "Learnt",
    "Reading",
    "Reason",
    "ScannerProfile",
    "Unreadable",
    "element_string",
    "gs1_mod10",
    "gs1_mod10_ok",
    "gs1_pair",
    "hibc_mod43",
    "hospital_label",
    "hri",
    "iso7064_mod37_2",
    "learn_profile",
    "ma_check",
    "named_label",
    "pair",
    "read",
    "read_tag",
    "set_up",
    "split_symbols",
    "tag_of",
    "to_digital_link",
    "to_hex",
    "to_pure_identity",
    "to_tag_uri",
    "unit_name",
]
