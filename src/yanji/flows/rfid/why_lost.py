"""Why a reader is not heard, in words of people: what a program said of its connection means one of a few things. Pure."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CERTIFICATE = "certificate: "  # what begins the reason where a reader's certificate is not trusted
BROKER = "broker: "  # where the MQTT broker, and with it every reader that speaks over it, cannot be reached
NO_BROKER = "no broker"  # where none is named

# What stands in a message of the system, in this order -> what it means. The numbers are those of Linux, macOS and Windows.
MEANINGS: tuple[tuple[tuple[str, ...], str | Promise], ...] = (
    (
        ("Errno 111]", "Errno 61]", "WinError 1225]", "refused"),
        gettext_lazy(
            "Nothing answers at its address. Look whether it is switched on, and whether address and port are right."
        ),
    ),
    (
        ("Errno 113]", "Errno 101]", "Errno 65]", "Errno 51]", "unreachable", "No route"),
        gettext_lazy(
            "No way leads to its address. Look at the cable and the network between the server and it."
        ),
    ),
    (
        (
            "Name or service not known",
            "getaddrinfo",
            "nodename nor servname",
            "Temporary failure in name resolution",
        ),
        gettext_lazy(
            "The name in its address is not known to the network. Write it anew, or give its number."
        ),
    ),
    (
        ("timed out", "Timeout", "Errno 110]", "Errno 60]"),
        gettext_lazy(
            "It did not answer in time. Look whether it is switched on, and whether the network lets it through."
        ),
    ),
    (
        ("reset", "IncompleteReadError", "0 bytes read", "Broken pipe", "Errno 104]", "Errno 32]"),
        gettext_lazy("The connection broke off. It is tried again by itself."),
    ),
)


def in_words(said: str) -> str:
    """What a program said of a reader's connection, for people; as it came where we know no better."""
    if said == NO_BROKER:
        return _("No MQTT broker is named. Who runs the server sets YANJI_MQTT to its address.")
    for begins, told in _ABOUT.items():
        if said.startswith(begins):
            return told(said.removeprefix(begins))
    return str(next((meaning for signs, meaning in MEANINGS if any(sign in said for sign in signs)), said))


def _certificate(why: str) -> str:
    said = _(
        "Its certificate is not trusted (%(why)s). Give it a right one, or name its authority in YANJI_RFID_CA."
    )
    return said % {"why": why}


def _broker(why: str) -> str:
    return _("The MQTT broker cannot be reached, and with it no reader that speaks over it: %(why)s") % {
        "why": in_words(why)
    }


_ABOUT: dict[str, Callable[[str], str]] = {CERTIFICATE: _certificate, BROKER: _broker}
