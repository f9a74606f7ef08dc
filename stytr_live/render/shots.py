"""Where shots begin."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import cv2

from stytr_live.render.reader import open_source

if TYPE_CHECKING:
    from fractions import Fraction

    from stytr_live.render.job import RenderJob

SIDE = 144
"""Short side, in pixels, of the pictures in which shots are told apart."""
LEAST = 0.5
"""Seconds that a shot lasts at least: what is shorter is a flash."""


def find_shots(job: RenderJob, first: Fraction) -> tuple[Fraction, ...]:
    """Times at which shots of a job's video begin up to its end, in seconds from the first frame, which is at `first`.

    By PySceneDetect's adaptive detector: a cut is where a frame differs from the one before by far more than its
    neighbours do, so that a moving camera is none.

    Raises:
        SourceError: the video cannot be read.
    """
    from scenedetect.common import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector

    times: list[Fraction] = []
    cuts: list[int] = []
    with closing(open_source(job, start=None)) as source:
        rate = source.info.rate or 25
        detector = AdaptiveDetector(min_scene_len=max(1, round(LEAST * rate)))
        scale = min(1.0, SIDE / min(source.info.size))
        size = tuple(max(1, round(side * scale)) for side in source.info.size)
        for frame in source:
            small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
            found = detector.process_frame(FrameTimecode(len(times), rate), cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
            cuts += [cut.frame_num for cut in found]
            times.append(frame.time - first)
    return tuple(sorted({times[cut] for cut in cuts if cut < len(times)} | set(times[:1])))
