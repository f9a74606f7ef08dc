"""What a run leaves for people to read: scalars and sheets of samples."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch

from stytr_live.errors import SinkError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from stytr_live.networks.network import Network
    from stytr_live.training.batches import Batch


class Journal:
    """`log.jsonl`, TensorBoard events where TensorBoard is installed, and `samples/`."""

    def __init__(self, folder: Path, *, steps: int) -> None:
        """Go on after `steps` steps: what a run that was killed noted beyond them is forgotten.

        Raises:
            SinkError: the folder cannot be written.
        """
        self._folder, self._log = folder, folder / "log.jsonl"
        try:
            (folder / "samples").mkdir(parents=True, exist_ok=True)
            kept = [line for line in self._lines() if json.loads(line)["step"] <= steps]
            self._log.write_text("".join(kept), "utf-8")
            self._file = self._log.open("a", encoding="utf-8")
        except (OSError, ValueError, KeyError) as error:
            raise SinkError(f"The run cannot be noted in '{folder}': {error}.") from error
        self._board = _board(folder, steps)

    def note(self, step: int, values: dict[str, float]) -> None:
        """Note the values of a step.

        Raises:
            SinkError: the disk is full.
        """
        try:
            self._file.write(json.dumps({"step": step} | {k: round(v, 6) for k, v in values.items()}) + "\n")
        except OSError as error:
            raise SinkError(f"The run cannot be noted in '{self._folder}': {error.strerror or error}.") from error
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    @torch.inference_mode()
    def show(self, step: int, network: Network, batch: Batch) -> None:
        """Store a sheet: photographs, paintings, and what the network makes of them."""
        painted = network(batch.photographs, *network.encode_style(batch.paintings))
        rows = [torch.cat(list(p.float().clamp(0, 1).cpu()), 2) for p in (batch.photographs, batch.paintings, painted)]
        sheet = _levels(torch.cat(rows, 1))
        cv2.imwrite(str(self._folder / "samples" / f"{step:07}.jpg"), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
        if self._board is not None:
            self._board.add_image("samples", sheet, step, dataformats="HWC")

    def flush(self) -> None:
        """Bring everything to the disk."""
        self._file.flush()
        if self._board is not None:
            self._board.flush()

    def close(self) -> None:
        """End; what was noted is on the disk."""
        self._file.close()
        if self._board is not None:
            self._board.close()

    def _lines(self) -> list[str]:
        return self._log.read_text("utf-8").splitlines(keepends=True) if self._log.is_file() else []


def _board(folder: Path, steps: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder / "tensorboard" / time.strftime("%Y%m%d-%H%M%S")), purge_step=steps or None)


def _levels(picture: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.ascontiguousarray((picture * 255 + 0.5).byte().permute(1, 2, 0).numpy())
