"""The other end of a push message: a browser's keys, and how it reads what only it can read (RFC 8291, RFC 8188)."""

import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _derived(length: int, salt: bytes, info: bytes, secret: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@dataclass(frozen=True)
class Browser:
    """One that was subscribed at ``endpoint``."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def said(self) -> dict[str, str]:
        """What it says when its person lets it be notified."""
        p256dh = text(_point(self.private.public_key()))
        return {
            "endpoint": self.endpoint,
            "p256dh": p256dh,
            "auth": text(self.secret),
            "browser": "Chrome · Linux",
        }

    def reads(self, content: bytes) -> Any:
        """The message. Raises InvalidTag where it is for another browser."""
        salt, length, sealed = content[:16], content[20], content[21:]
        theirs, sealed = sealed[:length], sealed[length:]
        shared = self.private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        )
        info = b"WebPush: info\0" + _point(self.private.public_key()) + theirs
        secret = _derived(32, self.secret, info, shared)
        key = _derived(16, salt, b"Content-Encoding: aes128gcm\0", secret)
        nonce = _derived(12, salt, b"Content-Encoding: nonce\0", secret)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\2")  # the delimiter of the last record
        return json.loads(plain[:-1])
