"""What is heard by the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from assets.paint.noise import Plane

SAMPLES = 48_000
"""A second."""


def sound(rng: np.random.Generator, seconds: int) -> Plane:
    """Waves, wind and a few notes, (2, samples) in -1..1."""
    count = SAMPLES * seconds
    t = np.arange(count) / SAMPLES
    hiss = rng.standard_normal((2, count))
    spectrum = np.fft.rfft(hiss)
    frequency = np.fft.rfftfreq(count, 1 / SAMPLES)
    surf = np.fft.irfft(spectrum * np.exp(-(((np.log(frequency + 1) - 6.2) / 0.9) ** 2)), count)
    wind = np.fft.irfft(spectrum[::-1] * np.exp(-(((np.log(frequency + 1) - 5.0) / 0.5) ** 2)), count)
    surf, wind = surf / surf.std(), wind / wind.std()
    swell = (0.5 + 0.5 * np.sin(2 * np.pi * 0.33 * t - 1.2)) ** 2
    mix = 0.07 * surf * (0.25 + swell) + 0.03 * wind * (0.6 + 0.4 * np.sin(2 * np.pi * 0.21 * t))
    for begin, note, pan in (
        (0.3, 392.0, 0.3),
        (1.1, 493.9, 0.6),
        (1.9, 587.3, 0.4),
        (2.8, 440.0, 0.7),
        (3.6, 523.3, 0.35),
        (4.4, 659.3, 0.55),
        (5.0, 784.0, 0.5),
    ):
        age = np.clip(t - begin, 0, None)
        envelope = np.where(t > begin, np.minimum(age / 0.02, 1) * np.exp(-2.6 * age), 0)
        tone = sum(np.sin(2 * np.pi * note * k * age) / k**2.2 for k in (1, 2, 3))
        mix += 0.13 * envelope * tone * np.array([[1 - pan], [pan]]) * 1.6
    fade = np.minimum(np.minimum(t / 0.1, (seconds - t) / 0.4), 1)
    return np.clip(mix * fade, -1, 1).astype(np.float32)
