"""Owns drawing the two networks as ONNX: dlib's arrays in, model bytes out; imported only while the cache is built.

The drawings are exact. What is moved about for speed: input scaling is folded into the first convolution, everything stays
in ONNX Runtime's blocked layout, and channels are filled up to whole blocks. What never happens here: running, writing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from device.eyes.networks import COLOURS
from device.eyes.ports import CHIP_PX, NUMBERS
from device.eyes.pyramid import LEVELS, Level
from device.eyes.weights import Convolution, Floats
from device.eyes.weights import detector as read_detector
from device.eyes.weights import embedder as read_embedder

RANGE = 256.0
"""Divisor of the input. Source: the same."""
BLOCK = 16
"""Channels in a block of ONNX Runtime's fast layout on AVX-512; 8 elsewhere, which divides it."""
OPSET, IR = 17, 8
"""Versions every ONNX Runtime since 1.15 reads."""


def embedder(data: bytes) -> bytes:
    """
    The embedding network: `chip` (1, 150, 150, 3) uint8 RGB → `embedding` (1, 128) float32.

    Raises: SetupError when the bytes are no such network.
    """
    layers, matrix = read_embedder(data)
    sheet = _Sheet()
    sheet.input("chip", TensorProto.UINT8, (1, CHIP_PX, CHIP_PX, 3))
    x = sheet.op("Cast", sheet.op("Transpose", "chip", perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    first = _scaled(layers[0])
    x = sheet.op("MaxPool", sheet.relu(sheet.convolve(x, first)), kernel_shape=[3, 3], strides=[2, 2])
    side = ((CHIP_PX - 7) // 2 + 1 - 3) // 2 + 1
    for one, two in zip(layers[1::2], layers[2::2], strict=True):
        x, side = _block(sheet, x, side, one, two)
    x = sheet.op("Flatten", sheet.op("GlobalAveragePool", x))
    sheet.output(sheet.op("MatMul", x, sheet.constant(matrix)), "embedding", (1, NUMBERS))
    return sheet.bytes()


def detector(data: bytes, levels: tuple[Level, ...] = LEVELS) -> bytes:
    """
    The detector over these levels: `level0`... (1, 3, height, width) float32 RGB → `score0`..., one map a level.

    Raises: SetupError when the bytes are no such network.
    """
    layers = read_detector(data)
    sheet = _Sheet()
    inner = [_filled(layer) for layer in (_scaled(layers[0]), *layers[1:-1])]
    drawn = [(layer, sheet.weights(layer)) for layer in inner]
    rows, shift = _split(layers[-1])
    last = ((rows, sheet.weights(rows)), (shift, sheet.weights(shift)))
    for number, level in enumerate(levels):
        x = f"level{number}"
        sheet.input(x, TensorProto.FLOAT, level.shape)
        for layer, names in drawn:
            x = sheet.relu(sheet.op("Conv", x, *names, strides=[layer.stride] * 2, pads=[layer.padding] * 4))
        half = last[0][0].filters.shape[3] // 2
        x = sheet.op("Conv", x, *last[0][1], pads=[0, half, 0, half])
        x = sheet.op("Conv", x, *last[1][1], pads=[half, 0, half, 0])
        sheet.output(x, f"score{number}", None)
    return sheet.bytes()


def _block(sheet: "_Sheet", x: str, side: int, one: Convolution, two: Convolution) -> tuple[str, int]:
    """Two convolutions beside a skip; where they halve, the smaller of the two is filled with zeros at its end."""
    y = sheet.relu(sheet.convolve(x, one))
    if one.stride == 1:
        return sheet.relu(sheet.op("Add", sheet.convolve(y, two), x)), side
    skip = sheet.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    halved = side // 2
    short = halved - ((side - 3) // 2 + 1)
    channels = one.filters.shape[1]
    parts = []
    # A skip with fewer channels meets only the first part of the block: the same sum without a padding.
    for start in range(0, two.biases.size, channels):
        cut = slice(start, start + channels)
        part = sheet.convolve(y, Convolution(two.filters[cut], two.biases[cut], two.stride, two.padding))
        if short:
            part = sheet.fill_end(part, channels, short)
        parts.append(sheet.relu(sheet.op("Add", part, skip) if start == 0 else part))
    return (sheet.op("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]), halved


def _scaled(layer: Convolution) -> Convolution:
    """The first convolution, taking plain bytes: (v - mean) / 256 is linear, and no zero is padded before it."""
    filters = layer.filters.astype(np.float64) / RANGE
    shift = (filters * np.array(COLOURS).reshape(1, 3, 1, 1)).sum(axis=(1, 2, 3))
    return Convolution(filters.astype(np.float32), (layer.biases - shift).astype(np.float32), layer.stride, layer.padding)


def _filled(layer: Convolution) -> Convolution:
    """The same with channels of zeros up to whole blocks; a colour input stays."""
    out, into, rows, columns = layer.filters.shape
    filters = np.zeros((_blocks(out), into if into == 3 else _blocks(into), rows, columns), np.float32)
    filters[:out, :into] = layer.filters
    biases = np.zeros(_blocks(out), np.float32)
    biases[:out] = layer.biases
    return Convolution(filters, biases, layer.stride, layer.padding)


def _split(layer: Convolution) -> tuple[Convolution, Convolution]:
    """One square filter as two passes, each row's sum and then the rows' sum: six times less work in whole blocks."""
    _, into, side, _ = layer.filters.shape
    across = np.zeros((_blocks(side), _blocks(into), 1, side), np.float32)
    across[:side, :into, 0] = layer.filters[0].transpose(1, 0, 2)
    down = np.zeros((1, _blocks(side), side, 1), np.float32)
    down[0, range(side), range(side), 0] = 1
    return Convolution(across, np.zeros(_blocks(side), np.float32), 1, 0), Convolution(down, layer.biases, 1, 0)


def _blocks(channels: int) -> int:
    return -(-channels // BLOCK) * BLOCK


class _Sheet:
    """A graph while it is drawn."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def input(self, name: str, kind: int, shape: tuple[int, ...]) -> None:
        """Say what comes in."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))

    def output(self, value: str, name: str, shape: tuple[int, ...] | None) -> None:
        """Say what goes out; without a shape it is (1, 1, any, any)."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape or (1, 1, None, None)))

    def op(self, kind: str, *values: str, **settings: Any) -> str:
        """One operation; gives the name of its result."""
        name = f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(values), [name], **settings))
        return name

    def constant(self, values: NDArray[Any]) -> str:
        """A constant's name."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weights(self, layer: Convolution) -> tuple[str, str]:
        """The names of a convolution's filters and biases."""
        return self.constant(layer.filters), self.constant(layer.biases)

    def convolve(self, x: str, layer: Convolution) -> str:
        """A convolution without what follows it."""
        return self.op("Conv", x, *self.weights(layer), strides=[layer.stride] * 2, pads=[layer.padding] * 4)

    def relu(self, x: str) -> str:
        """Nothing below zero."""
        return self.op("Relu", x)

    def fill_end(self, x: str, channels: int, by: int) -> str:
        """Rows and columns of zeros at the end; as a convolution by one, which keeps the blocked layout."""
        one: Floats = np.ones((channels, 1, 1, 1), np.float32)
        return self.op("Conv", x, self.constant(one), group=channels, pads=[0, 0, by, by])

    def bytes(self) -> bytes:
        """The model."""
        graph = helper.make_graph(self._nodes, "byleave", self._inputs, self._outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
        return bytes(model.SerializeToString())
