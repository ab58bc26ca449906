"""Owns HTTPS to the console: one pinned certificate, signed requests, answers of bounded size.

Whatever the console answers ends in what was asked for or in a `WireError`. What never happens here: a redirect, a
cookie, a proxy, trust in any certificate but the one; a value in a log.
"""

import contextlib
import json
import ssl
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, Final

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from device.contract import console
from device.contract.words import Message
from device.errors import WireError
from device.front.link.identity import Identity, Numbers
from device.front.link.place import Known, Place

CONNECT_S: Final = 10.0
ANSWER_S: Final = 40.0
"""An answer may take the 25 s for which the console holds a question back."""
SILENT_S: Final = 100.0
"""A stream is never silent for longer than 70 s; after this the console is away."""
ANSWER_MOST: Final = 4096
CHUNK: Final = 16_384
OK: Final = 200
RETIRED: Final = 410

_BROKEN: Final = (HTTPError, HTTPException, OSError, ValueError, AttributeError)
"""All that a connection may end with, also while another thread closes it."""


class RefusedError(WireError):
    """The console answered, with a number that is no yes."""

    def __init__(self, status: int) -> None:
        super().__init__("The console refused a request.")
        self.status = status


class Dial:
    """One connection to one console, made when it is needed and kept while it holds."""

    def __init__(self, place: Place) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        # The fingerprint is the trust: urllib3 compares it before a byte of ours is sent.
        context.verify_mode = ssl.CERT_NONE
        self._pool = urllib3.HTTPSConnectionPool(
            place.host,
            place.port,
            maxsize=1,
            block=True,
            ssl_context=context,
            assert_hostname=False,
            assert_fingerprint=place.fingerprint,
            # Asked for by this name, a console shows the certificate that doors pin, whatever browsers are shown.
            server_hostname="link.byleave.invalid",
        )

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """
        The answer's body.

        Raises: RefusedError for any status but 200; WireError when no whole answer came, or one too long.
        """
        with self.open(method, path, body, headers, ANSWER_S) as answer:
            try:
                told = answer.read(ANSWER_MOST + 1, decode_content=False)
            except _BROKEN:
                raise _away() from None
            if len(told) > ANSWER_MOST:
                raise _away()
            return told

    @contextlib.contextmanager
    def open(self, method: str, path: str, body: bytes, headers: dict[str, str], silent_s: float) -> Iterator[BaseHTTPResponse]:
        """
        An answer, still to be read; the connection is kept only if it was read to its end.

        Raises: RefusedError for any status but 200; WireError when none came.
        """
        try:
            answer = self._pool.urlopen(
                method,
                path,
                body=body or None,
                headers={"User-Agent": "byleave", "Content-Type": "application/octet-stream", **headers},
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_S, read=silent_s),
            )
        except _BROKEN:
            raise _away() from None
        try:
            _accept(answer)
            yield answer
        except BaseException:
            answer.close()
            raise
        finally:
            answer.release_conn()

    def end(self) -> None:
        """Hang up."""
        self._pool.close()


class Lane:
    """Signed requests of one direction; each has a number above all before it."""

    def __init__(self, known: Known, identity: Identity, numbers: Numbers) -> None:
        self._dial = Dial(known.place)
        self._door = known.door
        self._identity = identity
        self._numbers = numbers
        self._stream: BaseHTTPResponse | None = None

    def up(self, messages: list[Message]) -> list[console.Stored]:
        """
        Tell the console these; what it has stored.

        Raises: WireError when it is away, refuses, or answers what the contract does not know.
        """
        body, path = console.many(messages), "/link/up"
        told = self._dial.ask("POST", path, body, self._headers("POST", path, body))
        stored, rest = console.frames(told, (console.Stored,))
        if rest:
            raise _away()
        return [one for one in stored if isinstance(one, console.Stored)]

    @contextlib.contextmanager
    def down(self, policy: int) -> Iterator[Iterator[Message]]:
        """
        A stream of what the console says, as it says it.

        Raises: WireError when it is away, hangs up, refuses, or says what the contract does not know.
        """
        path = f"/link/down?policy={policy}"
        with self._dial.open("GET", path, b"", self._headers("GET", path, b""), SILENT_S) as answer:
            self._stream = answer
            try:
                yield _told(answer)
            finally:
                self._stream = None

    def hang_up(self) -> None:
        """End a stream that another thread is reading; harmless without one."""
        stream = self._stream
        if stream is not None:
            with contextlib.suppress(*_BROKEN, RuntimeError):
                stream.shutdown()

    def _headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        number = self._numbers.next()
        signature = self._identity.sign(console.request(method, path, self._door, number, body))
        return {
            "Byleave-Door": self._door.hex,
            # Always as long, so that no size tells how often something was tried.
            "Byleave-Number": f"{number:016d}",
            "Byleave-Signature": b64encode(signature).decode(),
        }


def _accept(answer: BaseHTTPResponse) -> None:
    if answer.status != OK:
        raise RefusedError(answer.status)


def _told(answer: BaseHTTPResponse) -> Iterator[Message]:
    rest = b""
    try:
        for chunk in answer.stream(CHUNK, decode_content=False):
            messages, rest = console.frames(rest + chunk, console.FROM_CONSOLE)
            yield from messages
    except _BROKEN:
        raise _away() from None
    if rest:
        raise _away()


def ask_json(dial: Dial, path: str, **told: str | bool) -> dict[str, Any]:
    """
    The answer to a question before pairing, which no signature proves.

    Raises: RefusedError; WireError when no answer came, or none in JSON.
    """
    headers = {"Content-Type": "application/json"}
    try:
        answer = json.loads(dial.ask("POST", path, json.dumps(told).encode(), headers))
    except (ValueError, RecursionError):
        raise _away() from None
    if not isinstance(answer, dict):
        raise _away()
    return answer


def _away() -> WireError:
    return WireError("The console does not answer.")
