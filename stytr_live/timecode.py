"""Times as people write them."""

from __future__ import annotations

import re
from fractions import Fraction

_TIME = re.compile(
    r"(?:(?:(?P<hours>\d{1,6}):)?(?P<minutes>\d{1,6}):)?(?P<seconds>\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII
)


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
