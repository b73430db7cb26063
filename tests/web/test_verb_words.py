"""Every act that can be refused has words in both languages."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

import yanji.flows
from yanji.web.verb_words import VERBS, verb_words

VERB = re.compile(r"^@verb\ndef (\w+)", re.MULTILINE)


def verbs() -> set[str]:
    [folder] = yanji.flows.__path__
    return {
        name for path in Path(folder).rglob("*.py") for name in VERB.findall(path.read_text(encoding="utf-8"))
    }


def test_every_verb_is_named_and_no_name_is_left_over() -> None:
    found = verbs()
    assert len(found) > 150
    assert found | {"witness"} == set(VERBS)


@pytest.mark.parametrize(
    ("verb", "en", "zh"),
    [
        ("void_write_off", "Void a write-off", "作废核销"),
        ("scan: use", "Scan: Use on a patient", "扫码：患者使用"),
        ("GET /supplier/orders/7", "GET /supplier/orders/7", "GET /supplier/orders/7"),
    ],
)
def test_an_act_is_said_in_the_readers_language(verb: str, en: str, zh: str) -> None:
    with override("en"):
        assert verb_words(verb) == en
    with override("zh-hans"):
        assert verb_words(verb) == zh


def test_no_act_is_left_in_english_for_chinese_readers() -> None:
    with override("zh-hans"):
        assert [name for name in VERBS if verb_words(name).isascii()] == []
