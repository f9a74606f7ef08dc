"""Paint a video: take it apart, have its segments painted, put them together."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from stytr_live.errors import SinkError, SourceError, StytrError
from stytr_live.frame import MediaInfo
from stytr_live.media.join import join
from stytr_live.render.executor import InThisProcess
from stytr_live.render.film import Film
from stytr_live.render.folder import WorkFolder
from stytr_live.render.identity import identity
from stytr_live.render.job import Rendered, Run
from stytr_live.render.order import Failed, Order
from stytr_live.render.room import check_room
from stytr_live.render.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.render.executor import Executor, Load
    from stytr_live.render.folder import Plan
    from stytr_live.render.job import Progress, RenderJob
    from stytr_live.render.plan import Segment
    from stytr_live.render.rate import Rate

log = logging.getLogger(__name__)

KEPT = "What is painted so far is kept, and the same command goes on from there."


def render_video(
    job: RenderJob,
    load: Load,
    report: Callable[[Progress], None],
    *,
    run: Run | None = None,
    executor: Executor | None = None,
) -> Rendered:
    """Paint the frames of a video; everything else in it goes along. The output appears only when whole.

    What is painted is kept until then, in a folder beside the output, also where this ends in an error or the process
    is killed; the same job goes on from there. The files are opened before a painter is loaded, because loading is slow
    and a wrong name is quick to find.

    Args:
        job: what to do.
        load: makes the painter, where no `executor` is given: then this process paints.
        report: called in this thread; whatever it raises, and a signal's exception, ends the job.
        run: how to do it, but for the workers, which are the executor's.
        executor: who paints.

    Raises:
        StytrError: the video cannot be read or written, or not all of it be painted, or what loading raises.
    """
    run = run or Run()
    _refuse(job)
    film = Film.look(job)
    folder, keep = WorkFolder(job, run.work), False
    try:
        plan = folder.plan(identity(job, film.encoder), film.plan, resume=run.resume)
        order = Order(job, film.traits, film.encoder, folder.parts, plan.shots)
        tally = Tally(len(plan.segments), _expected(film, plan, order.rate), folder.done(plan))
        _paint(executor or InThisProcess(load), order, plan, tally, report)
        sentences = _failures(film, plan, tally)
        _join(film, order, tally)
    except BaseException as error:
        keep = folder.worth_keeping
        if keep and isinstance(error, StytrError):
            raise type(error)(f"{error} {KEPT}") from error
        if keep:
            error.add_note(KEPT)
        raise
    finally:
        folder.close(keep=keep)
    last = tally.progress(ended=True)
    report(last)
    return Rendered(job.output, last.frames, last.elapsed, tally.device, sentences, tally.resumed)


def expected_frames(info: MediaInfo, start: Fraction | None, end: Fraction | None) -> int | None:
    """How many frames of a video lie between two times, in seconds from its first frame; None where nobody knows."""
    if info.frames is None or not info.duration or (start is None and end is None):
        return info.frames
    first = Fraction(0) if start is None else min(start, info.duration)
    last = info.duration if end is None else min(end, info.duration)
    return round(info.frames * max(last - first, Fraction(0)) / info.duration)


def _refuse(job: RenderJob) -> None:
    """Raise SinkError, before any work, where the output must not be written."""
    if job.output.is_dir():
        raise SinkError(f"'{job.output}' is a folder; choose another name for the output.")
    if job.output.exists():
        if job.input.exists() and job.output.samefile(job.input):
            raise SinkError(f"'{job.output}' is the input; choose another name for the output.")
        if not job.overwrite:
            raise SinkError(f"'{job.output}' exists already; choose another name or add --overwrite.")
    folder = job.output.absolute().parent
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        reason = "may not be written to" if folder.is_dir() else "is not there"
        raise SinkError(f"'{job.output}' cannot be written: its folder {reason}.")


def _expected(film: Film, plan: Plan, rate: Rate | None) -> int | None:
    """How many frames the output will have; None where nobody knows."""
    job, traits = film.job, film.traits
    if rate is not None:
        end = None if traits.stop is None else traits.stop - traits.first
        ends = [moment for moment in (end, job.end) if moment is not None]
        return len(rate.between(rate.origin, min(ends))) if ends else None
    counts = [segment.frames for segment in plan.segments]
    if None not in counts:
        return sum(count for count in counts if count is not None)
    return expected_frames(MediaInfo(traits.size, traits.rate, traits.duration, traits.frames), job.start, job.end)


def _paint(executor: Executor, order: Order, plan: Plan, tally: Tally, report: Callable[[Progress], None]) -> None:
    """Have painted what is not done yet.

    Raises:
        StytrError: nothing can be painted, or what is painted cannot be kept.
    """
    left = [segment for segment in plan.segments if segment.number not in tally.done]
    check_room(order.job, order.parts, len(left) / len(plan.segments))
    if not left:
        return
    events = executor.run(order, left)
    try:
        for event in events:
            tally.count(event)
            if isinstance(event, Failed) and isinstance(event.error, SinkError):
                raise event.error  # the disk's fault: the others would meet it too
            if event is None:
                report(tally.progress())
    finally:
        events.close()


def _failures(film: Film, plan: Plan, tally: Tally) -> tuple[str, ...]:
    """A sentence for each segment that was left out, or that lacks frames.

    Raises:
        StytrError: nothing is left, or nothing may be left out.
        Exception: what nobody foresaw, where nothing is left.
    """
    job, first = film.job, tally.failures[min(tally.failures)] if tally.failures else None
    if first is not None and not any(part.frames for part in tally.done.values()):
        raise first
    sentences = tuple(
        f"{segment} of '{job.input}' could not be painted: {_reason(tally.failures[segment.number])}."
        for segment in plan.segments
        if segment.number in tally.failures
    )
    sentences += _losses(film, plan, tally)
    if job.keep_going or not sentences:
        return sentences
    said = " ".join([*sentences, "With --keep-going the rest is put together without it."])
    raise (SourceError if first is None else StytrError)(said) from first


def _losses(film: Film, plan: Plan, tally: Tally) -> tuple[str, ...]:
    """A sentence for each segment of which the source is damaged, and one where its end is missing."""
    job, sentences = film.job, []
    damaged = sum(part.damaged for part in tally.done.values())
    if damaged:  # else a count that differs is only an oddity of the file
        for stretch, lost, what in _lossy(film.job, plan, tally):
            where = f"{lost} {what if lost > 1 else what[:-1]} of {stretch} of '{job.input}'"
            sentences.append(f"{where} {'are' if lost > 1 else 'is'} damaged and could not be read.")
        if not sentences and film.times is not None:  # else it is said already
            log.warning("%d damaged packets of '%s' were passed over.", damaged, job.input)
    if film.missing is not None:
        sentences.append(f"'{job.input}' is cut off: its last {float(film.missing):.1f} seconds are missing.")
    return tuple(sentences)


def _lossy(job: RenderJob, plan: Plan, tally: Tally) -> list[tuple[Segment, int, str]]:
    """Stretches of segments that follow each other and lack something: how much, and of what."""
    found: list[tuple[Segment, int, str]] = []
    for segment in plan.segments:
        part = tally.done.get(segment.number)
        if part is None:
            continue
        lost, what = part.damaged, "packets"
        if segment.frames is not None and job.fps is None:
            lost, what = segment.frames - part.frames, "frames"
        if lost <= 0:
            continue
        if found and found[-1][0].end == segment.start:
            before, count, _ = found.pop()
            found.append((replace(before, end=segment.end), count + lost, what))
        else:
            found.append((segment, lost, what))
    return found


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split()).rstrip(".")
    return said if isinstance(error, StytrError) else f"{type(error).__name__}: {said}"


def _join(film: Film, order: Order, tally: Tally) -> None:
    """Put the parts together.

    Raises:
        SinkError: that fails, or what comes out is not what went in.
    """
    job, parts = film.job, [tally.done[number] for number in sorted(tally.done)]
    if not any(part.frames for part in parts):
        raise SinkError(f"There is no frame to write to '{job.output}'; check the start and the end.")
    join(
        [order.parts / part.name for part in parts if part.name is not None],
        job.output,
        like=job.input,
        encoder=film.encoder,
        times=[tick for part in parts for tick in part.ticks],
        start=job.start,
        end=job.end,
        overwrite=job.overwrite,
        stream=job.stream,
        traits=order.film,
    )
