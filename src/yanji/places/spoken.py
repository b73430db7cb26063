"""A name in both languages that reads as in the reader's. What is kept with it can be told to a reader of the other one."""

from typing import Any

from django.utils.translation import get_language


class Spoken(str):
    """The words in the language of now; :func:`kept` keeps both."""

    both: tuple[str, str]

    def __new__(cls, zh: str, en: str = "") -> "Spoken":
        made = super().__new__(cls, en if en and (get_language() or "").startswith("en") else zh)
        made.both = (zh, en or "")
        return made


def joined(*parts: str) -> Spoken:
    """Names and numbers one behind the other, as a shelf with its store or an item with its serial; what is empty is left out."""
    both = [part.both if isinstance(part, Spoken) else (part, part) for part in parts if part]
    return Spoken(" · ".join(zh for zh, _en in both), " · ".join(en or zh for zh, en in both))


def kept(fact: object, longest: int | None = None) -> str | dict[str, str]:
    """A fact as JSON keeps it: text, or a name in both languages; nothing that the database cannot hold. Pure."""
    if isinstance(fact, Spoken):
        zh, en = (_storable(each, longest) for each in fact.both)
        return {"zh": zh, "en": en}
    return _storable(str(fact), longest)


def _storable(text: str, longest: int | None) -> str:
    return text.replace("\x00", "")[:longest]


def heard(fact: Any) -> Any:
    """A fact as it was kept, in the language of now; what is no name stays as it is."""
    return Spoken(fact["zh"], fact["en"]) if isinstance(fact, dict) and fact.keys() == {"zh", "en"} else fact
