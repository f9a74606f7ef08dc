"""OpenVINO models whose convolutions and matrix products compute in eight-bit integers, several times as fast.

What comes into a layer is rounded to 256 steps of one range, its weights to 255 steps of one range for each output
channel (Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
CVPR 2018). Ranges of what comes in are observed while pictures are painted.

Attention of a picture to itself, whose cost grows with the square of the picture, computes in integers too. Its weights
are 1 / N on average, N keys given: in steps of 1 / 255 most would vanish. So their range ends at a few times that, and
columns of ones beside the values tell how much of the weights is left, by which the result is divided.

1×1 convolutions stay as they are: they take little time, and what comes into those of the small network has the
deviations of the style in its channels, which one range for all of them fits badly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    import numpy.typing as npt

Ranges = dict[str, tuple[float, float]]
"""Least and largest value that comes into each layer, by its name; into an attention, by its name and a part's."""
PARTS = ("query", "key", "value")
PEAK = 32.0
"""Where the range of attention weights ends, in means of them: larger ones count as that."""
COLUMNS = 8
"""Columns of ones, of which one would do: a width that is no multiple of 8 makes the product slow."""


def observe(
    model: ov.Model,
    compile_model: Callable[[ov.Model], ov.CompiledModel],
    samples: Iterable[list[npt.NDArray[Any]]],
    delicate: Collection[str] = (),
) -> Ranges:
    """Ranges of what comes into the layers of a model while it computes `samples`, each a list of its inputs.

    Layers with one of `delicate` in their names, such as ".stem.", are left out; any sign may end a name's part.
    """
    watched = model.clone()
    named = {node: node.get_friendly_name().replace("/", ".") for node in _layers(watched)}
    layers = [node for node, name in named.items() if not any(part in name for part in delicate)]
    wanted = {layer.get_friendly_name(): layer.input(0).get_source_output() for layer in layers}
    for attention in _attentions(watched):
        if attention.input(0).get_shape()[2] == attention.input(1).get_shape()[2]:
            wanted |= _coming(attention)
    first = len(watched.outputs)
    sources = list(set(wanted.values()))  # what several layers read counts once
    watched.add_outputs(sources)
    request = compile_model(watched).create_infer_request()
    seen: list[list[tuple[float, float]]] = []
    for sample in samples:
        request.infer(sample)
        values = [request.get_output_tensor(first + i).data for i in range(len(sources))]
        seen.append([(float(v.min()), float(v.max())) for v in values])
    lowest, highest = np.moveaxis(np.array(seen), 2, 0)
    ranges = {source: (float(lowest[:, i].min()), float(highest[:, i].max())) for i, source in enumerate(sources)}
    return {name: ranges[source] for name, source in wanted.items()}


def quantise(model: ov.Model, ranges: Ranges) -> ov.Model:
    """The model with its layers in integers; those that have no range stay as they are."""
    model = model.clone()
    for layer in _layers(model):
        if (found := ranges.get(layer.get_friendly_name())) is not None:
            coming, weights = (layer.input(i).get_source_output() for i in (0, 1))
            layer.input(0).replace_source_output(_rounded(coming, *found))
            layer.input(1).replace_source_output(_rounded_weights(weights, layer))
    for attention in _attentions(model):
        parts = _coming(attention)
        if parts.keys() <= ranges.keys():
            attention.output(0).replace(_attended(*parts.values(), *(ranges[name] for name in parts)))
    model.validate_nodes_and_infer_types()
    return model


def _attentions(model: ov.Model) -> list[ov.Node]:
    """Attentions of everything to everything, without a bias, in their order."""
    nodes = (node for node in model.get_ordered_ops() if node.get_type_name() == "ScaledDotProductAttention")
    return [node for node in nodes if len(node.inputs()) == len(PARTS) and not node.get_attributes()["causal"]]


def _coming(attention: ov.Node) -> dict[str, ov.Output]:
    """What comes into an attention, each (B, heads, N, d), by the names that its ranges have."""
    name = attention.get_friendly_name()
    return {f"{name}/{part}": attention.input(i).get_source_output() for i, part in enumerate(PARTS)}


def _attended(  # noqa: PLR0917  (three tensors, and of each its range)
    query: ov.Output,
    key: ov.Output,
    value: ov.Output,
    of_query: tuple[float, float],
    of_key: tuple[float, float],
    of_value: tuple[float, float],
) -> ov.Output:
    """Attention in integers: queries (B, heads, N, d), keys and values (B, heads, M, d) → (B, heads, N, d)."""
    width = query.get_partial_shape()[3].get_length()
    logits = ops.matmul(_rounded(query, *of_query), _rounded(key, *of_key), transpose_a=False, transpose_b=True)
    weights = ops.softmax(ops.multiply(logits, np.float32(width**-0.5)), -1)
    # The number of keys is known when the model is compiled for a size.
    count = ops.convert(ops.gather(ops.shape_of(key), np.int64(2), np.int64(0)), "f32")
    ends = np.float32(0), ops.minimum(ops.divide(np.float32(PEAK), count), np.float32(1))
    rounded = ops.fake_quantize(weights, *ends, *ends, levels=256)
    largest = max(-of_value[0], of_value[1], 1e-6)
    one = np.float32(_ends(-largest, largest)[1])  # is none of the values, but one of the steps
    column = ops.add(ops.multiply(ops.slice(value, [0], [1], [1], [3]), np.float32(0)), one)
    beside = _rounded(ops.concat([value, *COLUMNS * [column]], 3).output(0), -largest, largest)
    both = ops.matmul(rounded, beside, transpose_a=False, transpose_b=False)
    sums, left = (ops.slice(both, [first], [last], [1], [3]) for first, last in ((0, width), (width, width + 1)))
    attended: ov.Output = ops.divide(ops.multiply(sums, one), ops.maximum(left, np.float32(1e-6))).output(0)
    return attended


def _layers(model: ov.Model) -> list[ov.Node]:
    """Convolutions and matrix products with weights of their own, in their order."""
    layers = []
    for node in model.get_ordered_ops():
        if node.get_type_name() in {"Convolution", "MatMul"}:
            weights = node.input(1).get_source_output().get_node()
            pointwise = node.get_type_name() == "Convolution" and set(weights.get_output_shape(0)[2:]) == {1}
            if weights.get_type_name() == "Constant" and not pointwise:
                layers.append(node)
    return layers


def _ends(low: float, high: float) -> tuple[float, float]:
    """Where 256 steps begin and end: at 0 where nothing is negative, else as many on both sides of it."""
    if low >= 0:
        return 0.0, max(high, 1e-6)
    high = max(-low, high)
    return -high, high * 127 / 128


def _rounded(values: ov.Output, low: float, high: float) -> ov.Output:
    """Rounded to 256 steps between the ends of its range."""
    ends = [ops.constant(np.float32(end)) for end in _ends(low, high)]
    rounded: ov.Output = ops.fake_quantize(values, *ends, *ends, levels=256).output(0)
    return rounded


def _rounded_weights(weights: ov.Output, layer: ov.Node) -> ov.Output:
    """Rounded to 255 steps for each output channel."""
    data = weights.get_node().data
    if layer.get_type_name() == "Convolution":
        axes = tuple(range(1, data.ndim))
    else:
        axes = (-1,) if layer.get_attributes()["transpose_b"] else (-2,)
    largest = np.maximum(np.abs(data).max(axis=axes, keepdims=True), 1e-6).astype(np.float32)
    ends = [ops.constant(end) for end in (-largest, largest)]
    rounded: ov.Output = ops.fake_quantize(weights, *ends, *ends, levels=255).output(0)
    return rounded
