"""The options that say how to paint, of all commands that paint: those of `stytr-live render`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from stytr_live.cli.render import RUN, render

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C", bound="Callable[..., Any]")

OTHERS = frozenset({"input", "output", "save_job", "as_json", *RUN})
"""Parameters of `render` that do not say how to paint."""


def painting_options(command: C) -> C:
    """Give a command the options; `settings_of` makes fields of a `RenderJob` from their values."""
    params = [param for param in render.params if param.name not in OTHERS]
    kept = getattr(command, "__click_params__", [])
    command.__click_params__ = [*kept, *reversed(params)]  # type: ignore[attr-defined]
    return command
