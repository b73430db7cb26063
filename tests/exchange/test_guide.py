"""The guide to the interface names addresses that exist, and all of them."""

import re
from functools import cache
from pathlib import Path

import pytest

from yanji.exchange.api import api
from yanji.host.home import ROOT

GUIDES = [ROOT / "docs" / "guide" / language / "api.md" for language in ("en", "zh")]
# `/me` as it stands in running text and in the examples; what begins with a slash alone goes on the address before it.
NAMED = re.compile(r"(?:\b(?:GET|POST|DELETE|get|post) |\$API|`)(/[a-z][\w./{}-]*)")


def _shape(path: str) -> str:
    """An address with its numbers and its parameters alike."""
    return re.sub(r"/(\{\w+\}|\d+)(?=/|$)", "/*", path.removeprefix("/api/v1"))


@cache
def _addresses() -> frozenset[str]:
    return frozenset(_shape(path) for path in api.get_openapi_schema(path_prefix="/api/v1/")["paths"])


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.parent.name)
def test_every_address_in_the_guide_exists(guide: Path) -> None:
    addresses = _addresses() | {"/", "/openapi.json"}
    named = {_shape(path) for path in NAMED.findall(guide.read_text(encoding="utf-8"))}
    assert len(named) > 150
    assert {path for path in named if not any(known.endswith(path) for known in addresses)} == set()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.parent.name)
def test_the_guide_names_every_address(guide: Path) -> None:
    assert sorted(_addresses() - _told(guide.read_text(encoding="utf-8"))) == []


def _told(text: str) -> set[str]:
    """The addresses that a text names whole, or by an end of their own after one named before: `/orders/{id}/send`, `/close`."""
    told, before = set(), ""
    for named in map(_shape, NAMED.findall(text)):
        above = [before.rsplit("/", cut)[0] for cut in range(before.count("/") + 1)]
        whole = next((found for found in [named, *(up + named for up in above)] if found in _addresses()), "")
        told.add(whole)
        before = whole or before
    return told
