"""Initials of Chinese names, so that `ywxt` finds 药物洗脱."""

from functools import lru_cache


@lru_cache(maxsize=20_000)
def initials(name: str) -> str:
    """Lower-case initials; letters and digits stay, everything else goes. '药物洗脱 3.0' gives 'ywxt30'."""
    # Its dictionary takes a while to load; most processes never store a name.
    from pypinyin import Style, lazy_pinyin

    found = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=list)
    flat = "".join("".join(part) for part in found)
    return "".join(character for character in flat.lower() if character.isascii() and character.isalnum())[
        :240
    ]
