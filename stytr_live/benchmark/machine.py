"""What the machine itself can do: the measure of everything else."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from stytr_live.benchmark.timing import measure

SIDE = {"cpu": 2048, "cuda": 8192}
"""Side of the matrices that are multiplied."""
COPIED = {"cpu": 64 << 20, "cuda": 1 << 30}
"""Bytes that are copied: far more than caches hold."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Limits that were reached by work which does nothing else."""

    device: str
    """`cpu` or `cuda`."""
    float32: float
    """Floating-point operations a second of a large matrix product, in 10⁹."""
    half: float
    """The same in bfloat16 on a processor, float16 on a GPU."""
    integers: float
    """The same in eight-bit integers, on a processor by OpenVINO; 0 where it was not measured."""
    copy: float
    """Bytes a second of a large copy, read and written ones, in 10⁹."""


def measure_peak(device: str, seconds: float = 1.0) -> Peak:
    """Measure a device for some seconds."""
    side = SIDE[device]
    half = torch.bfloat16 if device == "cpu" else torch.float16
    rates = []
    for dtype in (torch.float32, half):
        a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
        out = torch.empty_like(a)

        def product(a: torch.Tensor = a, b: torch.Tensor = b, out: torch.Tensor = out) -> None:
            torch.mm(a, b, out=out)
            _finish(device)

        rates.append(2 * side**3 / measure(product, seconds / 3).p50 / 1e9)
    integers = 0.0
    if device == "cpu":  # PyTorch's library is not every processor's fastest
        *others, integers = _openvino(side, seconds / 3)
        rates = [max(rate, other) for rate, other in zip(rates, others, strict=True)]
    source = torch.ones(COPIED[device], dtype=torch.uint8, device=device)
    target = torch.empty_like(source)

    def copy() -> None:
        target.copy_(source)
        _finish(device)

    return Peak(device, rates[0], rates[1], integers, 2 * COPIED[device] / measure(copy, seconds / 3).p50 / 1e9)


def _openvino(side: int, seconds: float) -> tuple[float, float, float]:
    """The same products by OpenVINO, and that in integers; 0 where it is not installed."""
    try:
        from stytr_live.engine.openvino import matrix_product
    except ImportError:
        return 0.0, 0.0, 0.0
    floats, half, integers = (
        2 * side**3 / measure(matrix_product(side, precision), seconds).p50 / 1e9 for precision in ("f32", "bf16", "i8")
    )
    return floats, half, integers


def _finish(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
