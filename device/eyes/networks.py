"""Owns the model cache: where the source files lie, which bytes they must be, building, and checking before use.

Built by the supervisor, only read by eyes. What never happens here: a download, importing `face_recognition_models`,
looking at the 68-point file.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from device.errors import FaultCode, SetupError

DRAWN_BY = ("graphs.py", "pyramid.py", "weights.py")
"""Files of this folder that decide what the cache holds; when one changes, the cache is built again."""
MANIFEST = "manifest.json"
COLOURS = (122.782, 117.001, 104.298)
"""Mean red, green and blue. Source: dlib, dnn/input.h, input_rgb_image."""
EMBED, DETECT = "embed.onnx", "detect.onnx"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of `face_recognition_models`, and the SHA-256 it must have."""

    file: str
    sha256: str


EMBEDDER = Source("dlib_face_recognition_resnet_model_v1.dat", "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30")
DETECTOR = Source("mmod_human_face_detector.dat", "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6")
LANDMARKS = Source("shape_predictor_5_face_landmarks.dat", "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888")
MODEL = bytes.fromhex(EMBEDDER.sha256)
"""The id of the embedding network, the same for both engines, whose templates are interchangeable."""


def locate(file: str) -> Path:
    """
    A file of `face_recognition_models`, without importing that package.

    Raises: SetupError when it is not installed.
    """
    spec = find_spec("face_recognition_models")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / "models" / file
        if path.is_file():
            return path
    raise SetupError("The package face_recognition_models is not installed. `make setup` installs it.")


def source(which: Source) -> Path:
    """
    A source file whose bytes are the expected ones.

    Raises: SetupError when it is missing or other than expected.
    """
    path = locate(which.file)
    if _digest(path) != which.sha256:
        raise SetupError(
            f"The model file {which.file} is not the expected one. Install face_recognition_models again.",
            FaultCode.MODELS_DAMAGED,
        )
    return path


def check(folder: Path) -> Mapping[str, Path]:
    """
    The cached networks by name, `EMBED` and `DETECT`, each with the bytes that were built.

    Raises: SetupError (MODELS_DAMAGED) when anything is missing, changed, or was built from something else.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        whole = manifest == _manifest(folder)
    except (OSError, ValueError):
        whole = False
    if not whole:
        raise SetupError(
            "The model cache is missing or damaged. Starting the door with `byleave` builds it again.", FaultCode.MODELS_DAMAGED
        )
    return {name: folder / name for name in (EMBED, DETECT)}


def build(folder: Path) -> bool:
    """
    Make sure that the cache is whole: True when it was built now, False when it was there.

    Raises: SetupError when a source is missing or damaged, or the folder cannot be written.
    """
    with contextlib.suppress(SetupError):
        check(folder)
        return False
    from device.eyes import graphs  # noqa: PLC0415  # onnx costs 0.4 s and 30 MB, and is needed once

    drawn = {
        EMBED: graphs.embedder(source(EMBEDDER).read_bytes()),
        DETECT: graphs.detector(source(DETECTOR).read_bytes()),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, model in drawn.items():
            _write(folder / name, model)
        _write(folder / MANIFEST, json.dumps(_manifest(folder), indent=1).encode())
    except OSError:
        raise SetupError("The folder for the model cache cannot be written. Check its owner and the space left.") from None
    return True


def _manifest(folder: Path) -> dict[str, object]:
    return {
        "drawn_by": {name: _digest(Path(__file__).with_name(name)) for name in DRAWN_BY},
        "sources": {s.file: s.sha256 for s in (EMBEDDER, DETECTOR)},
        "files": {name: _digest(folder / name) for name in (EMBED, DETECT)},
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all, also when the power fails."""
    new = path.with_name(f"{path.name}.new-{os.getpid()}")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
