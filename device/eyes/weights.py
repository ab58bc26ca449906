"""Owns reading dlib's serialised networks: bytes in, arrays out, and nothing is trusted on the way.

A file holds its layers from the input to the output, each introduced by a tag; between a tag and the next lies bookkeeping
of training, which is passed over. What never happens here: running a network, writing a file, naming a place on disk.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.errors import FaultCode, SetupError

Floats = NDArray[np.float32]

TENSOR_VERSION = 2
BETWEEN_MOST = 1_000
"""Most bytes of bookkeeping between two layers; the longest in the two files is under 400."""
SIDE_MOST = 9
"""Longest side, stride or padding of a filter. Source: the last layer of the detector."""
EPSILON = 1e-4
"""Added to running variances. Source: dlib's DEFAULT_BATCH_NORM_EPS, as the records themselves say."""

EMBEDDER_CONVOLUTIONS = 29
DETECTOR_CONVOLUTIONS = 7


@dataclass(frozen=True, slots=True)
class Convolution:
    """Filters (out, in, rows, columns) and biases (out,), the scaling after them folded in."""

    filters: Floats
    biases: Floats
    stride: int
    padding: int


def embedder(data: bytes) -> tuple[tuple[Convolution, ...], Floats]:
    """
    The convolutions of the embedding network, input first, and its last matrix.

    Shapes: 29 convolutions, of which the first is alone and the rest are pairs; matrix (256, 128).
    Raises: SetupError when the bytes are not such a network.
    """
    file = _File(data)
    layers = _chain(tuple(file.convolution(_affine) for _ in range(EMBEDDER_CONVOLUTIONS)))
    file.seek(b"fc_2")
    outputs, inputs = file.integer(), file.integer()
    matrix = file.tensor()
    if (inputs, outputs) != (256, 128) or matrix.size != inputs * outputs or layers[-1].biases.size != inputs:
        raise _damaged()
    return layers, matrix.reshape(inputs, outputs)


def detector(data: bytes) -> tuple[Convolution, ...]:
    """
    The convolutions of the face detector, input first; the last has one filter, whose output is the score.

    Raises: SetupError when the bytes are not such a network.
    """
    file = _File(data)
    scaled = tuple(file.convolution(_normal) for _ in range(DETECTOR_CONVOLUTIONS - 1))
    layers = _chain((*scaled, file.convolution(None)))
    if layers[-1].biases.size != 1:
        raise _damaged()
    return layers


class _File:
    """A place in the bytes, and the four things that can be read there."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def integer(self) -> int:
        """A control byte (count, sign), then that many little-endian bytes."""
        control = self._take(1)[0]
        count = control & 0x7F
        if not 1 <= count <= 8:
            raise _damaged()
        value = int.from_bytes(self._take(count), "little")
        return -value if control & 0x80 else value

    def seek(self, tag: bytes) -> None:
        """Go to just after this tag, which must come soon."""
        mark = bytes([1, len(tag)]) + tag
        found = self._data.find(mark, self._at, self._at + BETWEEN_MOST)
        if found < 0:
            raise _damaged()
        self._at = found + len(mark)

    def tensor(self) -> Floats:
        """A tensor's values, flat."""
        if self.integer() != TENSOR_VERSION:
            raise _damaged()
        sizes = [self.integer() for _ in range(4)]
        count = sizes[0] * sizes[1] * sizes[2] * sizes[3]
        if min(sizes) < 1:
            raise _damaged()
        values = np.frombuffer(self._take(4 * count), "<f4").astype(np.float32)
        if not np.isfinite(values).all():
            raise _damaged()
        return values

    def convolution(self, scaling: "_Scaling | None") -> Convolution:
        """The next convolution, with the layer that scales its output."""
        self.seek(b"con_4")
        values = self.tensor()
        out, rows, columns, stride, stride_x, padding, padding_x = (self.integer() for _ in range(7))
        sides = (rows, columns, stride, stride_x)
        if min(sides) < 1 or max(sides) > SIDE_MOST or not 0 <= padding == padding_x <= SIDE_MOST or stride != stride_x:
            raise _damaged()
        if out < 1 or values.size <= out or (values.size - out) % (out * rows * columns):
            raise _damaged()
        filters, biases = values[:-out].reshape(out, -1, rows, columns), values[-out:]
        if scaling is not None:
            factor, shift = scaling(self, out)
            filters = filters * factor[:, None, None, None]
            biases = biases * factor + shift
        return Convolution(filters.astype(np.float32), biases.astype(np.float32), stride, padding)

    def pair(self, size: int) -> tuple[Floats, Floats]:
        """One tensor that holds two halves of this size."""
        values = self.tensor()
        if values.size != 2 * size:
            raise _damaged()
        return values[:size], values[size:]

    def skip_integers(self, count: int) -> None:
        """Pass over integers that are of no use here."""
        for _ in range(count):
            self.integer()

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise _damaged()
        self._at += count
        return taken


_Scaling = Callable[[_File, int], tuple[Floats, Floats]]


def _affine(file: _File, size: int) -> tuple[Floats, Floats]:
    """Factor and shift of a scaling layer in its form for use."""
    file.seek(b"affine_")
    return file.pair(size)


def _normal(file: _File, size: int) -> tuple[Floats, Floats]:
    """Factor and shift of a scaling layer in its form for training, from its running means and variances."""
    file.seek(b"bn_con2")
    gammas, betas = file.pair(size)
    file.skip_integers(10)
    _, _, means, variances = (file.tensor() for _ in range(4))
    if means.size != size or variances.size != size or (variances < 0).any():
        raise _damaged()
    factor = gammas / np.sqrt(variances + EPSILON)
    return factor, betas - means * factor


def _chain(layers: tuple[Convolution, ...]) -> tuple[Convolution, ...]:
    """These layers, if each takes what the one before gives, and the first takes three colours."""
    gives = 3
    for layer in layers:
        if layer.filters.shape[1] != gives:
            raise _damaged()
        gives = layer.filters.shape[0]
    return layers


def _damaged() -> SetupError:
    return SetupError("A model file is damaged. Install face_recognition_models again.", FaultCode.MODELS_DAMAGED)
