"""Certificates of a test's own: an authority, and what it signs for an address."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """``file``: what whoever trusts it is given. ``signed``: the files of a reader, its certificate with its key in one."""

    file: Path
    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    def signed(self, address: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(_name("reader"), self.name, key, self.key, address=address)
        file = self.file.with_name(f"{address}.pem")
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(certificate.public_bytes(Encoding.PEM) + plain)
        return file


def authority(folder: Path, name: str = "authority") -> Authority:
    folder.mkdir(exist_ok=True)
    key, file = ec.generate_private_key(ec.SECP256R1()), folder / f"{name}.ca"
    certificate = _certificate(_name(name), _name(name), key, key)
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    return Authority(file, _name(name), key)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    of: x509.Name, by: x509.Name, key: ec.EllipticCurvePrivateKey, signs: ec.EllipticCurvePrivateKey, address: str = ""
) -> x509.Certificate:  # fmt: skip
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(of)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=not address, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()), critical=False)
    )
    if address:
        known = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        made = made.add_extension(known, critical=False)
    return made.sign(signs, hashes.SHA256())


def serving(file: Path) -> ssl.SSLContext:
    """How a reader with this certificate answers."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context
