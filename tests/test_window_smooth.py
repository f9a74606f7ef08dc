"""The window stays smooth while everything happens at once, and leaves nothing behind.

`pytest -m slow tests/test_window_smooth.py -s` tells what was measured; STYTR_LIVE_SOAK=30 with `-m soak` runs it for
30 minutes.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from array import array
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QEventLoop, QTimer

from stytr_live.settings import Settings
from tests.windows import PATIENCE, _no_slot_fails, action, app, end, until
from ui.garbage import Garbage
from ui.heartbeat import Heartbeat, Stalls
from ui.main_window import MainWindow
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PyQt6.QtWidgets import QApplication

    from stytr_live.frame import Frame

SECONDS = float(os.environ.get("STYTR_LIVE_SMOOTH", "20"))
"""How long the short run takes."""
MINUTES = float(os.environ.get("STYTR_LIVE_SOAK", "0"))
"""How long the long run takes; 0 leaves it out."""
SWITCH = 300
"""Milliseconds from one style to the next: 200 a minute."""
RATE = 30
"""Frames a second of the source."""
STALL = 0.030
"""Seconds that the window's thread may be kept from its events."""

pytestmark = [
    pytest.mark.timeout(600 + 120 * MINUTES),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]


@dataclass
class Seen:
    """What was seen in a run, in so little memory that it does not count in a long one."""

    indices: array[int] = field(default_factory=lambda: array("q"))
    ages: array[float] = field(default_factory=lambda: array("d"))
    times: array[float] = field(default_factory=lambda: array("d"))
    inference: array[float] = field(default_factory=lambda: array("d"))
    """From the beginning of a painting to its end, in seconds."""
    lock: Lock = field(default_factory=Lock)

    @property
    def shown(self) -> list[tuple[int, float, float]]:
        """(index, age, when) of each frame when it was painted on the screen, in seconds."""
        return list(zip(self.indices, self.ages, self.times, strict=True))

    def watch(self, window: MainWindow) -> None:
        """Look at what is shown, and at how long it took."""
        newest, stylizer = window.view._newest, window._session.engine.stylizer
        assert stylizer is not None
        begin = stylizer.begin
        last: list[Frame] = []

        def look() -> Frame | None:
            frame = newest()
            if frame is not None and (not last or frame is not last[0]):
                now = time.perf_counter()
                self.indices.append(frame.index)
                self.ages.append(now - frame.born)
                self.times.append(now)
                last[:] = [frame]
            return frame

        def timed(*args: Any) -> Callable[[], Frame]:
            began = time.perf_counter()
            end = begin(*args)

            def ended() -> Frame:
                painted = end()
                with self.lock:
                    self.inference.append(time.perf_counter() - began)
                return painted

            return ended

        window.view._newest = look
        stylizer.begin = timed  # type: ignore[method-assign]


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    chosen = Settings(
        place="pattern", folder=str(tmp_path / "out"), short_side=256, target=30, cross_fade=0.5, skip_unchanged=False
    )
    made, garbage = MainWindow(chosen, Session()), Garbage()
    made._session.running.connect(garbage.settle)
    made.resize(1100, 640)
    made.show()
    until(app, lambda: made._session.latest is not None)
    for style in made.styles():  # codes of styles are on the disk from the second time on
        made.choose_style(style)
        until(app, lambda style=style: [s.name for s, _ in made._session._params.styles] == [style])  # type: ignore[misc]
        until(app, lambda: made._session.engine.stylizer.styles.ready(made._session._params.styles, None))  # type: ignore[union-attr]
    assert gc.get_freeze_count()
    yield made
    end(made)
    garbage.close()


def run(window: MainWindow, seconds: float, also: Callable[[], None] = lambda: None) -> Stalls:
    """Switch, mix, fade, record and change the view for so long, as a user would; how the window's thread fared."""
    loop, timers = QEventLoop(), list[QTimer]()
    styles, modes, recording = cycle(window.styles()), cycle(("split", "side", "after")), cycle((True, False))

    def every(milliseconds: int, does: Callable[[], object]) -> None:
        timer = QTimer(window)
        timer.timeout.connect(does)
        timer.start(milliseconds)
        timers.append(timer)

    every(SWITCH, lambda: window.choose_style(next(styles)))
    every(1900, lambda: window.mix_style(next(styles)))
    every(5000, lambda: window.record(next(recording)))
    every(4100, lambda: window.view.set_mode(next(modes)))
    every(700, lambda: window.want("strength", 0.5 + time.monotonic() % 1 / 2))
    every(10_000, also)
    heartbeat = Heartbeat(window)
    QTimer.singleShot(2000, heartbeat.begin)  # what is done once at the beginning is not counted
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    for timer in timers:
        timer.stop()
    window.record(on=False)
    stalls = heartbeat.report()
    heartbeat._timer.stop()
    return stalls


def handles() -> Counter[str]:
    """Files, sockets and the like that are open, without the numbers that tell them apart."""
    found = Counter[str]()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found[re.sub(r"\d+", "", str(link.readlink()))] += 1
    return found


def tasks() -> int:
    """Threads, those of libraries too."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] if values else 0.0


@pytest.mark.slow
def test_nothing_blocks_the_window_and_what_is_shown_is_fresh_and_in_order(
    app: QApplication, window: MainWindow
) -> None:
    seen = Seen()
    seen.watch(window)
    stalls = run(window, SECONDS)
    ages, period = [age for _, age, _ in seen.shown], 1 / RATE
    oldest, slowest = max(ages), max(seen.inference)
    print(
        f"\n{stalls}; {len(ages) / SECONDS:.1f} frames a second; age p50 {percentile(ages, 50) * 1e3:.1f} ms, "
        f"p95 {percentile(ages, 95) * 1e3:.1f} ms, oldest {oldest * 1e3:.1f} ms; "
        f"inference p50 {percentile(seen.inference, 50) * 1e3:.1f} ms, slowest {slowest * 1e3:.1f} ms"
    )
    indices = [index for index, _, _ in seen.shown]
    assert all(after > before for before, after in pairwise(indices))
    assert len(ages) > SECONDS * 5
    assert oldest <= 2 * period + slowest
    assert stalls.p99 < STALL
    assert stalls.longest < 4 * STALL  # one stall on a machine that others use too is no fault of the window


@pytest.mark.slow
def test_nothing_is_left_when_the_window_is_closed(app: QApplication, tmp_path: Path) -> None:
    def once() -> None:
        made = MainWindow(Settings(place="pattern", folder=str(tmp_path), short_side=128), Session())
        made.show()
        until(app, lambda: made._session.latest is not None)
        action(made, "OSC").setChecked(True)
        made.record(on=True)
        run(made, 4)
        end(made)
        gc.collect()

    once()  # what libraries open once stays
    before, threads = handles(), tasks()
    once()
    limit = time.monotonic() + PATIENCE
    while (handles() - before or tasks() > threads) and time.monotonic() < limit:
        app.processEvents()
        time.sleep(0.05)
    assert not handles() - before
    assert tasks() <= threads


def resident() -> int:
    """Memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.soak
@pytest.mark.skipif(not MINUTES, reason="STYTR_LIVE_SOAK says for how many minutes")
def test_hours_do_not_wear_it_out(app: QApplication, window: MainWindow) -> None:
    seen, memory, began = Seen(), list[tuple[float, int]](), time.perf_counter()
    seen.watch(window)
    folder = window.outputs.folder()

    def look() -> None:
        memory.append((time.perf_counter() - began, resident()))
        for old in sorted(folder.glob("*.mp4"))[:-2]:  # a soak is no reason to fill the disk
            old.unlink()

    stalls = run(window, MINUTES * 60, look)
    settled = min(300.0, MINUTES * 60 / 2)
    early = [size for when, size in memory if settled <= when < settled + 60]
    late = [size for when, size in memory if when >= memory[-1][0] - 60]
    growth = max(late) / max(early) - 1
    first = [age for _, age, when in seen.shown if settled <= when - began < settled + 60]
    last = [age for _, age, when in seen.shown if when - began >= MINUTES * 60 - 60]
    print(
        f"\n{stalls}; memory {max(early) >> 20} MiB after {settled:.0f} s, {max(late) >> 20} MiB at the end "
        f"({growth:+.2%}); latency p95 {percentile(first, 95) * 1e3:.1f} ms, then {percentile(last, 95) * 1e3:.1f} ms; "
        f"{len(seen.shown)} frames"
    )
    assert all(after > before for before, after in pairwise(index for index, _, _ in seen.shown))
    assert growth < 0.02
    assert percentile(last, 95) < percentile(first, 95) * 1.5 + 0.010
