"""What is scanned in earnest and must be kept nowhere: somebody's badge, or what says who a patient is, taken for goods by a page
that did not know."""

import re
from collections.abc import Iterable

from yanji.access.actor import Actor
from yanji.access.badges import badges_among
from yanji.identity import Identity, Unreadable
from yanji.identity.scanner import decoded, plain_width, written_separators
from yanji.ledger.api import Offence, Refused

# GS1 General Specifications, section 3: who gives and who receives care, and what is said of them (name, birth, sex, address).
_OF_A_PERSON = re.compile(r"801[78]|72[45]\d")
# The same where a code is too broken to be cut: at its begin, behind a separator, in brackets, in a link, or the whole number.
_MEANT = re.compile(
    r"^(?:\]?[a-z]\d)?(?:801[78]|72[45]\d)|[\x1d(/?&;](?:801[78]|72[45]\d)|801[78]\d{18}|/gsrnp?/",
    re.IGNORECASE,
)


def of_a_person(element: str) -> bool:
    """Whether a GS1 application identifier says who somebody is."""
    return _OF_A_PERSON.fullmatch(element) is not None


def nameless(scan: str, reading: Identity | Unreadable) -> str:
    """A label that can be read, without what it says of a person, as GS1 writes elements for people; any other scan as it is."""
    found = reading.elements if isinstance(reading, Identity) else ()
    if not any(of_a_person(element) for element, _value in found):
        return scan
    return "".join(f"({element}){value}" for element, value in found if not of_a_person(element))


def names_a_person(scan: str, reading: Identity | Unreadable) -> bool:
    """Whether a scan is, or was before it was damaged, of a wristband by GS1, or of somebody's card. Rather once too often: what
    is not kept can be scanned again."""
    found = reading.partial if isinstance(reading, Unreadable) else reading
    if found and any(of_a_person(element) for element, _value in found.elements):
        return True
    return _MEANT.search(written_separators(plain_width(decoded(scan))[0])[0].strip()) is not None


def refuse_badges(scans: Iterable[str], *, actor: Actor) -> None:
    """Raises :class:`Refused` for each scan that is somebody's badge, named by its last two characters alone: enough to find it
    among the others. One statement, none but at a shared device."""
    if badges := badges_among(scans, actor=actor):
        raise Refused.of(tuple(Offence("scan_badge", f"…{each.strip()[-2:]}") for each in sorted(badges)))
