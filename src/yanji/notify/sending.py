"""One message on its way out: an e-mail to a person, or a signed call to another system."""

import hashlib
import hmac
import http.client
import ipaddress
import json
import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .kinds import KINDS, sentence
from .models import Delivery

SECONDS = 10  # for a whole call of another system: looking it up, connecting, sending, reading
MOST_SAID = 300
# Why a message did not go out, with what was said at the time: told in the language of who reads it.
WHYS = {
    "no_answer": _("It could not be reached: %(said)s"),
    "slow": _("It did not answer within %(said)s seconds."),
    "answered": _("The other system answered %(said)s."),
    "refused": _("The mail server answered: %(said)s"),
    "inside": _(
        "%(said)s lies inside the house, and this site tells only systems outside. See YANJI_HOOKS_INSIDE."
    ),
    "broken": _("The message could not be made: %(said)s"),
}


class NotSent(Exception):
    """A message did not go out: ``code`` of :data:`WHYS`, and what was ``said``."""

    def __init__(self, code: str, said: str) -> None:
        self.code, self.said = code, said[:MOST_SAID]
        super().__init__(f"{code}: {said}")


def why_not(delivery: Delivery) -> str:
    """Why a message did not go out, in the reader's language; as it stands where an earlier release wrote it."""
    sentence = WHYS.get(delivery.why)
    return str(sentence % {"said": delivery.last_error}) if sentence else delivery.last_error


def by_email(delivery: Delivery, to: str) -> None:
    """Hand the message in at the mail server, in the person's language. Nothing about a patient is in it."""
    found, person = delivery.notification, delivery.person
    assert person is not None
    with translation.override(person.language or settings.LANGUAGE_CODE):
        said = sentence(found.kind, found.count, found.facts)
        at = f"{found.place.name}: " if found.place else ""
        how = gettext(
            "Open Yanji and look at the bell to see to it. How you are told stands under “My account”."
        )
        message = EmailMessage(
            f"{gettext('Yanji')}: {KINDS[found.kind].title}",
            f"{at}{said}\n\n{how}\n",
            to=[to],
            # The same message again has the same name: mail programs show it once.
            headers={"Message-ID": f"<{delivery.pk}@yanji>", "Auto-Submitted": "auto-generated"},
        )
    try:
        message.send()
    except OSError as error:  # of smtplib, too
        refused = isinstance(error, smtplib.SMTPException)
        raise NotSent("refused" if refused else "no_answer", str(error) or type(error).__name__) from error


def body(delivery: Delivery) -> bytes:
    """What another system is told, in both languages."""
    found = delivery.notification
    words = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words[language] = {
                "title": str(KINDS[found.kind].title),
                "sentence": sentence(found.kind, found.count, found.facts),
                "place": found.place.name if found.place else "",
            }
    told: dict[str, Any] = {
        "delivery": str(delivery.pk),
        "notification": found.pk,
        "kind": found.kind,
        "matter": found.matter,
        "times": delivery.times,
        "state": delivery.about,
        "severity": found.severity,
        "count": found.count,
        "place_code": found.place.code if found.place else "",
        "opened_at": found.opened_at.isoformat(),
        "words": words,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, at: int, content: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) over time and body: an old message cannot be sent again as a new one."""
    return hmac.new(secret.encode(), b"%d.%b" % (at, content), hashlib.sha256).hexdigest()


def by_webhook(delivery: Delivery, now: datetime) -> None:
    """Call the other system; any answer but 2xx is a failure. Redirects are not followed."""
    hook = delivery.hook
    assert hook is not None
    content, at = body(delivery), int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Yanji",
        "Yanji-Delivery": str(delivery.pk),
        "Yanji-Timestamp": str(at),
        "Yanji-Signature": f"v1={signature(hook.secret, at, content)}",
    }
    try:
        status = post(hook.url, content, headers)
    except (OSError, http.client.HTTPException) as error:
        raise NotSent("no_answer", str(error) or type(error).__name__) from error
    if not 200 <= status < 300:
        raise NotSent("answered", str(status))


def post(url: str, content: bytes, headers: dict[str, str]) -> int:
    """The status that the other system answers, within ``SECONDS`` whatever it is that takes so long.

    A timeout of a socket is one of each single read, and a name may be looked up without end: so the call has a thread of
    its own, which is left to its end.
    """
    call = _Call(url, content, headers)
    thread = Thread(target=call.run, name="webhook", daemon=True)
    thread.start()
    thread.join(SECONDS)
    # A single read may have waited as long, a moment before we gave up.
    if call.outcome is None or isinstance(call.outcome, TimeoutError):
        call.give_up()
        raise NotSent("slow", str(SECONDS))
    if isinstance(call.outcome, Exception):
        raise call.outcome
    return call.outcome


class _Call:
    """One call of another system; ``outcome``: the status that it answered, what went wrong, or None while it is under way."""

    def __init__(self, url: str, content: bytes, headers: dict[str, str]) -> None:
        self.url, self.content, self.headers = url, content, headers
        self.outcome: int | Exception | None = None
        self._link: socket.socket | None = None
        self._given_up = False

    def run(self) -> None:
        try:
            self.outcome = self._called()
        except Exception as error:
            self.outcome = error

    def give_up(self) -> None:
        """Whoever still reads or sends comes to an end at once."""
        self._given_up = True
        if self._link is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._link, socket.SHUT_RDWR)

    def _called(self) -> int:
        parts = urlsplit(self.url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        # The address that was judged is the one that is called: a name may mean another a moment later.
        address = judged(host, port)
        link = self._link = socket.create_connection((address, port), timeout=SECONDS)
        try:
            if secure:
                context = ssl.create_default_context()
                link = context.wrap_socket(link, server_hostname=host, do_handshake_on_connect=False)
                self._link = link
            if self._given_up:
                raise TimeoutError
            if isinstance(link, ssl.SSLSocket):
                link.do_handshake()
            call = http.client.HTTPConnection(host, port, timeout=SECONDS)
            call.sock = link
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            call.request(
                "POST", path, body=self.content, headers={"Host": host_header(self.url), **self.headers}
            )
            answer = call.getresponse()
            answer.read(1000)
            return answer.status
        finally:
            link.close()


def host_header(url: str) -> str:
    """The host as the header of a call names it: with its port only where that is not the usual one (RFC 9110, 7.2). Pure."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return named if parts.port in (None, usual) else f"{named}:{parts.port}"


# Addresses of IPv6 that lead to one of IPv4: as they are (RFC 4291), and through NAT64 (RFC 6052).
_LEADING_TO_V4 = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96")))


def _outside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is a public one, also where it stands for another. Pure."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and any(address in each for each in _LEADING_TO_V4):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _outside(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


def judged(host: str, port: int) -> str:
    """The numeric address of a host that may be called. Raises :class:`NotSent` for one inside the house, unless the site
    lets other systems there be told (``YANJI_HOOKS_INSIDE``)."""
    found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not settings.YANJI_HOOKS_INSIDE:
        found = {each for each in found if _outside(ipaddress.ip_address(each.partition("%")[0]))}
    if not found:
        raise NotSent("inside", host)
    return min(found, key=lambda each: (":" in each, each))
