"""What a scanner that types for a US keyboard becomes at a computer that is set to another one, and back again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from yanji.identity.checks import gs1_mod10_ok
from yanji.identity.gs1 import GS, read_element_string
from yanji.identity.model import Identity

_US = "1234567890-=!@#$%^&*()_+qwertyuiop[]\\QWERTYUIOP{}|asdfghjkl;'ASDFGHJKL:\"zxcvbnm,./ZXCVBNM<>?`~"
_NOTHING = "\0"  # a dead key: it changes the next character, or takes it along
# Key for key in the order of _US: "German" and "French (AZERTY)" of Windows.
_TYPED = {
    "QWERTZ": "1234567890ß\0!\"§$%&/()=?\0qwertzuiopü+#QWERTZUIOPÜ*'asdfghjklöäASDFGHJKLÖÄyxcvbnm,.-YXCVBNM;:_\0°",
    "AZERTY": "&é\"'(-è_çà)=1234567890°+azertyuiop\0$*AZERTYUIOP\0£µqsdfghjklmùQSDFGHJKLM%wxcvbn,;:!WXCVBN?./§²\0",
}
# What was meant -> what arrives, and back; one to one, without the dead keys.
LAYOUTS: dict[str, Mapping[str, str]] = {
    name: {us: typed for us, typed in zip(_US, row, strict=True) if typed != _NOTHING}
    for name, row in _TYPED.items()
}
_BACK = {name: str.maketrans({typed: us for us, typed in keys.items()}) for name, keys in LAYOUTS.items()}
_MARK = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_CODE = re.compile(r"(?=.*[0-9])[A-Z0-9]+(?:[:.\-][A-Z0-9]+)*|YANJI:.+|https?://.+", re.DOTALL)
_TRADE_ITEM = re.compile(r"01([0-9]{14})")


def as_pressed(text: str, layout: str) -> str:
    """The characters of the keys that were pressed, had the computer been set to US."""
    return text.translate(_BACK[layout]) if layout in _BACK else text


def as_sent(text: str, pressed: str, *, separator: str, marked: bool) -> str:
    """What the scanner sent: ``pressed`` where ``text`` arrived through the layout; what was typed by hand, or turned back
    before, stays.

    ``separator``: what stands for 0x1D in it; ``marked``: the scanner sends the AIM identifier, which no hand types: without
    it a text is not the scanner's. Where it sends none, what reads as GS1 gets one, so that it is not turned twice; and
    codes of the house are known by what the layout has made of them, which is none.
    """
    if pressed == text or _MARK.match(text):
        return text
    if _MARK.match(pressed):
        return pressed
    if marked:
        return text
    if _is_gs1(pressed.replace(separator, GS) if separator else pressed):
        return f"]d2{pressed}"
    return pressed if _CODE.fullmatch(pressed) and not _CODE.fullmatch(text) else text


def _is_gs1(text: str) -> bool:
    product = _TRADE_ITEM.match(text)
    if product:
        return gs1_mod10_ok(product[1])
    return text[:2].isdecimal() and isinstance(read_element_string(text), Identity)
