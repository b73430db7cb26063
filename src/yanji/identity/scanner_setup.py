"""What the scan of the test symbol shows about a scanner: a profile to read by, or what has to be set otherwise first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yanji.identity.layouts import LAYOUTS, as_pressed
from yanji.identity.model import Reason, Unreadable
from yanji.identity.scanner import AIM, GS, TEST_BARCODE, ScannerProfile, learn_profile

_BODY = TEST_BARCODE[3:]
# The test content is printed as DataMatrix and as GS1-128; a scanner set to another mode calls them by the plain mark.
_MARKS = ("]d2", "]C1")
# What GS1 element data may hold (GS1 General Specifications, figure 7.11-1): none of it can stand for a separator.
_GS1_DATA = frozenset("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Learnt:
    """``profile``: how the scanner delivers, None where it must be set otherwise first. ``findings``: what is wrong, or
    what could be better; none where the scanner is as it should be."""

    profile: ScannerProfile | None
    findings: tuple[Reason, ...] = ()


def set_up(scanned: str) -> Learnt:
    """What a scanner made of the test symbol (:data:`TEST_ELEMENTS`, as DataMatrix or GS1-128).

    Only what can be undone without doubt is learnt: a substitute that GS1 data cannot hold, characters around the scan that
    are neither letters nor digits, and another keyboard, key for key, of a scanner that sends the AIM identifier. Everything
    else is said, to be set in the scanner.
    """
    text = scanned.rstrip("\r\n")
    profile = _learnt(text)
    if isinstance(profile, Unreadable):
        profile = _learnt_through_a_layout(text) or profile
    if isinstance(profile, Unreadable):
        return Learnt(None, (_why_not(text, profile),))
    hindrances = tuple(_hindrances(profile))
    return Learnt(None, hindrances) if hindrances else Learnt(profile, tuple(_advice(profile)))


def _learnt(text: str) -> ScannerProfile | Unreadable:
    """By the symbol whose mark was sent; without one both are alike."""
    mark = next((mark for mark in _MARKS if mark in text), _MARKS[0])
    return learn_profile(mark + _BODY, text)


def _learnt_through_a_layout(text: str) -> ScannerProfile | None:
    for layout in LAYOUTS:
        profile = _learnt(as_pressed(text, layout))
        if isinstance(profile, ScannerProfile):
            return replace(profile, layout=layout)
    return None


def _why_not(text: str, unreadable: Unreadable) -> Reason:
    """The most telling explanation of a test symbol that does not stand in the scan as it is."""
    reason = unreadable.reasons[0]
    if reason.code == "separator_replaced":
        return Reason("separators_vary", reason.detail)
    layout = next((name for name in LAYOUTS if _is_typed_on(text, name)), None)
    if layout:
        return Reason("keyboard_layout", layout)
    if reason.code in ("input_method", "caps_lock"):
        return reason
    pieces = _BODY.split(GS)
    if all(piece.lower() in text.lower() for piece in pieces):
        return Reason("case_changed")
    bare = AIM.sub("", text, count=1)
    kept = len(bare) >= len(_BODY) // 2 and _is_subsequence(bare, _BODY)
    return Reason("characters_lost") if kept else Reason("not_the_test_symbol", text[:40])


def _is_typed_on(text: str, layout: str) -> bool:
    pressed = as_pressed(text, layout)
    return all(piece in pressed for piece in _BODY.split(GS))


def _is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)


def _hindrances(profile: ScannerProfile) -> list[Reason]:
    """What no profile can undo."""
    found = []
    if profile.separator in _GS1_DATA or profile.separator.isalnum():
        found.append(Reason("separator_ambiguous", profile.separator))
    if AIM.fullmatch(profile.prefix[-3:]):
        found.append(Reason("not_a_gs1_mark", profile.prefix[-3:]))
    elif any(character.isalnum() for character in profile.prefix + profile.suffix):
        found.append(Reason("affix_of_letters", profile.prefix + profile.suffix))
    if not found and profile.layout and not profile.sends_symbology:
        found.append(Reason("keyboard_layout", profile.layout))
    return found


def _advice(profile: ScannerProfile) -> list[Reason]:
    """What works, and would work better if the scanner were set otherwise."""
    found = []
    if profile.layout:
        found.append(Reason("keyboard_learnt", profile.layout))
    if not profile.keeps_separators:
        found.append(Reason("separators_dropped"))
    elif profile.separator != GS:
        found.append(Reason("separator_substituted", profile.separator))
    if not profile.sends_symbology:
        found.append(Reason("no_aim_identifier"))
    if profile.prefix or profile.suffix:
        found.append(Reason("affixes", f"{profile.prefix} … {profile.suffix}"))
    return found
