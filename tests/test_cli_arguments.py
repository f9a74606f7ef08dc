"""What users write on the command line: times, and styles with weights."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from stytr_live.cli import commands
from stytr_live.cli.arguments import parse_style
from stytr_live.cli.render import NETWORKS
from stytr_live.timecode import parse_time

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("12.5", Fraction(25, 2)),
        (".25", Fraction(1, 4)),
        ("7.", 7),
        ("0.1", Fraction(1, 10)),
        ("90", 90),
        ("1:02.5", Fraction(125, 2)),
        ("90:00", 5400),
        ("01:02:03", 3723),
        ("1:00:00.001", Fraction(3600001, 1000)),
    ],
)
def test_times_are_exact(text: str, seconds: Fraction) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "-1", "abc", "1:60", "1:61:00", "1:2:3:4", "1e3", "nan", ":30", "1:", "1:-2", "٣", "1 2", "9" * 40]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("mosaic", ("mosaic", 1.0)),
        ("mosaic:0.3", ("mosaic", 0.3)),
        ("mosaic:2", ("mosaic", 2.0)),
        ("mosaic:.5", ("mosaic", 0.5)),
        ("mosaic:-1", ("mosaic", -1.0)),
        ("wave.jpg:1e-2", ("wave.jpg", 0.01)),
        (r"C:\wave.jpg", (r"C:\wave.jpg", 1.0)),
        (r"C:\wave.jpg:0.3", (r"C:\wave.jpg", 0.3)),
        ("C:/wave.jpg", ("C:/wave.jpg", 1.0)),
        ("a:b.jpg", ("a:b.jpg", 1.0)),
        ("a:b.jpg:0.5", ("a:b.jpg", 0.5)),
        ("wave.jpg:", ("wave.jpg:", 1.0)),
        (":0.5", (":0.5", 1.0)),
        ("wave.jpg:half", ("wave.jpg:half", 1.0)),
        ("x" * 5000 + ":1", ("x" * 5000, 1.0)),
    ],
)
def test_a_style_may_carry_a_weight(text: str, style: tuple[str, float]) -> None:
    assert parse_style(text) == style


def test_a_weight_that_is_not_a_number_is_left_to_be_refused_as_one() -> None:
    assert math.isnan(parse_style("mosaic:nan")[1])
    assert parse_style("mosaic:inf")[1] == math.inf


def test_a_colon_belongs_to_the_name_of_a_file_that_is_there(tmp_path: Path) -> None:
    strange = tmp_path / "wave:2"
    strange.touch()
    assert parse_style(str(strange)) == (str(strange), 1.0)
    assert parse_style(f"{strange}:0.5") == (str(strange), 0.5)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--start", "soon"], "'soon' is no time"),
        (["--strength", "2"], "--strength"),
        (["--short-side", "5"], "--short-side"),
        (["--network", "vgg"], "--network"),
        (["--style", " "], "a style is empty"),
        (["--loud"], "No such option"),
    ],
)
def test_wrong_arguments_are_refused_with_the_option_and_exit_code_2(arguments: list[str], complaint: str) -> None:
    done = CliRunner().invoke(commands, ["render", "a.mp4", "-s", "mosaic", "-o", "b.mp4", *arguments])
    assert done.exit_code == 2
    assert complaint in done.stderr


@pytest.mark.parametrize("command", sorted(commands.commands))
def test_every_option_of_every_command_is_explained(command: str) -> None:
    for parameter in commands.commands[command].params:
        assert parameter.param_type_name == "argument" or getattr(parameter, "help", None), parameter.name
    assert CliRunner().invoke(commands, [command, "--help"]).exit_code == 0


def test_the_command_line_knows_every_network() -> None:
    from stytr_live.networks import weights

    assert set(NETWORKS) == set(weights.NETWORKS)
