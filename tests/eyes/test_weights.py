"""dlib's files are read as they are, and nothing else is taken for one."""

import contextlib
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import FaultCode, SetupError
from device.eyes import networks, weights


@pytest.fixture(scope="module")
def embedder() -> bytes:
    return networks.source(networks.EMBEDDER).read_bytes()


@pytest.fixture(scope="module")
def detector() -> bytes:
    return networks.source(networks.DETECTOR).read_bytes()


def test_the_embedder_costs_271_million_multiply_adds(embedder: bytes) -> None:
    """The figure its floor is computed from."""
    layers, matrix = weights.embedder(embedder)
    total, side = matrix.size, 72
    total += layers[0].filters.size * side**2
    side = (side - 3) // 2 + 1
    for one, two in zip(layers[1::2], layers[2::2], strict=True):
        inner = (side + 2 * one.padding - 3) // one.stride + 1
        total += (one.filters.size + two.filters.size) * inner**2
        side = side // one.stride
    assert matrix.shape == (256, 128)
    assert round(total / 1e6) == 271


def test_the_detector_is_seven_convolutions_that_end_in_one_score(detector: bytes) -> None:
    layers = weights.detector(detector)
    assert [layer.biases.size for layer in layers] == [16, 32, 32, 45, 45, 45, 1]
    assert [layer.stride for layer in layers] == [2, 2, 2, 1, 1, 1, 1]
    assert all(np.isfinite(layer.filters).all() and np.isfinite(layer.biases).all() for layer in layers)


@pytest.mark.parametrize("length", [0, 1, 100, 336, 343, 20_000, 12_000_000, 22_300_000])
def test_a_truncated_embedder_is_refused(embedder: bytes, length: int) -> None:
    _refused(weights.embedder, embedder[:length])


@pytest.mark.parametrize("length", [0, 130, 5_000, 500_000, 715_300])
def test_a_truncated_detector_is_refused(detector: bytes, length: int) -> None:
    _refused(weights.detector, detector[:length])


def test_one_network_is_not_taken_for_the_other(embedder: bytes, detector: bytes) -> None:
    _refused(weights.embedder, detector)
    _refused(weights.detector, embedder)


def test_a_value_that_is_no_number_is_refused(detector: bytes) -> None:
    place = detector.index(b"con_4") + 40
    _refused(weights.detector, detector[:place] + b"\xff\xff\xff\x7f" * 2 + detector[place + 8 :])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_rubbish_is_refused_and_nothing_else_happens(rubbish: bytes, tagged: bool) -> None:
    data = b"\x01\x05con_4\x01\x02" + rubbish if tagged else rubbish
    _refused(weights.embedder, data)
    _refused(weights.detector, data)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_byte_between_the_layers_is_refused_or_read(detector: bytes, data: st.DataObject) -> None:
    """Only SetupError may come out, whatever a header says of sizes."""
    heads = [found.start() for found in re.finditer(b"con_4", detector)]
    at = data.draw(st.sampled_from(heads)) + data.draw(st.integers(-6, 16))
    changed = detector[:at] + bytes([data.draw(st.integers(0, 255))]) + detector[at + 1 :]
    with contextlib.suppress(SetupError):
        assert len(weights.detector(changed)) == 7


def _refused(read: object, data: bytes) -> None:
    assert callable(read)
    with pytest.raises(SetupError) as refused:
        read(data)
    assert refused.value.code is FaultCode.MODELS_DAMAGED
