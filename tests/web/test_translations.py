"""Whatever a person reads can be read in Chinese: no marked string without its translation."""

import re
from pathlib import Path

import polib
import pytest

from tests.web.strings import SOURCE, in_template, marked

ROOT = SOURCE.parents[1]
CATALOGUES = sorted(
    [
        *SOURCE.rglob("zh_Hans/LC_MESSAGES/django.po"),
        *(ROOT / "locale").rglob("zh_Hans/LC_MESSAGES/django.po"),
    ]
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def _entries() -> list[tuple[Path, polib.POEntry]]:
    return [(file, entry) for file in CATALOGUES for entry in polib.pofile(str(file)) if not entry.obsolete]


def test_every_marked_string_is_translated() -> None:
    done = {entry.msgid for _, entry in _entries() if entry.translated() and "fuzzy" not in entry.flags}
    missing = {
        message: sorted(files) for message, files in marked().items() if message and message not in done
    }
    listed = "\n".join(
        f"{files[0]}: {message!r}" for message, files in sorted(missing.items(), key=lambda row: row[1])
    )
    assert not missing, f"{len(missing)} strings without a Chinese translation:\n{listed}"


def test_a_count_of_pieces_is_said_of_one_as_well() -> None:
    """Nobody reads "1 pieces": what is counted has a singular, or the sentence does without the word."""
    of_one = re.compile(r"(%\(\w+\)s|\{\w+\}) pieces\b")
    assert {message: files for message, files in marked().items() if of_one.search(message)} == {}


def test_translations_keep_the_placeholders() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}: {entry.msgid!r}"
        for file, entry in _entries()
        for text in (entry.msgstr, *entry.msgstr_plural.values())
        if text
        and not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    ]
    assert wrong == []


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_message_stands_twice_in_a_catalogue(file: Path) -> None:
    messages = [entry.msgid for entry in polib.pofile(str(file))]
    assert sorted({message for message in messages if messages.count(message) > 1}) == []


def test_the_finder_sees_what_templates_mark() -> None:
    """Control: plural, trimmed and `as` forms are found."""
    counted = "{% blocktranslate count n=3 %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}"
    source = '{% load i18n %}{% translate "One" as one %}' + counted
    assert list(in_template(source)) == ["One", "%(n)s row"]
