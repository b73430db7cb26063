"""Reads what a site sets by environment; what makes no sense is refused with a sentence before anything starts."""

import os
import re
import socket
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yanji.exchange.rfid.trust import trusting
from yanji.host.home import HostError

MOST_WORKERS = 64
FEWEST_DAYS, MOST_DAYS = 7, 36_500
ON, OFF = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
HOST_NAME = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*\.?|\[[0-9a-fA-F:.]+\]")
ORIGIN = re.compile(r"https?://(\*\.)?([\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")


def workers() -> int:
    """Processes that answer requests: YANJI_WORKERS, or one per processor and at most 4. Raises HostError."""
    given = os.environ.get("YANJI_WORKERS") or str(min(4, os.cpu_count() or 1))
    if not (given.isascii() and given.isdecimal()) or not 1 <= int(given) <= MOST_WORKERS:
        raise HostError(
            f"YANJI_WORKERS is “{given}”. Give a number from 1 to {MOST_WORKERS}, or leave it out."
        )
    return int(given)


def time_zone() -> str:
    """The time zone of the site: YANJI_TIME_ZONE. Raises HostError for one that nobody knows."""
    given = os.environ.get("YANJI_TIME_ZONE") or "Asia/Shanghai"
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise HostError(
            f"YANJI_TIME_ZONE is “{given}”, which is no time zone. Give one such as Asia/Shanghai."
        ) from error
    return given


def gs1_prefix() -> str:
    """The hospital's GS1 Company Prefix for labels of its own, YANJI_GS1_PREFIX; empty without one.

    Four to twelve digits (GS1 General Specifications 1.4.2). Raises HostError.
    """
    given = os.environ.get("YANJI_GS1_PREFIX", "").strip()
    if given and not (given.isascii() and given.isdecimal() and 4 <= len(given) <= 12):
        raise HostError(
            f"YANJI_GS1_PREFIX is “{given}”. A GS1 Company Prefix has 4 to 12 digits; GS1 writes it on its certificate."
        )
    return given


def broker() -> str:
    """The MQTT broker over which readers speak: YANJI_MQTT, as mqtt://user:password@host:1883/session, mqtts:// over TLS; empty
    without one. Raises HostError."""
    given = os.environ.get("YANJI_MQTT", "").strip()
    try:
        parts = urlsplit(given)
        sound = parts.scheme in ("mqtt", "mqtts") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if given and not sound:
        raise HostError(
            "YANJI_MQTT is not the address of a broker. Give one such as mqtt://broker.example.org:1883, "
            "or leave it out."
        )
    return given


def readers_authorities() -> str:
    """The file with further authorities that sign the certificates of RFID readers and of their broker: YANJI_RFID_CA; empty
    where those that this machine trusts are enough. Raises HostError."""
    given = os.environ.get("YANJI_RFID_CA", "").strip()
    if not given:
        return ""
    try:
        trusting(given)
    except OSError as error:
        raise HostError(
            f"YANJI_RFID_CA is “{given}”, which holds no certificates ({error}). Give a file in PEM, or leave it out."
        ) from error
    return given


def mail() -> dict[str, object]:
    """Where e-mail is handed in, as Django's settings: YANJI_SMTP_URL, smtp://user:password@host:587 (STARTTLS where a user is
    named) or smtps:// (TLS from the start); nothing without one. Raises HostError."""
    given = os.environ.get("YANJI_SMTP_URL", "").strip()
    try:
        parts = urlsplit(given)
        sound = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if given and not sound:
        raise HostError(
            "YANJI_SMTP_URL is not the address of a mail server. Give one such as smtp://user:password@mail.example.org:587, "
            "or leave it out."
        )
    sender = os.environ.get("YANJI_MAIL_FROM", "").strip()
    if not given:
        # Push services want an address for their questions, too.
        return {"EMAIL_HOST": "", **({"DEFAULT_FROM_EMAIL": sender} if sender else {})}
    tls = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if tls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": tls,
        # A password never goes over the wire in the clear.
        "EMAIL_USE_TLS": not tls and bool(parts.username),
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": sender or f"yanji@{parts.hostname}",
    }


def notification_days() -> int:
    """So many days what was told is kept after it was over: YANJI_NOTIFICATION_DAYS, or 365. Raises HostError."""
    given = os.environ.get("YANJI_NOTIFICATION_DAYS") or "365"
    if not (given.isascii() and given.isdecimal()) or not FEWEST_DAYS <= int(given[:6]) <= MOST_DAYS:
        raise HostError(
            f"YANJI_NOTIFICATION_DAYS is “{given}”. Give a number from {FEWEST_DAYS} to {MOST_DAYS}, or leave it out."
        )
    return int(given)


def switched_on(name: str) -> bool:
    """Whether a setting that is on or off is on; off without one. Raises HostError for any other word."""
    given = os.environ.get(name, "").strip().lower()
    if given not in {"", *ON, *OFF}:
        raise HostError(
            f"{name} is “{given}”. Give 1, true, yes or on; or 0, false, no or off; or leave it out."
        )
    return given in ON


def origins() -> list[str]:
    """Origins behind a proxy that may post forms: YANJI_ORIGINS. Raises HostError for what is no origin (RFC 6454)."""
    given = words("YANJI_ORIGINS")
    for each in given:
        if not ORIGIN.fullmatch(each):
            raise HostError(
                f"YANJI_ORIGINS names “{each}”. Give scheme and host, without a path, for example https://yanji.example.org."
            )
    return given


def host_names() -> list[str]:
    """Further host names of the site: YANJI_HOSTS. Raises HostError for an address of a page, or a port."""
    given = words("YANJI_HOSTS")
    for each in given:
        if not HOST_NAME.fullmatch(each):
            raise HostError(
                f"YANJI_HOSTS names “{each}”. Give host names alone, without scheme, port or path, for example yanji.example.org."
            )
    return given


def words(name: str) -> list[str]:
    return os.environ.get(name, "").replace(",", " ").split()


def address(host: str) -> str:
    """The numeric address to listen on for a host name of this machine. Raises HostError."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise HostError(
            f"HOST is “{host}”, which this machine does not know. Give an address of it, for example 127.0.0.1."
        ) from error
    # A name often stands for both; the older address is the one every browser tries.
    numeric = sorted({str(at[0]) for _family, _type, _protocol, _name, at in found}, key=lambda at: ":" in at)
    return numeric[0]
