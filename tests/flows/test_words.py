"""Whatever the flows and the interface say, they say in Chinese too."""

import string

import pytest
from django.db import models
from django.utils import translation
from django.utils.translation import gettext

from yanji.exchange import refusals as interface
from yanji.flows import reasons, refusals, states
from yanji.flows.approval_kinds import KINDS
from yanji.identity import REASONS, WARNINGS
from yanji.ledger.refused import SENTENCES

assert interface
assert refusals
CHOICES = [
    label
    for found in vars(states).values()
    if isinstance(found, type) and issubclass(found, models.TextChoices)
    for label in found.labels
]
LISTS = [reasons.GROUPS, {code: kind.label for code, kind in KINDS.items()}]


def said() -> list[str]:
    with translation.override("en"):
        chosen = [str(label) for label in (*CHOICES, *(words for each in LISTS for words in each.values()))]
    return [*SENTENCES.values(), *REASONS.values(), *WARNINGS.values(), *chosen]


@pytest.mark.parametrize("sentence", sorted(set(said())))
def test_every_sentence_is_said_in_chinese_with_the_same_facts(sentence: str) -> None:
    with translation.override("zh-hans"):
        chinese = gettext(sentence)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese) or sentence.startswith("Row {row}")
    facts = [
        {name for _text, name, _spec, _conversion in string.Formatter().parse(each)}
        for each in (sentence, chinese)
    ]
    assert facts[0] == facts[1]
