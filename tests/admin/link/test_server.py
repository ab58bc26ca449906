"""The console's one process: TLS only, nobody waits for anybody, nothing is printed."""

import contextlib
import os
import signal
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import pytest
from flask import Flask
from gevent.event import Event
from gevent.socket import create_connection
from gevent.ssl import SSLContext

from admin import certificate, founding
from admin import server as serving
from admin.app import create_app
from admin.console import Console
from admin.errors import ConsoleError
from admin.store import DATABASE
from device.contract.console import frame
from tests.admin.conftest import settings
from tests.admin.link.dialling import Clock, Dialler, Pinned, minute


@pytest.fixture
def line(port: int, office: Console) -> Iterator[Pinned]:
    found = Pinned(port, certificate.fingerprint(office.config))
    yield found
    found.close()


def test_there_is_nothing_without_tls(port: int) -> None:
    with create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            said = plain.recv(100)
        except OSError:
            said = b""
    assert b"HTTP" not in said


def test_older_tls_is_refused(port: int) -> None:
    context = SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with create_connection(("127.0.0.1", port), timeout=5) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain)


def test_a_faults_words_are_never_printed(app: Flask, line: Pinned, capfd: pytest.CaptureFixture[str]) -> None:
    """WEB-13: neither from a page nor from the middle of a stream."""

    def broken() -> Iterator[bytes]:
        yield b"first"
        raise RuntimeError("a secret")

    app.view_functions["link.down"] = broken
    line.request("GET", "/link/down?policy=0")
    answer = line.getresponse()
    assert answer.read(5) == b"first"
    with pytest.raises(Exception, match="IncompleteRead"):
        answer.read()
    told = capfd.readouterr()
    assert "secret" not in told.out + told.err
    assert "RuntimeError" in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "said",
    [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"POST /link/up HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"],
)
def test_what_is_no_request_is_answered_shortly_and_printed_nowhere(
    line: Pinned, said: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    line.connect()
    line.sock.sendall(said)
    assert line.sock.recv(200).startswith(b"HTTP/1.1 400")
    assert capfd.readouterr() == ("", "")


def test_whoever_begins_a_request_and_does_not_go_on_is_let_go(
    line: Pinned, paired: Callable[..., Dialler], office: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are served meanwhile."""
    monkeypatch.setattr(serving, "HEAD_S", 0.2)
    line.connect()
    line.sock.sendall(b"POST /link/up HTTP/1.1\r\nHost: local")
    paired().up(minute(office))
    assert line.sock.recv(100) == b""


def test_a_body_has_to_be_there_as_a_whole_in_time(
    line: Pinned, paired: Callable[..., Dialler], office: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However steadily it drips; and what comes after the answer is no request."""
    monkeypatch.setattr(serving, "BODY_S", 0.3)
    line.connect()
    line.sock.sendall(b"POST /link/pair HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n")

    def drip() -> None:
        with contextlib.suppress(OSError):
            while True:
                line.sock.sendall(b"{")
                gevent.sleep(0.02)

    drips = gevent.spawn(drip)
    paired().up(minute(office))
    told = b""
    with gevent.Timeout(5), contextlib.suppress(OSError):
        while more := line.sock.recv(1000):
            told += more
    drips.kill()
    assert told.startswith(b"HTTP/1.1 400")
    assert told.count(b"HTTP/1.1") == 1


def test_no_address_takes_the_place_of_all_others(
    line: Pinned, port: int, paired: Callable[..., Dialler], office: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is said, TLS included; more for each door, since all of them may stand behind one address."""
    monkeypatch.setattr(serving, "BROWSERS_MOST", 1)
    monkeypatch.setattr(serving, "A_DOOR", 1)
    line.connect()
    with create_connection(("127.0.0.1", port), timeout=5) as plain:
        assert plain.recv(100) == b""
    paired().up(minute(office))
    line.close()
    with gevent.Timeout(5):
        while True:
            with contextlib.suppress(OSError):
                line.connect()  # what was let go makes room
                return
            gevent.sleep(0.01)


def test_while_another_program_writes_whoever_asks_is_told_to_try_again(paired: Callable[..., Dialler], office: Console) -> None:
    """Nobody is held up by it for longer than a moment, and a door tries again by itself."""
    door = paired()
    other = sqlite3.connect(office.folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = frame(minute(office))
    status, _ = door.send("POST", "/link/up", said, door.signed("POST", "/link/up", said))
    waits = office.store.row("PRAGMA busy_timeout")[0]
    other.execute("ROLLBACK")
    other.close()
    assert (status, waits) == (503, serving.LOCKED_MS)
    assert door.up(minute(office)) == 0


def test_a_connection_that_says_nothing_is_let_go(line: Pinned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "IDLE_S", 0.2)
    line.connect()
    assert line.sock.recv(100) == b""


def test_half_a_handshake_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HANDSHAKE_S", 0.2)
    with create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(b"\x16\x03\x01")
        assert plain.recv(100) == b""


def test_two_consoles_cannot_have_one_port(office: Console, app: Flask, port: int) -> None:
    assert office.config.port == port
    with pytest.raises(ConsoleError, match="Is another console running"):
        serving.listening(office, app)


def test_doors_keep_their_pin_when_the_office_has_a_trusted_certificate(
    office: Console, tmp_path: Path, paired: Callable[..., Dialler]
) -> None:
    """A certificate authority renews every few weeks; a door's pin is for good."""
    other = founding.create(tmp_path / "other", **settings())
    trusted, key = certificate.files(other.config)
    office.config = replace(office.config, port=0, name="byleave.example", certificate=trusted, certificate_key=key)
    server = serving.listening(office, create_app(office))

    def shown(name: str | None) -> bytes:
        context = SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(create_connection(("127.0.0.1", server.server_port)), server_hostname=name) as connection:
            found = connection.getpeercert(binary_form=True)
            assert found is not None
            return bytes(found)

    own = ssl.PEM_cert_to_DER_cert(certificate.files(office.config)[0].read_text())
    assert shown("byleave.example") == ssl.PEM_cert_to_DER_cert(trusted.read_text())
    assert shown(None) == own
    assert shown("link.byleave.invalid") == own
    assert paired().fingerprint == certificate.fingerprint(office.config)
    server.stop(timeout=0)
    other.store.close()


def test_the_consoles_own_certificate_is_made_once_and_only_its_user_reads_the_key(office: Console) -> None:
    path, key = certificate.files(office.config)
    before = path.read_bytes()
    assert certificate.files(office.config) == (path, key)
    assert path.read_bytes() == before
    key.unlink()
    with pytest.raises(ConsoleError):
        certificate.files(office.config)
    path.unlink()
    assert certificate.files(office.config)[1].stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() != before


def test_hourly_work_is_done_at_the_start_and_when_the_clock_shows_another_hour(
    office: Console, app: Flask, clockwork: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a told end ends it."""
    monkeypatch.setattr(serving, "TICK_S", 0.02)
    done, ready, told = [], Event(), []

    def hourly() -> None:
        done.append(office.clock.now().hour)
        if len(done) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    def is_ready(port: Any) -> None:
        told.append(port)
        ready.set()
        clockwork.forward(60)
        gevent.spawn_later(0.1, clockwork.forward, 3600)

    before = signal.getsignal(signal.SIGTERM)
    with gevent.Timeout(10):
        serving.serve(office, app, hourly=hourly, ready=is_ready)
    signal.signal(signal.SIGTERM, before)
    assert done == [12, 13]
    assert ready.is_set()
    assert told[0] > 0


def test_an_answer_to_a_door_carries_nothing_that_only_browsers_need(line: Pinned) -> None:
    """A door's minute is counted in bytes."""
    line.request("POST", "/link/up", body=b"")
    answer = line.getresponse()
    assert (answer.status, answer.read()) == (401, b"")
    assert set(answer.headers) == {"Content-Type", "Content-Length", "Date"}
