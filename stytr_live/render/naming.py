"""From what a user names, files, folders and patterns, to inputs; and from a pattern to the names of outputs."""

from __future__ import annotations

import glob
import os
import re
import string
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError, SinkError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

PATTERN = "{stem}_{style}{suffix}"
"""How outputs are named unless told."""
FIELDS = {
    "stem": "the input's name without its ending",
    "suffix": "the ending, such as .mp4",
    "style": "the styles",
    "index": "1, 2, 3…; {index:03} fills up with zeros",
    "parent": "the folder of the input",
    "date": "today, such as 2025-03-01",
}
"""What may stand in a pattern."""
VIDEOS = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp",
     ".ogv", ".mxf"}
)  # fmt: skip
"""Files of a folder that are taken for videos."""
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".avif", ".jp2"})
"""Files of a folder that are taken for pictures."""
WRITTEN = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"}
)
"""Endings that an output may share with its input; others become `.mp4` or `.png`."""
MOST = 10_000
"""Inputs at a time."""
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_SPEC = re.compile(r"0?\d{1,2}d?")


@dataclass(frozen=True, slots=True)
class Found:
    """An input: a video, a picture, or a folder whose pictures are painted together."""

    path: Path
    below: PurePath = field(default_factory=PurePath)
    """The folders between the one that was named and this one, which outputs elsewhere keep."""


def find(named: Sequence[str], *, recursive: bool = False) -> list[Found]:
    """Inputs that are named by files, folders, and patterns such as `films/*.mp4`; each once, in their order.

    Of a folder that is each video, and the folder itself where it holds pictures; with `recursive`, so it is of the
    folders within. Hidden files are left out there.

    Raises:
        SourceError: something does not exist, matches nothing, or holds nothing.
        SettingsError: there are too many.
    """
    found: dict[str, Found] = {}
    for text in named:
        for one in _each(text, recursive=recursive):
            found.setdefault(_key(one.path), one)
            if len(found) > MOST:
                raise SettingsError(f"There are more than {MOST} inputs; name fewer at a time.")
    return list(found.values())


def _each(text: str, *, recursive: bool) -> Iterator[Found]:
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            yield from _inside(path, recursive=recursive)
            return
        if path.exists() or not glob.has_magic(text):
            yield Found(path)
            if not path.exists():
                raise SourceError(f"There is no file or folder '{text}'.")
            return
        matches = sorted(m for m in glob.iglob(str(path), recursive=True) if os.path.isfile(m))  # noqa: PTH113, PTH207
    except (OSError, RuntimeError, ValueError, re.error) as error:
        raise SourceError(f"'{text}' cannot be looked for: {getattr(error, 'strerror', None) or error}.") from error
    if not matches:
        raise SourceError(f"No file matches '{text}'.")
    for match in matches:
        yield Found(Path(match))


def _inside(folder: Path, *, recursive: bool) -> Iterator[Found]:
    anything = False
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".")) if recursive else []
        below = PurePath(here).relative_to(folder)
        suffixes = {name: PurePath(name).suffix.lower() for name in sorted(names) if not name.startswith(".")}
        for name, suffix in suffixes.items():
            if suffix in VIDEOS:
                anything = True
                yield Found(Path(here) / name, below)
        if any(suffix in PICTURES for suffix in suffixes.values()):
            anything = True
            yield Found(Path(here), below.parent)
    if not anything:
        more = "" if recursive else "; --recursive looks into the folders within it"
        raise SourceError(f"There is no video or picture in the folder '{folder}'{more}.")


def outputs(
    found: Sequence[Found],
    styles: Sequence[str],
    *,
    today: date,
    pattern: str = PATTERN,
    into: Path | None = None,
    suffixes: Sequence[str] = (),
    overwrite: bool = False,
) -> list[Path]:
    """Names of the outputs, beside the inputs or under the folder `into`.

    `suffixes` are endings that videos may have: the first of them where the input's is another; any, if there are none.

    Raises:
        SettingsError: the pattern is wrong.
        SinkError: two outputs would be the same file, or one is an input, or exists and must not be replaced.
    """
    named = []
    for index, one in enumerate(found, 1):
        fields: dict[str, str | int] = {
            "stem": one.path.name if one.path.is_dir() else one.path.stem,
            "suffix": _suffix(one.path, suffixes),
            "style": "+".join(PurePath(style).stem for style in styles[:3]) or "timeline",
            "index": index,
            "parent": one.path.absolute().parent.name,
            "date": today.isoformat(),
        }
        name = fill(pattern, fields)
        named.append((one.path.parent if into is None else into / one.below) / name)
    _refuse_clashes([one.path for one in found], named, overwrite=overwrite)
    return named


def fill(pattern: str, fields: dict[str, str | int]) -> PurePath:
    """A relative name from a pattern; no value can lead out of the folder.

    Raises:
        SettingsError: the pattern is wrong.
    """
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise SettingsError(f"The name '{pattern}' cannot be used: {error}.") from error
    text = ""
    for literal, name, spec, conversion in parts:
        text += literal
        if name is None:
            continue
        if name not in fields or conversion or (spec and not (name == "index" and _SPEC.fullmatch(spec))):
            known = ", ".join(f"{{{each}}}" for each in FIELDS)
            raise SettingsError(f"The name '{pattern}' has a part '{{{name}}}' that cannot be used; there are {known}.")
        text += _FORBIDDEN.sub("_", format(fields[name], spec or ""))
    path = PurePath(text)
    if not text.strip() or "\0" in text or path.is_absolute() or path.drive or ".." in path.parts or not path.name:
        raise SettingsError(f"The name '{pattern}' does not make a file's name within the folder; choose another.")
    return path


def _suffix(path: Path, suffixes: Sequence[str]) -> str:
    if path.is_dir():
        return ""
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return path.suffix if suffix in WRITTEN else ".png"
    if suffix in WRITTEN and (not suffixes or suffix in suffixes):
        return path.suffix
    return suffixes[0] if suffixes else ".mp4"


def _refuse_clashes(inputs: Sequence[Path], named: Sequence[Path], *, overwrite: bool) -> None:
    makers: dict[str, Path] = {}
    sources = {_key(path) for path in inputs}
    for path, output in zip(inputs, named, strict=True):
        key = _key(output)
        if key in makers:
            raise SinkError(
                f"'{makers[key]}' and '{path}' would both become '{output}'; add {{index}}, {{parent}} or {{suffix}} "
                "to the name, or name them apart."
            )
        if key in sources:
            raise SinkError(f"'{output}' is an input; choose another name for the output.")
        if output.exists() and not (overwrite or path.is_dir()):  # the painting of a folder looks into that
            raise SinkError(f"'{output}' exists already; choose another name or add --overwrite.")
        makers[key] = path


def _key(path: Path) -> str:
    """The same for two names of the same file."""
    name = os.path.normcase(path.resolve())
    return name.casefold() if sys.platform == "darwin" else name
