"""The deadline controller on simulated machines."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stytr_live.engine.deadline import Choice, Deadline
from stytr_live.errors import SettingsError


class Machine:
    """Paints in a time that goes with the pixels, with some noise; time is its own."""

    def __init__(
        self, deadline_of: dict[str, object], *, at_512: float, overhead: float = 0.002, seed: int = 0
    ) -> None:
        self.now, self.at_512, self.overhead = 0.0, at_512, overhead
        self._random = np.random.default_rng(seed)
        self.deadline = Deadline(clock=lambda: self.now, **deadline_of)  # type: ignore[arg-type]
        self.changes: list[tuple[float, Choice]] = []

    def cost(self, choice: Choice) -> float:
        tokens = 0.9 if choice.tokens is not None else 1.0
        return self.overhead + self.at_512 * (choice.short_side / 512) ** 2 * tokens

    def run(self, seconds: float, noise: float = 0.15) -> None:
        end = self.now + seconds
        while self.now < end:
            choice = self.deadline.choice
            took = self.cost(choice) * (1 + noise * self._random.uniform(-1, 1))
            self.now += max(took, choice.every / self.deadline.target)
            if (chosen := self.deadline.observe(took)) is not None:
                self.changes.append((self.now, chosen))

    @property
    def late(self) -> bool:
        choice = self.deadline.choice
        return self.cost(choice) > choice.every / self.deadline.target * 1.1


def test_a_fast_machine_keeps_the_best_choice() -> None:
    machine = Machine({"target": 30.0}, at_512=0.02)
    machine.run(30)
    assert machine.deadline.choice == Choice(512)
    assert not machine.changes


@pytest.mark.parametrize("overhead", [0.0, 0.002, 0.012])
@pytest.mark.parametrize("at_512", [0.02, 0.03, 0.04, 0.06, 0.1, 0.16, 0.3])
@pytest.mark.parametrize("seed", range(2))
def test_a_steady_load_is_met_soon_and_the_choice_then_stays(at_512: float, overhead: float, seed: int) -> None:
    machine = Machine({"target": 30.0}, at_512=at_512, overhead=overhead, seed=seed)
    machine.run(4)
    assert not machine.late
    machine.changes.clear()
    machine.run(120)
    assert not machine.late
    sides = [choice.short_side for _, choice in machine.changes]
    assert len(sides) <= 2
    assert sides in (sorted(sides), sorted(sides, reverse=True))  # it may settle, but never to and fro


def test_one_slow_frame_changes_nothing() -> None:
    machine = Machine({"target": 30.0}, at_512=0.02)
    machine.run(3)
    for _ in range(3):
        assert machine.deadline.observe(2.0) is None
        machine.run(1)
    assert not machine.changes


def test_a_few_slow_frames_in_a_row_change_nothing() -> None:
    machine = Machine({"target": 30.0}, at_512=0.02)
    machine.run(3)
    assert [machine.deadline.observe(2.0) for _ in range(3)] == [None] * 3
    machine.run(3)
    assert not machine.changes


def test_what_is_prepared_after_a_change_is_no_reason_for_another() -> None:
    machine = Machine({"target": 30.0}, at_512=0.06)
    assert [machine.deadline.observe(8.0) for _ in range(2)] == [None] * 2  # the first frames of all
    machine.run(2)
    ((_, chosen),) = machine.changes
    for _ in range(2):
        machine.now += 8
        assert machine.deadline.observe(8.0) is None
    machine.run(20)
    assert machine.deadline.choice == chosen


@pytest.mark.parametrize(("at_512", "overhead"), [(0.02, 0.0), (0.018, 0.003), (0.012, 0.008)])
@pytest.mark.parametrize("seed", range(5))
def test_a_load_that_doubles_is_met_within_a_second_and_forgotten_when_it_goes(
    at_512: float, overhead: float, seed: int
) -> None:
    machine = Machine({"target": 30.0}, at_512=at_512, overhead=overhead, seed=seed)
    machine.run(5)
    assert machine.deadline.choice == Choice(512)
    machine.at_512 *= 2
    machine.overhead *= 2
    machine.run(1)
    assert machine.changes
    assert not machine.late
    machine.run(20)
    assert not machine.late
    machine.at_512 /= 2
    machine.overhead /= 2
    machine.run(30)
    assert machine.deadline.choice == Choice(512)


def test_a_size_that_is_too_much_is_left_in_one_step_for_one_that_will_do() -> None:
    machine = Machine({"target": 30.0}, at_512=0.06)
    machine.run(30)
    assert [choice for _, choice in machine.changes] == [Choice(320)]


def test_a_hopeless_machine_ends_at_the_bottom_and_stays() -> None:
    machine = Machine({"target": 60.0}, at_512=3.0)
    machine.run(40)
    assert machine.deadline.choice == Choice(192, None, 4)
    machine.changes.clear()
    machine.run(60)
    assert not machine.changes


def test_fewer_tokens_come_after_smaller_sizes_and_before_left_out_frames() -> None:
    machine = Machine({"target": 30.0, "tokens": (256, 128)}, at_512=3.0)
    machine.run(40)
    assert machine.deadline.choice == Choice(192, 128, 4)


class Cliff(Machine):
    """At the size that is predicted to do, it is slower than its other sizes say."""

    def cost(self, choice: Choice) -> float:
        return super().cost(choice) * (1.8 if choice.short_side > 400 else 1.0)


@pytest.mark.parametrize("target", [1.0, 2.0, 30.0])
def test_a_step_up_that_fails_is_not_tried_again_at_once(target: float) -> None:
    machine = Cliff({"target": target}, at_512=0.9 / target, overhead=0)
    machine.run(900)
    ups = [when for when, choice in machine.changes if choice.short_side > 400]
    assert 2 <= len(ups) <= 20
    gaps = np.diff(ups)
    assert gaps[0] < 40
    assert all(gaps[-5:] >= 60)
    assert all(gaps[-5:] < 100)


def test_what_failed_is_forgotten_once_it_lasts() -> None:
    machine = Cliff({"target": 30.0}, at_512=0.03)
    machine.run(300)
    machine.at_512 = 0.01
    machine.run(90)
    assert machine.deadline.choice == Choice(512)
    for _ in range(2):  # no waiting for a minute any more
        machine.at_512 = 0.05
        machine.run(10)
        assert machine.deadline.choice.short_side < 400
        machine.at_512 = 0.01
        machine.run(20)
        assert machine.deadline.choice == Choice(512)


@pytest.mark.parametrize(
    ("largest", "smallest", "least"), [(500, 200, 208), (480, 192, 192), (192, 192, 192), (100, 192, 100)]
)
def test_sizes_are_multiples_of_the_grid_down_to_the_least(largest: int, smallest: int, least: int) -> None:
    machine = Machine({"target": 60.0, "largest": largest, "smallest": smallest}, at_512=0.02)
    seen = [machine.deadline.choice.short_side]
    for _ in range(60):
        machine.at_512 *= 1.1
        machine.run(1)
        seen.append(machine.deadline.choice.short_side)
    assert seen[0] == largest
    assert seen[-1] == least
    assert seen == sorted(seen, reverse=True)
    assert all(side % 16 == 0 for side in seen if side != largest)


def test_a_new_target_counts_from_then_on() -> None:
    machine = Machine({"target": 30.0}, at_512=0.028)
    machine.run(5)
    machine.deadline.target = 60.0
    machine.run(2)
    assert machine.deadline.choice.short_side < 512
    assert not machine.late
    machine.deadline.target = 20.0
    machine.run(30)
    assert machine.deadline.choice == Choice(512)
    with pytest.raises(SettingsError, match="rate to hold"):
        machine.deadline.target = 0
    assert machine.deadline.target == 20


@pytest.mark.parametrize("target", [0.0, -1.0, math.inf, math.nan])
def test_a_rate_that_is_no_rate_is_refused(target: float) -> None:
    with pytest.raises(SettingsError, match="rate to hold"):
        Deadline(target)


def test_what_was_chosen_is_said() -> None:
    assert Choice(384).sentence(30) == "Working at 384 pixels, to hold 30 frames a second."
    assert "256 style tokens, painting every second frame" in Choice(192, 256, 2).sentence(29.97)
