"""`stytr-live encode-style`."""

from __future__ import annotations

from pathlib import Path

import click

from stytr_live.errors import SettingsError, SinkError


@click.command("encode-style")
@click.argument("style")
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, help="A file named *.stytrstyle.")
@click.option("--network", default="lite", show_default=True, metavar="lite|stytr2", help="Which network it is for.")
@click.option("--weights", type=click.Path(path_type=Path), help="A weights file; the built-in one unless told.")
@click.option("--style-side", type=click.IntRange(32, 2048), metavar="PIXELS", help="Short side of the style picture.")
@click.option("--tokens", type=click.IntRange(1, 65536), metavar="N", help="Cluster the style to at most N tokens.")
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
def encode_style(
    *,
    style: str,
    output: Path,
    network: str,
    weights: Path | None,
    style_side: int | None,
    tokens: int | None,
    overwrite: bool,
) -> None:
    """Write a style to a file, to share it without its picture.

    \b
    Example:
      stytr-live encode-style wave.jpg -o wave.stytrstyle
      stytr-live render holiday.mp4 -s wave.stytrstyle -o painted.mp4
    """
    from stytr_live.engine.backend import TorchBackend
    from stytr_live.engine.style_file import SUFFIX, write_style
    from stytr_live.engine.styles import EXACT, StyleCache, load_style
    from stytr_live.networks import load_network

    if output.suffix.lower() != SUFFIX:
        raise SettingsError(f"The output '{output}' must be named *{SUFFIX}.")
    if output.exists() and not overwrite:
        raise SinkError(f"'{output}' exists already; choose another name or add --overwrite.")
    picture = load_style(style)
    if picture.code is not None:
        raise SettingsError(f"'{style}' is such a file already; give a picture.")
    backend = TorchBackend(load_network(network, weights))
    code = StyleCache(backend, side=style_side).code(picture, tokens or EXACT)
    write_style(picture, code, backend.network, backend.fingerprint, output)
    click.echo(f"The style '{picture.name}' for the network '{network}' is '{output}'.")
