"""Writes the pages that are made from the code: what crosses, and the licences. `--check` fails where a page is out of date.

Run: .venv/bin/python docs/generate.py [--check]
"""

import re
import sys
from dataclasses import fields
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any, get_args, get_type_hints

from device.contract import bolt, console, office, screen, sight
from device.contract.words import Message, Part

HERE = Path(__file__).parent
ROOT = HERE.parent

WAYS: list[tuple[str, str, tuple[type[Message], ...]]] = [
    ("Door → eyes", "`sight.sock`", sight.TO_EYES),
    ("Eyes → door", "`sight.sock`", sight.TO_DOOR),
    ("Door → front", "`screen.sock`", screen.TO_FRONT),
    ("Front → door", "`screen.sock`", screen.TO_DOOR),
    ("Office → door", "`office.sock`", office.TO_DOOR),
    ("Door → office", "`office.sock`", office.TO_OFFICE),
    ("Door → link → console", "`link.sock`, HTTPS", console.TO_CONSOLE),
    ("Console → link → door", "HTTPS, `link.sock`", console.FROM_CONSOLE),
    ("Door → link, no farther", "`link.sock`", console.TO_LINK[len(console.TO_CONSOLE) :]),
    ("Link → door, from no farther", "`link.sock`", console.FROM_LINK[len(console.FROM_CONSOLE) :]),
    ("Door → the lock's keeper", "`lock.sock`", bolt.TO_KEEPER),
    ("The lock's keeper → door", "`lock.sock`", bolt.FROM_KEEPER),
]

LICENCES = {
    "blinker": "MIT", "click-default-group": "Public domain", "contourpy": "BSD-3-Clause", "cycler": "BSD-3-Clause",
    "dlib-bin": "BSL-1.0", "face-recognition": "MIT", "face-recognition-models": "MIT (code); models below",
    "cffi": "MIT-0", "flask-wtf": "BSD-3-Clause", "python-dateutil": "BSD-3-Clause or Apache-2.0",
    "reportlab": "BSD-3-Clause", "wtforms": "BSD-3-Clause", "shamir-mnemonic": "MIT", "zxcvbn": "MIT", "tzdata": "Apache-2.0",
    "email-validator": "Unlicense", "pyopenssl": "Apache-2.0", "six": "MIT", "gevent": "MIT",
    "flatbuffers": "Apache-2.0", "itsdangerous": "BSD-3-Clause", "jinja2": "BSD-3-Clause", "kiwisolver": "BSD-3-Clause",
    "matplotlib": "PSF-based (matplotlib licence)", "onnxruntime": "MIT",
    "opencv-python-headless": "Apache-2.0; the wheel carries FFmpeg libraries under LGPL-2.1, loaded dynamically",
    "protobuf": "BSD-3-Clause", "scikit-image": "BSD-3-Clause", "scipy": "BSD-3-Clause", "segno": "BSD-3-Clause",
    "sqlite-fts4": "Apache-2.0", "waitress": "ZPL-2.1",
}  # fmt: skip
"""Where a package's metadata gives no SPDX expression, what its licence file says (read by hand)."""


def what_crosses() -> str:
    """Every message that can cross a socket, every field of it, and why it crosses."""
    out = [
        "# What crosses",
        "",
        "Generated from `device/contract/` by `make docs`; a test fails when this page and the code disagree. A message that is",
        "not here cannot be said: decoding is strict. There is no word for a picture, a score or a name; only `sight` has one",
        "for an embedding (`Numbers128`), and only the door hears it.",
    ]
    parts: dict[type[Part], None] = {}
    lists: dict[type[StrEnum], None] = {}
    for way, socket, messages in WAYS:
        out += ["", f"## {way} ({socket})", ""]
        for message in messages:
            out += _table(message)
            for hint in get_type_hints(message).values():
                parts |= dict.fromkeys(_inside(hint, Part))
    out += ["", "## Parts of messages", ""]
    for part in parts:
        out += _table(part)
    for kind in [m for _, _, messages in WAYS for m in messages] + list(parts):
        for hint in get_type_hints(kind).values():
            lists |= dict.fromkeys(_inside(hint, StrEnum))
    out += ["", "## Closed lists", "", "| list | its words |", "|---|---|"]
    out += [f"| {each.__name__} | {', '.join(each)} |" for each in sorted(lists, key=lambda each: each.__name__)]
    return "\n".join(out) + "\n"


def _table(kind: type[Any]) -> list[str]:
    lines = [f"**{kind.__name__}.** {' '.join((kind.__doc__ or '').split())}", ""]
    if fields(kind):
        hints = get_type_hints(kind)
        lines += ["| field | word | why it crosses |", "|---|---|---|"]
        lines += [f"| {f.name} | {_word(hints[f.name])} | {f.metadata['why']} |" for f in fields(kind)]
        lines += [""]
    return lines


def _word(hint: Any) -> str:
    args = [a for a in get_args(hint) if a is not Ellipsis]
    if len(args) == 1:
        return f"list of {_word(args[0])}"
    if args:
        return f"{_word(next(a for a in args if a is not type(None)))}, or nothing"
    return str(hint.__name__)


def _inside(hint: Any, base: type[Any]) -> list[type[Any]]:
    if isinstance(hint, type) and issubclass(hint, base):
        return [hint]
    return [kind for arg in get_args(hint) for kind in _inside(arg, base)]


def licences() -> str:
    """Every package that runs at a door, with its licence, and the models."""
    names = sorted({m[1] for m in re.finditer(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)})
    out = [
        "# Licences",
        "",
        "Byleave is Apache-2.0. Generated by `make docs` from the locked packages (`requirements.lock`); all are",
        "permissive, with one remark at OpenCV. Test tools (`requirements-dev.lock`) are not part of a door.",
        "",
        "| package | licence |",
        "|---|---|",
    ]
    for name in names:
        if name == "dlib":  # asked for by face_recognition, never installed: dlib-bin stands in
            continue
        told = metadata.metadata(name)
        licence = LICENCES.get(name) or told.get("License-Expression") or told.get("License", "")
        if not licence or "\n" in licence:
            sys.exit(f"The licence of {name} is not known: read its licence file and name it in docs/generate.py.")
        out.append(f"| {name} | {licence} |")
    out += [
        "",
        "## Models",
        "",
        "All lie in `face_recognition_models`; the default engine reads them there and writes the two networks as ONNX once.",
        "",
        "| file | used by | terms |",
        "|---|---|---|",
        "| dlib_face_recognition_resnet_model_v1.dat | both engines | by dlib's author, free for any use (CC0) |",
        "| mmod_human_face_detector.dat | both engines | by dlib's author, free for any use (CC0) |",
        "| shape_predictor_5_face_landmarks.dat | both engines | by dlib's author, free for any use (CC0) |",
        "| shape_predictor_68_face_landmarks.dat | `stock` only | trained on iBUG 300-W: **not for commercial use** |",
        "",
        "## Pictures",
        "",
        "The demo's two portraits are in the public domain and come inside packages: Grace Hopper (US Navy; matplotlib's sample",
        "data) and Eileen Collins (NASA; scikit-image's `astronaut`). No picture is part of this project.",
    ]
    return "\n".join(out) + "\n"


PAGES = {"what-crosses.md": what_crosses, "licences.md": licences}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are out of date."""
    stale = []
    for name, page in PAGES.items():
        path = HERE / name
        text = page()
        if "--check" in arguments:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"Out of date: {', '.join(stale)}. `make docs` writes them anew.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
