"""`stytr-live render`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from stytr_live.cli.arguments import styles_option, time_option
from stytr_live.cli.reporters import reporting
from stytr_live.cli.sections import SectionedCommand, under
from stytr_live.errors import StytrError
from stytr_live.render.job import FASTEST, LONGEST, SHORTEST, RenderJob, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stytr_live.media.encoders import Encoding
    from stytr_live.render.job import Rendered

NETWORKS = ("lite", "stytr2")
"""Said here too because asking the networks would import torch."""
SUFFIX = ".toml"
"""Of job files."""
ENCODERS = ("h264", "hevc", "av1", "vp9", "prores", "ffv1")
QUALITIES = ("draft", "good", "high", "best", "lossless")
HARDWARE = ("off", "auto", "nvenc", "qsv", "amf", "videotoolbox", "vaapi")
"""Likewise, because asking for them would import av."""

_output, _look, _engine = under("Where it goes"), under("What it looks like"), under("What paints")
_range, _encoding, _work = under("Which frames"), under("How it is encoded"), under("How it is carried out")

_ENCODING = {"encoder": "codec"} | {name: name for name in ("quality", "hardware", "pixel_format", "gop")}
"""Options that say how to encode, and the fields of an `Encoding`."""
RUN = ("workers", "cluster", "work", "resume")
"""Options that say how to carry a job out, and are no part of it."""


def rate_option(_: click.Context, __: click.Parameter, text: str | None) -> Fraction | None:
    """A rate as click's callback wants it: `30`, `23.976` or `30000/1001`; a usage error where it is none."""
    try:
        rate = None if text is None else Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate is not None and not 0 < rate <= FASTEST:
        raise click.BadParameter(f"'{text}' is no rate up to {FASTEST}; write it like 30, 23.976 or 30000/1001.")
    return rate


@click.command(cls=SectionedCommand)
@click.argument("input", type=click.Path(path_type=Path))
@_output(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where the result goes: a file like the input (.mp4, .mov, .mkv, .webm; .png, .jpg, .webp), or a folder.",
)
@_output("--overwrite", is_flag=True, help="Replace an output that exists.")
@_look(
    "-s",
    "--style",
    "styles",
    metavar="STYLE[:WEIGHT]",
    multiple=True,
    callback=styles_option,
    help="A picture, or the name of a built-in style (see `stytr-live styles`). Give up to four to mix them, with "
    "weights such as :0.3 unless they count the same.",
)
@_look(
    "--timeline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Styles and strength over time, in place of --style: a TOML file of keys, by time or by shot.",
)
@_look(
    "--strength",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="How strong the style is, from 0 (the input) to 1.",
)
@_look("--keep-colours", is_flag=True, help="Keep the colours of the input.")
@_look(
    "--short-side",
    type=click.IntRange(32, 8192),
    default=512,
    show_default=True,
    metavar="PIXELS",
    help="Short side of the picture the network sees: less is faster and coarser. The result has the input's size.",
)
@_look(
    "--style-side",
    type=click.IntRange(32, 2048),
    metavar="PIXELS",
    help="Short side of the style pictures the network sees: less gives larger strokes.",
)
@_look(
    "--tokens",
    type=click.IntRange(1, 65536),
    metavar="N",
    help="Cluster each style to at most N tokens: fewer are faster and a little different; 65536 is exact.",
)
@_look(
    "--detail/--no-detail",
    default=True,
    show_default=True,
    help="Where the input is larger than --short-side, keep its fine edges in the painting.",
)
@_look(
    "--smoothing",
    type=click.FloatRange(0, 10),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="Average flicker over about so many seconds, along the motion; 0.5 is a good start.",
)
@_look("--background", metavar="#RRGGBB", help="What is behind a video that can be seen through; black if not given.")
@_engine("--network", type=click.Choice(NETWORKS), default="lite", show_default=True, help="Which network paints.")
@_engine(
    "--weights", type=click.Path(path_type=Path), metavar="FILE", help="Weights of the network, not the built-in ones."
)
@_engine(
    "--device",
    metavar="auto|cpu|gpu|cuda|mps|torch",
    default="auto",
    show_default=True,
    help="What computes; auto is the fastest there is.",
)
@_engine(
    "--precision",
    type=click.Choice(("auto", "float32", "half", "int8")),
    default="auto",
    show_default=True,
    help="Auto takes half where it is faster and looks the same; int8 is the fastest on most processors.",
)
@_range("--start", metavar="TIME", callback=time_option, help="Begin here: 12.5, 1:02.5 or 01:02:03.")
@_range("--end", metavar="TIME", callback=time_option, help="End here, counted from the start of the input.")
@_range(
    "--fps",
    metavar="RATE",
    callback=rate_option,
    help="A constant rate, such as 30 or 30000/1001, by repeating and leaving out frames; the input's unless given.",
)
@_range(
    "--stream", type=click.IntRange(0), metavar="N", help="Which video of the input; what players show if not given."
)
@_encoding(
    "--encoder", type=click.Choice(ENCODERS), help="The format of the pictures; h264, or vp9 for .webm, if not given."
)
@_encoding(
    "--quality", type=click.Choice(QUALITIES), help="What may be lost; high, hard to tell from none, if not given."
)
@_encoding(
    "--hardware",
    type=click.Choice(HARDWARE),
    help="Encode on a graphics card, any that can with auto; off if not given.",
)
@_encoding("--pixel-format", metavar="NAME", help="FFmpeg's name, such as yuv420p10le; what players play if not given.")
@_encoding(
    "--gop",
    type=click.FloatRange(0, 3600, min_open=True),
    metavar="SECONDS",
    help="Most time from one key frame to the next.",
)
@_work(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Paint a video in so many processes; the result is the same.",
)
@_work(
    "--cluster",
    metavar="auto|ADDRESS",
    help="Paint a video on all machines of a Ray cluster that see its files; the result is the same.",
)
@_work(
    "--segment",
    type=click.FloatRange(SHORTEST, LONGEST),
    metavar="SECONDS",
    help="What is painted at a time, and lost when the machine fails; 10, and more with --smoothing, if not given.",
)
@_work(
    "--resume/--no-resume",
    default=True,
    show_default=True,
    help="Go on where an earlier run of the same job ended.",
)
@_work("--keep-going", is_flag=True, help="Leave out what cannot be painted, and put the rest together.")
@_work(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where an unfinished video is kept; beside the output if not given.",
)
@_work(
    "--save-job",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all this to a TOML file, to be rendered later: stytr-live render FILE.",
)
@click.option("--json", "as_json", is_flag=True, help="Print progress and result as one JSON object per line.")
@click.pass_context
def render(  # what click calls its parameters
    context: click.Context,
    /,
    *,
    input: Path,  # noqa: A002
    save_job: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Paint a video, a picture, or each picture of a folder.

    Sound, subtitles, timing and size of a video stay as they are. The output appears when it is whole; what is painted
    of a video until then is kept, and the same command goes on from there.

    \b
    Examples:
      stytr-live render holiday.mp4 -s mosaic -o painted.mp4
      stytr-live render holiday.mp4 -s wave.jpg:0.7 -s woodcut:0.3 -o mixed.mp4
      stytr-live render holiday.mp4 -s wave.jpg --start 1:30 --end 1:40 -o ten_seconds.mp4
      stytr-live render portrait.jpg -s wave.jpg --keep-colours -o portrait_painted.png
      stytr-live render photos -s woodcut -o painted_photos
      stytr-live render job.toml                     # what --save-job has written
    """
    with reporting("pictures" if input.is_dir() else "frames", as_json=as_json) as reporter:
        run = Run(**{name: options.pop(name) for name in RUN})
        job = _job(context, input, options)
        if save_job is not None:
            from stytr_live.render import job_file

            job_file.save(job, save_job)
            return
        from stytr_live.render import local

        rendered = local.render(job, reporter.progress, run)
        reporter.result(rendered)
        if rendered.failures:
            raise StytrError(_left_out(rendered, pictures=input.is_dir()))


def _job(context: click.Context, source: Path, options: dict[str, Any]) -> RenderJob:
    """The job that the options describe; those that are given count more than what a job file says."""
    if source.suffix.lower() != SUFFIX:
        if not options["styles"] and options["timeline"] is None:
            raise click.UsageError("Missing option '-s' / '--style'.", context)
        if options["output"] is None:
            raise click.UsageError("Missing option '-o' / '--output'.", context)
        return RenderJob(input=source, **settings_of(options))
    from stytr_live.render import job_file

    given = {
        name: value
        for name, value in options.items()
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }
    job = job_file.load(source)
    if "styles" in given:
        given["timeline"] = None
    elif "timeline" in given:
        given["styles"] = ()
    return replace(job, **settings_of(given, job.encoding))


def settings_of(options: Mapping[str, Any], encoding: Encoding | None = None) -> dict[str, Any]:
    """Fields of a `RenderJob` from options of this command; those of the encoding are put on top of one."""
    fields = {name: value for name, value in options.items() if name not in (*_ENCODING, *RUN)}
    if fields.get("segment") is not None:
        fields["segment"] = Fraction(str(fields["segment"]))
    chosen = {field: options[name] for name, field in _ENCODING.items() if options.get(name) is not None}
    if chosen:
        from stytr_live.media.encoders import Encoding

        fields["encoding"] = Encoding(**chosen) if encoding is None else replace(encoding, **chosen)
    return fields


def _left_out(rendered: Rendered, *, pictures: bool) -> str:
    said, count = " ".join(rendered.failures), len(rendered.failures)
    if not pictures:
        return f"Not all of '{rendered.output}' could be painted. {said}"
    return f"{count} {'picture was' if count == 1 else 'pictures were'} left out. {said}"
