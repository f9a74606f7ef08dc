"""Layers in eight-bit integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from stytr_live.engine.quantization import observe, quantise

if TYPE_CHECKING:
    import numpy.typing as npt

CHANCE = np.random.default_rng(0)


def weights(*shape: int) -> ov.Node:
    return ops.constant(CHANCE.standard_normal(shape, np.float32))


def convolution(x: ov.Node, *shape: int, name: str) -> ov.Node:
    pad = [shape[-1] // 2] * 2
    node = ops.convolution(x, weights(*shape), [1, 1], pad, pad, [1, 1])
    node.set_friendly_name(name)
    return node


@pytest.fixture(scope="module")
def model() -> ov.Model:
    """Two convolutions that read the same, one of them 1×1, then a product."""
    x = ops.parameter([1, 3, 8, 8], np.float32)
    y = ops.relu(ops.add(convolution(x, 4, 3, 3, 3, name="wide"), convolution(x, 4, 3, 1, 1, name="pointwise")))
    z = convolution(y, 4, 4, 3, 3, name="second")
    product = ops.matmul(z, weights(8, 5), transpose_a=False, transpose_b=False)
    product.set_friendly_name("product")
    return ov.Model([product], [x])


def compiled(model: ov.Model) -> ov.CompiledModel:
    return ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def samples() -> list[list[npt.NDArray[Any]]]:
    return [[CHANCE.standard_normal((1, 3, 8, 8), np.float32) * scale] for scale in (0.5, 1, 2)]


def test_ranges_are_those_of_all_samples(model: ov.Model) -> None:
    seen = samples()
    ranges = observe(model, compiled, seen)
    assert set(ranges) == {"wide", "second", "product"}  # 1×1 convolutions stay as they are
    assert ranges["wide"] == pytest.approx((min(x.min() for (x,) in seen), max(x.max() for (x,) in seen)))
    assert ranges["second"][0] == pytest.approx(0)  # of the rectifier
    assert len(model.outputs) == 1


def test_delicate_layers_are_not_observed(model: ov.Model) -> None:
    assert set(observe(model, compiled, samples(), ["sec", "none"])) == {"wide", "product"}


def test_integers_compute_nearly_the_same(model: ov.Model) -> None:
    seen = samples()
    ranges = observe(model, compiled, seen)
    integers = quantise(model, ranges)
    kinds = [node.get_type_name() for node in integers.get_ops()]
    assert kinds.count("FakeQuantize") == 6
    assert "FakeQuantize" not in [node.get_type_name() for node in model.get_ops()]  # the model itself is as it was
    for sample in seen:
        exact, near = (np.asarray(compiled(m)(sample)[0]) for m in (model, integers))
        error = np.square(near - exact).mean() / exact.var()
        assert 0 < error < 0.01


def test_what_was_not_observed_stays_as_it_is(model: ov.Model) -> None:
    same = quantise(model, {})
    sample = samples()[0]
    assert np.array_equal(*(np.asarray(compiled(m)(sample)[0]) for m in (model, same)))
