"""A name in both languages that reads as in the reader's. What is kept with it can be told to a reader of the other one."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, override


class Spoken(str):
    """The words in the language of now; :func:`kept` keeps both."""

    both: tuple[str, str]

    def __new__(cls, zh: str, en: str = "") -> "Spoken":
        made = super().__new__(cls, en if en and (get_language() or "").startswith("en") else zh)
        made.both = (zh, en or "")
        return made


def joined(*parts: str | Promise, by: str = " · ") -> Spoken:
    """Names and numbers one behind the other, as a shelf with its store or an item with its serial; what is empty is left out."""
    both = [_both(part) for part in parts if part]
    return Spoken(by.join(zh for zh, _en in both), by.join(en or zh for zh, en in both))


def _both(part: str | Promise) -> tuple[str, str]:
    if isinstance(part, Spoken):
        return part.both
    if isinstance(part, Promise):  # a word of ours, as that of a status
        with override("zh-hans"):
            zh = str(part)
        with override("en"):
            return zh, str(part)
    return part, part


def kept(fact: object, longest: int | None = None) -> str | dict[str, str]:
    """A fact as JSON keeps it: text, or a name, or a word of ours, in both languages; nothing that the database cannot hold."""
    if isinstance(fact, Spoken | Promise):
        zh, en = (_storable(each, longest) for each in _both(fact))
        return {"zh": zh, "en": en}
    return _storable(str(fact), longest)


def _storable(text: str, longest: int | None) -> str:
    return text.replace("\x00", "")[:longest]


def heard(fact: Any) -> Any:
    """A fact as it was kept, in the language of now; what is no name stays as it is."""
    return Spoken(fact["zh"], fact["en"]) if isinstance(fact, dict) and fact.keys() == {"zh", "en"} else fact
