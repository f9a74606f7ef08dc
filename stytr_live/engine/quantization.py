"""OpenVINO models whose convolutions and matrix products compute in eight-bit integers, several times as fast.

What comes into a layer is rounded to 256 steps of one range, its weights to 255 steps of one range for each output
channel (Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
CVPR 2018). Ranges of what comes in are observed while pictures are painted.

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
"""Least and largest value that comes into each layer, by the layer's name."""


def observe(
    model: ov.Model,
    compile_model: Callable[[ov.Model], ov.CompiledModel],
    samples: Iterable[list[npt.NDArray[Any]]],
    delicate: Collection[str] = (),
) -> Ranges:
    """Ranges of what comes into the layers of a model while it computes `samples`, each a list of its inputs.

    Layers with one of `delicate` in their names are left out.
    """
    watched = model.clone()
    layers = [node for node in _layers(watched) if not any(part in node.get_friendly_name() for part in delicate)]
    first = len(watched.outputs)
    sources = list({layer.input(0).get_source_output() for layer in layers})  # what several layers read counts once
    watched.add_outputs(sources)
    request = compile_model(watched).create_infer_request()
    seen: list[list[tuple[float, float]]] = []
    for sample in samples:
        request.infer(sample)
        values = [request.get_output_tensor(first + i).data for i in range(len(sources))]
        seen.append([(float(v.min()), float(v.max())) for v in values])
    lowest, highest = np.moveaxis(np.array(seen), 2, 0)
    ranges = {source: (float(lowest[:, i].min()), float(highest[:, i].max())) for i, source in enumerate(sources)}
    return {layer.get_friendly_name(): ranges[layer.input(0).get_source_output()] for layer in layers}


def quantise(model: ov.Model, ranges: Ranges) -> ov.Model:
    """The model with its layers in integers; those that have no range stay as they are."""
    model = model.clone()
    for layer in _layers(model):
        if (found := ranges.get(layer.get_friendly_name())) is not None:
            coming, weights = (layer.input(i).get_source_output() for i in (0, 1))
            layer.input(0).replace_source_output(_rounded(coming, *found))
            layer.input(1).replace_source_output(_rounded_weights(weights, layer))
    return model


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


def _rounded(values: ov.Output, low: float, high: float) -> ov.Output:
    """Rounded to 256 steps: from 0 where nothing is negative, else as many on both sides of it."""
    if low >= 0:
        low, high = 0.0, max(high, 1e-6)
    else:
        high = max(-low, high)
        low, high = -high, high * 127 / 128
    ends = [ops.constant(np.float32(end)) for end in (low, high)]
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
