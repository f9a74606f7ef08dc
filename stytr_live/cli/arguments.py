"""What users write on the command line: times, and styles with weights."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stytr_live.timecode import parse_time

if TYPE_CHECKING:
    from fractions import Fraction

    from click import Context, Parameter

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?|nan|[+-]?inf", re.IGNORECASE | re.ASCII)


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
