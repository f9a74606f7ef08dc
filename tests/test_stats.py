"""How fast a pipeline is, and how late."""

from __future__ import annotations

import pytest

from stytr_live.stats import Meter, Stats


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def steady(fps: float, frames: int, latency: float = 0.1) -> tuple[Meter, Clock]:
    clock = Clock()
    meter = Meter(window=2.0, clock=clock)
    for number in range(frames):
        clock.now = 100 + number / fps
        meter.deliver(clock.now - latency)
    return meter, clock


def test_a_meter_that_saw_nothing_reads_zero() -> None:
    assert Meter(clock=Clock()).stats(dropped=3) == Stats(dropped=3)


def test_one_frame_is_no_rate() -> None:
    meter, _ = steady(30, 1)
    assert meter.stats().fps == 0
    assert meter.stats().delivered == 1


@pytest.mark.parametrize("fps", [0.2, 1, 29.97, 240, 5000])
def test_a_steady_stream_reads_its_rate_whenever_it_is_read(fps: float) -> None:
    meter, clock = steady(fps, 50)
    assert meter.stats().fps == pytest.approx(fps)
    clock.now += 0.9 / fps
    assert meter.stats().fps == pytest.approx(fps)


def test_a_stalled_stream_slows_down() -> None:
    meter, clock = steady(30, 90)
    rates = []
    for _ in range(4):
        clock.now += 1
        rates.append(meter.stats().fps)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1


def test_the_window_forgets_but_the_count_does_not() -> None:
    meter, clock = steady(10, 100, latency=5.0)
    for _ in range(30):
        clock.now += 0.1
        meter.deliver(clock.now - 0.01)
    stats = meter.stats()
    assert stats.delivered == 130
    assert stats.latency_p99 == pytest.approx(0.01)


def test_percentiles_are_latencies_that_occurred() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    for milliseconds in range(1, 101):
        meter.deliver(clock.now - milliseconds / 1000)
    stats = meter.stats(dropped=4)
    assert (stats.latency_p50, stats.latency_p95, stats.latency_p99) == pytest.approx((0.050, 0.095, 0.099))
    assert stats.dropped == 4
