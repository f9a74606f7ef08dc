"""What blocks the window is measured, and painting that fails goes on."""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from fractions import Fraction
from threading import Thread, current_thread
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication

from stytr_live.errors import BackendError
from stytr_live.frame import Frame, Painted
from ui.garbage import Garbage
from ui.heartbeat import Heartbeat
from ui.steady import REST, Steady

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtCore import QCoreApplication


@pytest.fixture(scope="module")
def app() -> QCoreApplication:
    return QApplication.instance() or QApplication(["stytr-live"])


def work(app: QCoreApplication, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()


def test_what_blocks_the_thread_is_measured_and_said_in_the_log(
    app: QCoreApplication, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeat = Heartbeat()
    work(app, 0.2)
    heartbeat.begin()
    time.sleep(0.2)
    work(app, 0.2)
    stalls = heartbeat.report()
    assert 0.15 < stalls.longest < 2
    assert stalls.long >= 1
    assert stalls.beats > 2
    heartbeat.close()
    assert "over 30 ms" in caplog.text
    beats = heartbeat.report().beats
    work(app, 0.05)
    assert heartbeat.report().beats == beats


def test_garbage_is_collected_in_the_window_s_thread_and_what_is_loaded_is_left_out(app: QCoreApplication) -> None:
    threads: list[str] = []

    class Cycle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            threads.append(current_thread().name)

    def litter() -> None:
        for _ in range(5000):
            Cycle()

    garbage = Garbage()
    try:
        assert not gc.isenabled()
        garbage.settle()
        frozen = gc.get_freeze_count()
        assert frozen > 1000
        garbage.settle()  # later streams change nothing
        assert gc.get_freeze_count() == frozen
        other = Thread(target=litter, name="other")
        other.start()
        other.join()
        assert not threads
        end = time.monotonic() + 20
        while len(threads) < 5000 and time.monotonic() < end:
            work(app, 0.1)
        assert threads == [current_thread().name] * 5000
    finally:
        garbage.close()
        gc.unfreeze()
    assert gc.isenabled()


def frame(index: int) -> Frame:
    return Frame(np.full((8, 8, 3), index, np.uint8), Fraction(index, 30), index, 0.0)


class Painter:
    """Fails while it is told to, at the beginning or the end of a painting."""

    def __init__(self) -> None:
        self.fails = ""
        self.asked = 0

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        self.asked += 1
        if self.fails == "begin":
            raise BackendError("Not enough memory.")

        def end() -> Frame:
            if self.fails == "end":
                raise BackendError("Not enough memory.")
            return replace(frame, pixels=255 - frame.pixels)

        return end


@pytest.mark.parametrize("when", ["begin", "end"])
def test_a_picture_that_cannot_be_painted_is_shown_as_it_is_and_later_ones_are_tried_again(when: str) -> None:
    now, said, painter = [0.0], list[str](), Painter()
    steady = Steady(painter.begin, said.append, clock=lambda: now[0])
    assert (steady.begin(frame(1))().pixels == 254).all()
    painter.fails = when
    for index in range(2, 6):
        bare = steady.begin(frame(index))()
        assert isinstance(bare, Painted)
        assert (bare.pixels == index).all()
    assert painter.asked == 2  # it rests after a failure
    now[0] += REST
    steady.begin(frame(6))()
    assert said == ["Not enough memory."]  # once
    painter.fails = ""
    now[0] += REST
    assert (steady.begin(frame(7))().pixels == 248).all()
    painter.fails = when
    steady.begin(frame(8))()
    assert len(said) == 2
