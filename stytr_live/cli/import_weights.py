"""`stytr-live import-weights`."""

from __future__ import annotations

from pathlib import Path

import click

CHECKPOINT = click.Path(path_type=Path)


@click.command("import-weights")
@click.option("--transformer", type=CHECKPOINT, required=True, metavar="FILE", help="The transformer's checkpoint.")
@click.option("--decoder", type=CHECKPOINT, required=True, metavar="FILE", help="The decoder's checkpoint.")
@click.option("--embedding", type=CHECKPOINT, required=True, metavar="FILE", help="The patch embedding's checkpoint.")
@click.option("-o", "--output", type=CHECKPOINT, required=True, metavar="FILE", help="The weights file to write.")
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
def import_weights(*, transformer: Path, decoder: Path, embedding: Path, output: Path, overwrite: bool) -> None:
    """Make a weights file of StyTR-2's checkpoints.

    Nothing in the checkpoints is executed.

    \b
    Example:
      stytr-live import-weights --transformer transformer_iter_160000.pth \\
          --decoder decoder_iter_160000.pth --embedding embedding_iter_160000.pth -o stytr2.safetensors
      stytr-live render holiday.mp4 -s mosaic --network stytr2 --weights stytr2.safetensors -o painted.mp4
    """
    from stytr_live.networks.weights import import_official

    checksum = import_official(embedding, transformer, decoder, output, overwrite=overwrite)
    click.echo(f"Wrote '{output}' (SHA-256 of its tensors {checksum}).")
    click.echo(f"Paint with it: stytr-live render INPUT -s STYLE --network stytr2 --weights {output} -o OUTPUT")
