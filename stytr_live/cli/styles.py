"""`stytr-live styles`."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def styles(*, as_json: bool) -> None:
    """List the built-in styles and where their pictures are."""
    from stytr_live import builtin

    pictures = builtin.styles()
    width = max(map(len, pictures), default=0)
    for name, path in pictures.items():
        click.echo(json.dumps({"name": name, "path": str(path)}) if as_json else f"{name:{width}}  {path}")
