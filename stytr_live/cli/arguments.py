"""What users write on the command line: times, and styles with weights."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click import Context, Parameter

_TIME = re.compile(
    r"(?:(?:(?P<hours>\d{1,6}):)?(?P<minutes>\d{1,6}):)?(?P<seconds>\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?|nan|[+-]?inf", re.IGNORECASE | re.ASCII)


def parse_time(text: str) -> Fraction:
    """Seconds `12.5`, minutes `1:02.5` or hours `01:02:03` → seconds, exactly.

    Raises:
        ValueError: it is no time, or minutes or seconds under a larger unit are 60 or more.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is no time; write seconds (12.5), minutes (1:02.5) or hours (01:02:03).")
    hours, minutes, seconds = int(match["hours"] or 0), int(match["minutes"] or 0), Fraction(match["seconds"])
    if (match["hours"] is not None and minutes >= 60) or (match["minutes"] is not None and seconds >= 60):
        raise ValueError(f"'{text}' is no time: below a larger unit, minutes and seconds are less than 60.")
    return hours * 3600 + minutes * 60 + seconds


def parse_style(text: str) -> tuple[str, float]:
    """`picture.jpg`, `picture.jpg:0.3`, `mosaic` → (picture or name, weight), the weight 1 unless given.

    A colon belongs to the name where a file has that name, or where no number follows it, as in `C:\\a.jpg`.
    """
    head, colon, tail = text.rpartition(":")
    if not (head and colon and _NUMBER.fullmatch(tail)) or _is_file(text):
        return text, 1.0
    return head, float(tail)


def time_option(_: Context, __: Parameter, text: str | None) -> Fraction | None:
    """A time as click's callback wants it; a usage error where it is none."""
    try:
        return None if text is None else parse_time(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def styles_option(_: Context, __: Parameter, texts: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Styles as click's callback wants them; a usage error where one is empty."""
    if any(not text.strip() for text in texts):
        raise click.BadParameter("a style is empty; name a picture or a style that `stytr-live styles` lists.")
    return tuple(parse_style(text) for text in texts)


def _is_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):  # too long, no such home, or with a NUL
        return False
