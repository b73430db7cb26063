"""Electronic Product Codes: tag memory, tag URIs and pure identity URIs, both ways (GS1 EPC TDS 2.3)."""

from __future__ import annotations

from yanji.identity.epc.convert import (
    CannotEncodeError,
    company_prefix_length,
    to_hex,
    to_pure_identity,
    to_tag_uri,
)
from yanji.identity.epc.tag import read_tag, read_uri

__all__ = [
    "CannotEncodeError",
    "company_prefix_length",
    "read_tag",
    "read_uri",
    "to_hex",
    "to_pure_identity",
    "to_tag_uri",
]
