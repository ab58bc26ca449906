"""Owns the console's own certificate, which doors pin and, without a trusted one, browsers are shown: made when first needed.

RSA, because its signatures all have one length. What never happens here: a key that leaves its file; one made a second time.
"""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from admin.config import Config
from admin.errors import ConsoleError

FOLDER: Final = "keys"
CERTIFICATE: Final = "link.crt"
KEY: Final = "link.key"
KEY_BITS: Final = 3072
"""Source: NIST SP 800-57 part 1, 128 bits of strength."""
GOOD_FOR: Final = timedelta(days=20 * 365)
"""A door that pins it must not lose its console to a date."""


def files(config: Config) -> tuple[Path, Path]:
    """
    Where certificate and key lie, both PEM; they are made if they are not there.

    Raises: ConsoleError when one is missing without the other, or the folder cannot be written.
    """
    paths = (config.folder / FOLDER / CERTIFICATE, config.folder / FOLDER / KEY)
    there = [path.exists() for path in paths]
    if any(there) and not all(there):
        raise ConsoleError("The console's own certificate or its key is missing. Restore a backup.")
    if not any(there):
        _make(*paths, (config.name, config.host))
    return paths


def fingerprint(config: Config) -> str:
    """
    What a door pins: SHA-256 of the certificate's DER, 64 hexadecimal digits.

    Raises: ConsoleError when it is damaged.
    """
    path, _ = files(config)
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        raise ConsoleError("The console's own certificate is damaged. Restore a backup.") from None
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _make(path: Path, key_path: Path, names: tuple[str, ...]) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Byleave console")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + GOOD_FOR)
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in dict.fromkeys(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _write(key_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _write(path, certificate.public_bytes(Encoding.PEM))
    except OSError:
        raise ConsoleError("The console's own certificate cannot be written.") from None


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
