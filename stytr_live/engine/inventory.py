"""What there is to compute with."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from stytr_live.engine.backend import free_memory
from stytr_live.engine.devices import why_no_cuda


@dataclass(frozen=True, slots=True)
class Device:
    """A processor or GPU."""

    kind: str
    """`cpu`, `cuda`, `mps` or `openvino`."""
    name: str
    facts: str
    """What it can, for a user to read."""


def devices() -> list[Device]:
    """All that this program could use."""
    found = [Device("cpu", _processor(), _processor_facts())]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        about = torch.cuda.get_device_properties(index)
        facts = f"{about.total_memory / 2**30:.0f} GiB, compute capability {about.major}.{about.minor}"
        found.append(Device("cuda", f"cuda:{index} {about.name}", facts))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Apple GPU", "through PyTorch"))
    return found + openvino_devices()


def no_cuda() -> str | None:
    """Why CUDA is not used, as a clause; None where it is."""
    return None if torch.cuda.is_available() else why_no_cuda().partition(". ")[0]


def openvino_devices() -> list[Device]:
    """What OpenVINO could use; nothing where it is not installed."""
    try:
        from stytr_live.engine.openvino import core_of_this_machine
    except ImportError:
        return []
    core = core_of_this_machine()
    return [
        Device(
            "openvino",
            f"{name} {core.get_property(name, 'FULL_DEVICE_NAME')}",
            "computes in " + ", ".join(sorted(map(str, core.get_property(name, "OPTIMIZATION_CAPABILITIES")))),
        )
        for name in core.available_devices
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _processor_facts() -> str:
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    free = free_memory()
    memory = f", {free / 2**30:.0f} GiB of memory free" if free is not None else ""
    able = torch.backends.cpu.get_cpu_capability()
    return f"{cores} core{'s' * (cores > 1)} to use, {able}{memory}"
