"""Whatever else a console may answer to one request, other than what is true."""

import os

from device.contract import console
from tests.front.link.office import Asked, ended


def hang_up(asked: Asked) -> bool:
    asked.connection.close()
    return True


def garbage(asked: Asked) -> bool:
    asked.wfile.write(os.urandom(4000))
    return True


def no_http(asked: Asked) -> bool:
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    return True


def wrong_frames(asked: Asked) -> bool:
    asked.tell(200, b"\x00\x00\x05-hello")
    return True


def half_a_frame(asked: Asked) -> bool:
    asked.tell(200, console.frame(console.Stored(number=1))[:-3])
    return True


def a_command_as_an_answer(asked: Asked) -> bool:
    asked.tell(200, console.frame(ended(1)))
    return True


def far_too_much(asked: Asked) -> bool:
    asked.send_response(200)
    asked.send_header("Content-Length", str(10**9))
    asked.end_headers()
    for _ in range(50):
        asked.wfile.write(b"x" * 100_000)
    return True


def elsewhere(asked: Asked) -> bool:
    asked.send_response(302)
    asked.send_header("Location", "http://127.0.0.1:1/")
    asked.send_header("Content-Length", "0")
    asked.end_headers()
    return True


def nested(asked: Asked) -> bool:
    body = b"[" * 50_000
    asked.tell(200, len(body).to_bytes(3, "big") + b"-" + body)
    return True


def refuses(asked: Asked) -> bool:
    asked.tell(400)
    return True


LIES = [
    hang_up,
    garbage,
    no_http,
    wrong_frames,
    half_a_frame,
    a_command_as_an_answer,
    far_too_much,
    elsewhere,
    nested,
    refuses,
]
