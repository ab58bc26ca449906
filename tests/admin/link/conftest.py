"""A console that listens on a port of its own, over TLS, and doors that are paired with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from admin import certificate, custodians
from admin import server as serving
from admin.app import create_app
from admin.console import Console
from tests.admin.link.dialling import Dialler


@pytest.fixture(scope="session")
def made_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate for all tests; a key of this length takes its time."""
    return tmp_path_factory.mktemp("certificate")


@pytest.fixture
def office(console: Console, made_certificate: Path) -> Console:
    """The console, with custodians and a port of its own."""
    console.config = replace(console.config, port=0)
    for name in (certificate.CERTIFICATE, certificate.KEY):
        if (made_certificate / name).exists():
            (console.config.folder / certificate.FOLDER / name).write_bytes((made_certificate / name).read_bytes())
    for path in certificate.files(console.config):
        (made_certificate / path.name).write_bytes(path.read_bytes())
    custodians.create(console)
    return console


@pytest.fixture
def app(office: Console) -> Flask:
    return create_app(office)


@pytest.fixture
def port(office: Console, app: Flask) -> Iterator[int]:
    """Where it listens."""
    server = serving.listening(office, app)
    office.config = replace(office.config, port=server.server_port)
    yield server.server_port
    server.stop(timeout=0)


@pytest.fixture
def paired(office: Console, port: int) -> Iterator[Callable[..., Dialler]]:
    """A door that has been paired before, and its link."""
    dialled: list[Dialler] = []

    def paired(name: str = "Front door", group: int = 1, slot: int = 0) -> Dialler:
        dialler = Dialler(port, certificate.fingerprint(office.config), uuid4())
        device = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        pinned = custodians.in_force(office)
        assert pinned is not None
        office.store.run(
            """INSERT INTO doors (id, name, door_group, slot, device, link, paired_at, custodians)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                dialler.door.bytes,
                name,
                group,
                slot,
                device,
                dialler.key.public_key().public_bytes_raw(),
                int(office.clock.now().timestamp()),
                pinned.incident,
            ),
        )
        dialled.append(dialler)
        return dialler

    yield paired
    for dialler in dialled:
        dialler.close()
