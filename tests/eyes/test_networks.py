"""The model cache is built once, built again when it is not whole, and never used damaged."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from device.errors import FaultCode, SetupError
from device.eyes import networks
from device.eyes.onnx_reader import OnnxReader

FILES = (networks.EMBED, networks.DETECT, networks.MANIFEST)


@pytest.fixture
def cache(models: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(models, tmp_path / "models"))


def test_a_whole_cache_is_left_as_it_is(cache: Path) -> None:
    before = {name: (cache / name).stat().st_mtime_ns for name in FILES}
    assert networks.build(cache) is False
    assert {name: (cache / name).stat().st_mtime_ns for name in FILES} == before


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["gone", "empty", "cut", "changed"])
def test_a_damaged_cache_is_refused_by_eyes(cache: Path, name: str, harm: str) -> None:
    _harm(cache / name, harm)
    with pytest.raises(SetupError) as refused:
        OnnxReader(cache)
    assert refused.value.code is FaultCode.MODELS_DAMAGED
    assert str(cache) not in refused.value.sentence


def test_a_damaged_cache_is_rebuilt(models: Path, cache: Path) -> None:
    _harm(cache / networks.EMBED, "changed")
    assert networks.build(cache) is True
    assert all((cache / name).read_bytes() == (models / name).read_bytes() for name in FILES)
    assert sorted(path.name for path in cache.iterdir()) == sorted(FILES)


def test_a_cache_drawn_by_other_code_is_rebuilt(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "DRAWN_BY", ("graphs.py",))
    with pytest.raises(SetupError):
        networks.check(cache)
    assert networks.build(cache) is True


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SetupError, match="cannot be written"):
        networks.build(tmp_path / "file" / "models")


def test_a_source_that_is_not_the_expected_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache is only ever built from pinned bytes."""
    locate = networks.locate
    content = bytearray(locate(networks.EMBEDDER.file).read_bytes())
    content[1_000] ^= 1
    other = tmp_path / networks.EMBEDDER.file
    other.write_bytes(content)
    monkeypatch.setattr(networks, "locate", lambda file: other if file == networks.EMBEDDER.file else locate(file))
    with pytest.raises(SetupError) as refused:
        networks.build(tmp_path / "models")
    assert refused.value.code is FaultCode.MODELS_DAMAGED
    assert not (tmp_path / "models").exists()


def test_both_engines_name_the_same_model() -> None:
    """Templates of either engine are interchangeable (DEL-13)."""
    from device.eyes.stock_reader import StockReader  # noqa: PLC0415  # loads the stock library

    assert OnnxReader.model == StockReader.model == bytes.fromhex(networks.EMBEDDER.sha256)


APART = """
import sys
opened = []
sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == "open" else None)
from pathlib import Path
import numpy as np
from device.eyes.onnx_reader import OnnxReader
reader = OnnxReader(Path(sys.argv[1]))
reader.find(np.zeros((480, 640, 3), np.uint8))
assert not [m for m in sys.modules if m.split(".")[0] in {"face_recognition", "face_recognition_models", "onnx", "pkg_resources"}]
assert not [path for path in opened if "68_face_landmarks" in path]
assert "68_face_landmarks" not in Path("/proc/self/maps").read_text()
sees = [path for path in opened if path.endswith("5_face_landmarks.dat")]
assert sees, "the hook saw nothing, so it proves nothing"
print("apart")
"""


def test_the_default_engine_never_loads_the_68_point_model(models: Path) -> None:
    """Its licence excludes commercial use; neither it nor its package is touched."""
    root = Path(networks.__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", APART, str(models)], cwd=root, capture_output=True, text=True, check=False
    )
    assert said.stdout == "apart\n", said.stderr


def _harm(path: Path, harm: str) -> None:
    content = path.read_bytes()
    middle = len(content) // 2
    if harm == "gone":
        path.unlink()
    else:
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"empty": b"", "cut": content[:middle], "changed": changed}[harm])
