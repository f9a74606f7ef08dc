"""A command whose options are listed under headings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


class SectionOption(click.Option):
    """An option that is listed under a heading."""

    def __init__(self, *args: Any, section: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class SectionedCommand(click.Command):
    """Lists its options under the headings that they name, in the order in which these come."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", ""), []).append(record)
        general = sections.pop("", [])
        for heading, records in [*sections.items(), ("Other", general)]:
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def under(section: str) -> Callable[..., Callable[[Any], Any]]:
    """`click.option` for options under a heading."""

    def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
        return click.option(*names, cls=SectionOption, section=section, **settings)

    return option
