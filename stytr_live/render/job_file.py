"""Jobs as text: everything of a `RenderJob` in a TOML file, read back exactly.

```toml
version = 1
input = "/films/holiday.mp4"
output = "/films/painted.mp4"
styles = [["/pictures/wave.jpg", 0.7], ["woodcut", 0.3]]
short_side = 512
start = "3/2"                  # times and rates are fractions, so that nothing is rounded

[encoding]
codec = "hevc"
```
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import MISSING, fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from stytr_live import __version__
from stytr_live.errors import SettingsError, SinkError, StytrError
from stytr_live.render import job as jobs
from stytr_live.render.job import RenderJob

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""Of the format; files of later versions are refused."""
SUFFIX = ".toml"
LARGEST = 1 << 20
"""Bytes that a file may have."""


def save(job: RenderJob, path: Path) -> None:
    """Write a job to a file, with all names from the root on, so that it can be rendered from anywhere.

    Raises:
        SinkError: the file exists and must not be replaced, or cannot be written.
        SettingsError: a name cannot be written as text.
    """
    text = dumps(absolute(job))
    try:
        with path.open("w" if job.overwrite else "x", encoding="utf-8") as file:
            file.write(f"# A job of StyTR Live {__version__}; do it with: stytr-live render {path.name}\n{text}")
    except FileExistsError as error:
        raise SinkError(f"'{path}' exists already; choose another name or add --overwrite.") from error
    except OSError as error:
        raise SinkError(f"The job file '{path}' cannot be written: {error.strerror or error}.") from error


def load(path: Path) -> RenderJob:
    """Read a job; names in it are as seen from the folder of the file.

    Raises:
        SettingsError: the file cannot be read, or something in it is not as it should be; what, and where.
        SinkError: the output is the input.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise SettingsError(f"The job file '{path}' is larger than a megabyte; that is no job.")
        text = path.read_text("utf-8")
    except OSError as error:
        raise SettingsError(f"The job file '{path}' cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise SettingsError(f"The job file '{path}' is not text.") from error
    return loads(text, path)


def dumps(job: RenderJob) -> str:
    """A job as TOML; what is as it is without being told is left out.

    Raises:
        SettingsError: a name is not text.
    """
    tables = {"": {"version": VERSION, **_table(job)}}
    if job.encoding is not None:
        tables["encoding"] = _table(job.encoding)
    lines: list[str] = []
    for name, table in tables.items():
        lines += ["", f"[{name}]"] if name else []
        lines += [f"{key} = {_value(value)}" for key, value in table.items() if not is_dataclass(value)]
    return "\n".join(lines) + "\n"


def loads(text: str, path: Path) -> RenderJob:
    """A job from TOML; `path` is the file that it comes from.

    Raises:
        SettingsError: something in it is not as it should be; what, and where.
        SinkError: the output is the input.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"The job file '{path}' is not TOML: {error}.") from error
    version = table.pop("version", VERSION)
    if version != VERSION:
        raise SettingsError(f"The job file '{path}' is of version {version!r}; this program knows version {VERSION}.")
    values = _read(RenderJob, table, path, "")
    try:
        return _seen_from(path.parent, RenderJob(**values))
    except SettingsError as error:
        raise SettingsError(f"The job file '{path}' cannot be used: {error}") from error


def absolute(job: RenderJob) -> RenderJob:
    """The same job with all names of files from the root on."""
    return _seen_from(Path.cwd(), job)


def _seen_from(folder: Path, job: RenderJob) -> RenderJob:
    """Names of files as seen from a folder; a style that is no file there is the name of a built-in one."""
    beside = [(str(folder / Path(name).expanduser()), name, weight) for name, weight in job.styles]
    return replace(
        job,
        input=folder / job.input,
        output=folder / job.output,
        weights=None if job.weights is None else folder / job.weights,
        timeline=None if job.timeline is None else folder / job.timeline,
        styles=tuple((path if _is_file(path) else name, weight) for path, name, weight in beside),
    )


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # too long, or with a NUL
        return False


def _table(thing: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not as they are without being told."""
    table: dict[str, Any] = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if value is not None and (field.default is MISSING or value != field.default):
            table[field.name] = value
    return table


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_value, value))}]"
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SettingsError(f"The name {text!r} cannot be written in a job file; rename the file.") from error
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(kind: type[Any], table: Mapping[str, Any], path: Path, where: str) -> dict[str, Any]:
    """The fields of a dataclass from a table."""
    from stytr_live.media.encoders import Encoding

    names = {**vars(jobs), "Path": Path, "Fraction": Fraction, "Encoding": Encoding}
    hints = get_type_hints(kind, names) if kind is RenderJob else get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(table) - known)
    if unknown:
        raise SettingsError(f"The job file '{path}' has a key '{where}{unknown[0]}', which is unknown.")
    missing = [f.name for f in fields(kind) if f.default is MISSING and f.name not in table]
    if missing:
        raise SettingsError(f"The job file '{path}' lacks the key '{where}{missing[0]}'.")
    return {key: _as(value, hints[key], path, where + key) for key, value in table.items()}


def _as(value: Any, hint: Any, path: Path, key: str) -> Any:
    """A value of the type that a field has."""
    kinds = [kind for kind in _kinds(hint) if kind is not NoneType]
    for kind in kinds:
        if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
            try:
                return kind(**_read(kind, value, path, f"{key}."))
            except (ValueError, TypeError) as error:
                raise SettingsError(f"The table '{key}' of the job file '{path}' is wrong: {error}.") from error
            except SettingsError:
                raise
            except StytrError as error:
                raise SettingsError(f"The table '{key}' of the job file '{path}' is wrong: {error}") from error
        try:
            return _plain(value, kind)
        except (TypeError, ValueError, ZeroDivisionError):
            continue
    wanted = " or ".join(_NAMES.get(kind, "as this program writes it") for kind in kinds)
    raise SettingsError(f"The key '{key}' of the job file '{path}' must be {wanted}, not {value!r}.")


def _kinds(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _plain(value: Any, kind: Any) -> Any:
    """A value of a plain type.

    Raises:
        TypeError: it is of another.
        ValueError: as it is of another.
    """
    if kind is float and type(value) in (int, float):
        return float(value)
    if kind is Fraction and type(value) in (int, str):
        return Fraction(value)
    if kind is Path and isinstance(value, str) and value and "\0" not in value:
        return Path(value)
    if kind in (bool, int, str) and type(value) is kind:
        return value
    if kind == tuple[tuple[str, float], ...] and isinstance(value, list):
        return tuple((_plain(style, str), _plain(weight, float)) for style, weight in value)
    raise TypeError(kind)


_NAMES: dict[Any, str] = {
    float: "a number",
    Fraction: 'a fraction such as "30000/1001"',
    Path: "the name of a file",
    bool: "true or false",
    int: "a whole number",
    str: "text",
    tuple[tuple[str, float], ...]: 'a list such as [["mosaic", 1.0]]',
}
