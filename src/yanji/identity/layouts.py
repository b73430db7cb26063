"""What a scanner that types for a US keyboard becomes at a computer that is set to another one, and back again."""

from __future__ import annotations

import re
from collections.abc import Mapping

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


def as_pressed(text: str, layout: str) -> str:
    """The characters of the keys that were pressed, had the computer been set to US."""
    return text.translate(_BACK[layout]) if layout in _BACK else text


def as_sent(text: str, pressed: str) -> str:
    """What the scanner sent: ``pressed`` where ``text`` arrived through the layout; what was typed by hand, or turned back
    before, stays. Told by the AIM identifier, which no hand types: without it Y and Z of a code could be either."""
    return pressed if _MARK.match(pressed) and not _MARK.match(text) else text
