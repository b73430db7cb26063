"""A name, or a word of ours, is kept in both languages, however it was put together, and told in the language of who reads it."""

import json

import pytest
from django.utils.translation import override

from yanji.catalog.models import Item
from yanji.flows.handheld.lots import listed
from yanji.flows.handheld.sights import called
from yanji.flows.scanning import Meaning
from yanji.ledger.api import Offence, Status
from yanji.places.spoken import Spoken, heard, joined

STORE, WARD = ("中心库", "Central Store"), ("导管室", "Catheterisation Laboratory")


def told(offence: Offence, language: str) -> dict[str, str]:
    """The facts as they are told after they were kept."""
    kept = json.loads(json.dumps(offence.facts_kept()))
    with override(language):
        return {name: str(heard(fact)) for name, fact in kept.items()}


@pytest.mark.parametrize("by", ["zh-hans", "en"])
def test_what_is_put_together_is_told_in_the_readers_language(by: str) -> None:
    with override(by):
        places = listed([(Spoken(*STORE), 3), (Spoken(*WARD), 2)])
        names = joined(Spoken(*STORE), "A-1", "", Spoken("批号"))
        offence = Offence(
            "scan_from", "L1", {"places": places, "names": names, "status": Status.AVAILABLE.label}
        )
    zh, en = (told(offence, language) for language in ("zh-hans", "en"))
    assert (zh["places"], en["places"]) == (
        "中心库 (3), 导管室 (2)", "Central Store (3), Catheterisation Laboratory (2)",
    )  # fmt: skip
    assert (zh["names"], en["names"]) == ("中心库 · A-1 · 批号", "Central Store · A-1 · 批号")
    assert (zh["status"], en["status"]) == ("可用", "Available")


@pytest.mark.parametrize("by", ["zh-hans", "en"])
def test_a_thing_of_the_basket_is_called_in_the_readers_language(by: str) -> None:
    with override(by):
        thing = called(Meaning("x", "unit", item=Item(name_zh="支架", name_en="Stent"), serial="S1"))
    kept = Offence("wrong", thing).facts_kept()
    said = []
    for language in ("zh-hans", "en"):
        with override(language):
            said.append(str(heard(kept["thing"])))
    assert said == ["支架 · S1", "Stent · S1"]
