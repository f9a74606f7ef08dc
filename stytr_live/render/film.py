"""What is known of a video before it is painted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from stytr_live.media.encoders import settle
from stytr_live.media.index import read_index
from stytr_live.media.traits import read_traits
from stytr_live.render.folder import Plan
from stytr_live.render.plan import plan
from stytr_live.timeline import Timeline

if TYPE_CHECKING:
    from stytr_live.media.encoders import Encoder
    from stytr_live.media.index import Index
    from stytr_live.media.traits import Traits
    from stytr_live.render.job import RenderJob


@dataclass(frozen=True, slots=True)
class Film:
    """A video that a job is to paint."""

    job: RenderJob
    traits: Traits
    encoder: Encoder
    times: tuple[Fraction, ...] | None
    """Of all frames, in seconds from the first, sorted; None where nobody knows."""
    keys: tuple[Fraction, ...]
    """Of the key frames."""
    missing: Fraction | None = None
    """Seconds that the file lacks at its end, because it was cut off; None where it is whole, or nobody knows."""

    @classmethod
    def look(cls, job: RenderJob) -> Film:
        """Look into the video of a job, and settle how its painting is encoded.

        Raises:
            SourceError: it cannot be read.
            SinkError: it cannot be encoded as the job wants.
        """
        traits = read_traits(job.input, stream=job.stream)
        encoder = settle(job.encoding, job.output, replace(traits, rate=job.fps or traits.rate))
        index = read_index(job.input, stream=job.stream)
        if index is None:
            return cls(job, traits, encoder, None, ())
        times, keys = (
            tuple(int(tick) * index.time_base - traits.first for tick in ticks) for ticks in (index.times, index.keys)
        )
        return cls(job, traits, encoder, times, keys, _missing(job, traits, index))

    def plan(self) -> Plan:
        """How the video is taken apart. Shots are looked for only where they matter: it takes reading all of it.

        Raises:
            SourceError: the video cannot be read.
            SettingsError: the timeline cannot be used.
        """
        job = self.job
        shots: tuple[Fraction, ...] = ()
        by_shot = job.timeline is not None and Timeline.load(job.timeline).by_shot
        if by_shot or (job.smoothing and self.times is not None and len(plan(job, self.times)) > 1):
            from stytr_live.render.shots import find_shots

            shots = find_shots(job, self.traits.first)
        return Plan(plan(job, self.times, keys=self.keys, shots=shots if job.smoothing else ()), shots)


def _missing(job: RenderJob, traits: Traits, index: Index) -> Fraction | None:
    """Seconds of what is wanted that come after the end of a file that was cut off; None where there are none."""
    if job.end is not None and traits.stop is not None:
        traits = replace(traits, stop=min(traits.stop, traits.first + job.end))
    # The last frame may be shown for long: it is as long as it says, or as others are.
    longest = index.stop * index.time_base - (1 / traits.rate if traits.rate else Fraction(0))
    return traits.missing_after(max(longest, int(index.times[-1]) * index.time_base))
