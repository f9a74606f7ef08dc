"""Weights, and how fast this machine paints with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stytr_live import builtin
from stytr_live.doctor.check import Check
from stytr_live.errors import StytrError
from stytr_live.networks import load_network
from stytr_live.networks.weights import NETWORKS

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "stytr-live import-weights takes the published checkpoints, stytr-live train makes your own."
SIDES = (256, 384, 512, 720)
"""Working sizes that are predicted, in pixels, for frames of 16:9."""
MEASURED = 256
"""The one that is measured."""


def weights() -> Iterator[Check]:
    """Whether the built-in weights are whole."""
    for name in NETWORKS:
        path = builtin.weights(name)
        if not path.is_file():
            yield Check("Weights", name, "note", "none come with this program", OWN)
            continue
        try:
            network = load_network(name)
        except StytrError as error:
            yield Check("Weights", name, "bad", str(error), "Install the program again.")
            continue
        count = sum(parameter.numel() for parameter in network.parameters())
        yield Check("Weights", name, "good", f"{network.fingerprint()[:12]}, {count / 1e6:.1f} M parameters")


def speed() -> Iterator[Check]:
    """Frames a second and memory at several sizes: one is measured, the others follow from their pixels."""
    seconds, device = paint_seconds(MEASURED)
    per_pixel = load_network().bytes_per_pixel
    for side in SIDES:
        pixels = side * side * 16 / 9
        rate = 1 / (seconds * (side / MEASURED) ** 2)
        memory = pixels * per_pixel / 2**20
        slow = rate < 15
        yield Check(
            "Speed", f"lite at {side}", "note" if slow else "good",
            f"about {rate:.0f} frames a second, {memory:.0f} MB, on {device}",
            "Choose a smaller working size for live use." if slow else "",
        )  # fmt: skip


def paint_seconds(side: int) -> tuple[float, str]:
    """Seconds for a frame of 16:9 at a working size, in pixels, and what it ran on."""
    from stytr_live.benchmark.painting import Case, measure_case

    result = measure_case(Case("lite", (side * 16 // 9, side), live=True), 0.7)
    return result.timing.p50, result.name
