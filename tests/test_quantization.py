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


def attentive(keys: int | None = None) -> ov.Model:
    """Attention of tokens of width 16 to themselves, or to so many others, in two heads; their number is open."""
    x = ops.parameter(ov.PartialShape([1, -1, 16]), np.float32)
    others = x if keys is None else ops.constant(CHANCE.standard_normal((1, keys, 16), np.float32))
    q, k, v = (ops.matmul(t, weights(16, 16), transpose_a=False, transpose_b=False) for t in (x, others, others))
    heads = [ops.transpose(ops.reshape(t, [0, 0, 2, 8], special_zero=True), [0, 2, 1, 3]) for t in (q, k, v)]
    attention = ops.scaled_dot_product_attention(*heads)
    attention.set_friendly_name("attention")
    return ov.Model([attention], [x])


def tokens(count: int) -> npt.NDArray[np.float32]:
    return CHANCE.standard_normal((1, count, 16), np.float32) * np.float32(0.25)


def test_attention_to_itself_computes_nearly_the_same_with_any_number_of_tokens() -> None:
    model = attentive()
    small = model.clone()
    small.reshape([1, 64, 16])
    integers = quantise(model, observe(small, compiled, [[tokens(64)] for _ in range(4)]))
    kinds = {node.get_type_name() for node in integers.get_ops()}
    assert "ScaledDotProductAttention" not in kinds
    for count in (64, 1024):
        integers.reshape([1, count, 16])
        sample = tokens(count)
        exact, near = (np.asarray(compiled(m)([sample])[0]) for m in (model, integers))
        error = np.square(near - exact).mean() / exact.var()
        assert 0 < error < 0.02


def test_a_key_that_all_attend_to_is_weighed_with_what_is_left_of_it() -> None:
    model = attentive()
    sample = tokens(256)
    sample[0, 0] *= 40
    model.reshape([1, 256, 16])
    near = np.asarray(compiled(quantise(model, observe(model, compiled, [[sample]])))([sample])[0])
    assert np.isfinite(near).all()
    exact = np.asarray(compiled(model)([sample])[0])
    assert np.abs(near).max() < 1.1 * np.abs(exact).max()


def test_attention_to_others_stays_as_it_is() -> None:
    model = attentive(keys=32)
    small = model.clone()
    small.reshape([1, 64, 16])
    ranges = observe(small, compiled, [[tokens(64)]])
    assert not [name for name in ranges if "attention" in name]
    kinds = [node.get_type_name() for node in quantise(model, ranges).get_ops()]
    assert "ScaledDotProductAttention" in kinds
