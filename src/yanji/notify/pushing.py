"""Notifications of the browser (W3C Push API): which browsers a person lets Yanji notify, and one message on its way there.

A message travels through the push service of the browser's maker, which cannot read it (RFC 8291), and says by a key of this
installation from whom it comes (VAPID, RFC 8292).
"""

import base64
import json
import re
import time
from email.utils import parseaddr
from functools import cache
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from yanji.access.actor import Actor, demand_password
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from .kinds import KINDS, sentence
from .models import Delivery, PushSubscription, Severity
from .sending import NotSent, post

MOST_BROWSERS = 5  # of one person: each may take as long as a call may
KEPT_SECONDS = 4 * 3600  # so long the push service tries to reach a phone that is switched off
GONE = {404, 410}  # RFC 8030, 7.3: the subscription is no more
# Of the makers of browsers: nobody makes this server call anything else by saying that a browser lives there.
SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "web.push.apple.com", "notify.windows.com")
# So long a service that did not answer is asked nothing more: behind a firewall each call would take its whole time.
SILENT_SECONDS = 60
_silent_until: dict[str, float] = {}
_SECRET = 16  # octets of the authentication secret (RFC 8291, 3.2)


def browsers_of(person_id: int) -> list[PushSubscription]:
    """The browsers in which a person is notified, the latest first. One statement."""
    return list(PushSubscription.objects.filter(person_id=person_id).order_by("-since", "pk"))


def notify_here(*, actor: Actor, endpoint: str, p256dh: str, auth: str, browser: str) -> PushSubscription:
    """Let this browser be notified for the actor from now on, and for nobody who was before in it; the oldest of too many is
    told no more. Raises :class:`Refused` for what no browser would say."""
    if actor.supplier_id:
        raise NotFound("notifications")
    if not (
        len(endpoint) <= 1000
        and _is_service(endpoint)
        and _is_point(_bytes(p256dh))
        and len(_bytes(auth)) == _SECRET
    ):
        raise Refused("bad_push_subscription")
    said = {
        "person_id": actor.person_id,
        "p256dh": p256dh,
        "auth": auth,
        "browser": browser[:40],
        "since": timezone.now(),
    }
    made, _new = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=said)
    kept = [each.pk for each in browsers_of(actor.person_id)[:MOST_BROWSERS]]
    PushSubscription.objects.filter(person_id=actor.person_id).exclude(pk__in=kept).delete()
    return made


def notify_no_more(*, actor: Actor, subscription_id: UUID) -> None:
    """Tell one of one's own browsers no more; hidden and absent answer alike."""
    demand_password(actor)
    if not PushSubscription.objects.filter(pk=subscription_id, person_id=actor.person_id).delete()[0]:
        raise NotFound("browser")


def somebody_else_is_here(subscription: str, person_id: int | None) -> None:
    """Whoever was told in this browser has left it, or another signed in: what is one person's is not shown to the next."""
    try:
        kept = PushSubscription.objects.filter(pk=UUID(subscription))
    except ValueError:
        return
    (kept.exclude(person_id=person_id) if person_id else kept).delete()


def public_key() -> str:
    """By what a browser knows this installation, as it wants it (``applicationServerKey``)."""
    return _keys(settings.SECRET_KEY)[2]


def by_push(delivery: Delivery) -> bool:
    """Hand the message in for each browser of the person, in their language; whether any is left. What no browser took raises
    :class:`NotSent`; one that took it is not told again. Nothing about a patient is in it."""
    person_id = delivery.person_id
    assert person_id is not None
    content, urgent = _content(delivery), delivery.notification.severity == Severity.URGENT
    reached, failed = 0, None
    browsers = browsers_of(person_id)
    for browser in browsers:
        try:
            status = _answer_for(browser, content, urgent=urgent)
        except NotSent as error:
            failed = error
            continue
        if status in GONE:
            browser.delete()
        elif 200 <= status < 300:
            reached += 1
        else:
            failed = NotSent("answered", str(status))
    if failed and not reached:
        raise failed
    return reached > 0


def _content(delivery: Delivery) -> bytes:
    found, person = delivery.notification, delivery.person
    assert person is not None
    with translation.override(person.language or settings.LANGUAGE_CODE):
        at = f"{found.place.name}: " if found.place else ""
        said: dict[str, Any] = {
            "title": f"{gettext('Yanji')}: {KINDS[found.kind].title}",
            "body": f"{at}{sentence(found.kind, found.count, found.facts)}",
            # The same matter again takes the place of what still stands there.
            "tag": f"yanji-{found.pk}",
        }
    return json.dumps(said, ensure_ascii=False).encode()


def _answer_for(browser: PushSubscription, content: bytes, *, urgent: bool) -> int:
    """What the push service answers. Raises :class:`NotSent` where it is silent, or was a moment ago."""
    host = urlsplit(browser.endpoint).netloc
    if time.monotonic() < _silent_until.get(host, 0):
        raise NotSent("no_answer", host)
    try:
        return _handed_in(browser, content, urgent=urgent)
    except (OSError, HTTPException, NotSent) as error:
        _silent_until[host] = time.monotonic() + SILENT_SECONDS
        said = str(error) or type(error).__name__
        raise error if isinstance(error, NotSent) else NotSent("no_answer", said) from error


def _handed_in(browser: PushSubscription, content: bytes, *, urgent: bool) -> int:
    """What the push service answers (RFC 8030)."""
    from webpush import WebPush, WebPushSubscription  # Heavy, and only the sender needs it.

    private, public, _said = _keys(settings.SECRET_KEY)
    maker = WebPush(private, public, subscriber=parseaddr(settings.DEFAULT_FROM_EMAIL)[1], ttl=KEPT_SECONDS)
    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    target = WebPushSubscription.model_validate({"endpoint": browser.endpoint, "keys": keys})
    message = maker.get(content, target)
    headers = {
        **message.headers,
        "Content-Type": "application/octet-stream",
        "Urgency": "high" if urgent else "normal",
    }
    return post(browser.endpoint, message.encrypted, headers)


@cache
def _keys(secret: str) -> tuple[bytes, bytes, str]:
    """The installation's key for VAPID: private and public as PEM, and public as browsers want it. It follows from the secret
    key, so there is nothing more to keep or to lose: 384 bits, brought into the range of the order (FIPS 186-5, A.2.1)."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
    from webpush.vapid import VAPID

    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    bits = HKDF(hashes.SHA256(), length=48, salt=None, info=b"yanji web push").derive(secret.encode())
    private = ec.derive_private_key(int.from_bytes(bits) % (order - 1) + 1, ec.SECP256R1())
    public = private.public_key()
    pem = serialization.Encoding.PEM
    return (
        private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        public.public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo),
        VAPID.get_application_server_key(public),
    )


def _is_service(endpoint: str) -> bool:
    """Whether it is an address of one of :data:`SERVICES`. Pure."""
    try:
        parts = urlsplit(endpoint)
        usual = parts.scheme == "https" and parts.port in (None, 443) and not parts.username
    except ValueError:
        return False
    host = parts.hostname or ""
    named = any(host == each or host.endswith(f".{each}") for each in SERVICES)
    return usual and named and bool(re.fullmatch(r"[!-~]+", endpoint))


def _is_point(octets: bytes) -> bool:
    """Whether they are a point of P-256, uncompressed (RFC 8291, 3.2)."""
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets)
    except ValueError:
        return False
    return octets[:1] == b"\x04"


def _bytes(text: str) -> bytes:
    """Of base64url without its end (RFC 4648, 5); nothing for what is none."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", text):
        return b""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
