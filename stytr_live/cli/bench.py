"""`stytr-live bench`."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stytr_live.errors import StytrError

if TYPE_CHECKING:
    from stytr_live.benchmark.machine import Peak
    from stytr_live.benchmark.painting import Case, Result
    from stytr_live.benchmark.passes import Rendering
    from stytr_live.stats import Stats

NETWORKS = ("lite", "stytr2", "stytr2-paper")
SIZES = {"lite": ("256x256", "640x360", "1280x720"), "stytr2": ("256x256", "512x512"), "stytr2-paper": ("512x512",)}


def _size(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    sizes = []
    for text in texts:
        width, x, height = text.lower().partition("x")
        if not (x and width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
            raise click.BadParameter(f"'{text}' is no size; write width and height as 640x360.")
        if not 32 <= min(int(width), int(height)) <= max(int(width), int(height)) <= 8192:
            raise click.BadParameter(f"'{text}' is out of range; choose from 32x32 to 8192x8192.")
        sizes.append((int(width), int(height)))
    return tuple(sizes)


@click.command()
@click.option("--network", "networks", type=click.Choice(NETWORKS), multiple=True, help="Only this network.")
@click.option("--size", "sizes", multiple=True, callback=_size, metavar="WxH", help="Only frames of this size.")
@click.option(
    "--short-side", type=click.IntRange(32, 8192), metavar="PIXELS", help="Working size; the frames' own unless told."
)
@click.option(
    "--weights", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Weights to measure with."
)
@click.option(
    "--device", default="auto", metavar="auto|cpu|gpu|cuda|mps|torch", show_default=True, help="What to measure."
)
@click.option("--tokens", type=click.IntRange(1, 65536), help="Size of the codebook; 128 or 256 unless told.")
@click.option("--seconds", type=click.FloatRange(0.1, 600), default=3.0, show_default=True, help="Length of each case.")
@click.option("--clip", type=click.Path(path_type=Path), help="The video to render; the built-in one unless told.")
@click.option("--render/--no-render", default=True, show_default=True, help="Also measure rendering and the live way.")
@click.option("--timeline", type=click.Path(path_type=Path), help="Only record a timeline of 30 frames.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def bench(
    *,
    networks: tuple[str, ...],
    sizes: tuple[tuple[int, int], ...],
    short_side: int | None,
    weights: Path | None,
    device: str,
    tokens: int | None,
    seconds: float,
    clip: Path | None,
    render: bool,
    timeline: Path | None,
    as_json: bool,
) -> None:
    """Measure how fast this program is on this machine, and how far from what the machine can do.

    All figures are of one run. PyTorch in float32 is the reference; `published` is what the paper's code does: the
    style encoded with every frame, every attention map stored. `stytr2-paper` has the paper's sizes, and random weights
    unless some are given.
    """
    from stytr_live import builtin
    from stytr_live.benchmark.machine import measure_peak
    from stytr_live.benchmark.painting import Case, record_timeline, run
    from stytr_live.benchmark.passes import measure_live, measure_rendering
    from stytr_live.engine.devices import settle

    kind = settle(device)
    if timeline is not None:
        size = (sizes or ((640, 360),))[0]
        record_timeline(Case((networks or NETWORKS)[0], size, kind, weights=weights, short_side=short_side), timeline)
        click.echo(f"The timeline is '{timeline}'; open it in https://ui.perfetto.dev.")
        return
    printer: _Printer = _Json() if as_json else _Table()
    peak = measure_peak("cuda" if kind == "cuda" else "cpu")
    printer.peak(peak)
    for network in networks or NETWORKS:
        first: Result | None = None
        for size in sizes or _size(None, None, SIZES[network]):  # type: ignore[arg-type]
            first = None
            for case in cases(network, size, kind, short_side=short_side, tokens=tokens, weights=weights):
                try:
                    result = run(case, seconds)
                except StytrError as error:
                    printer.failure(case, str(error))
                    continue
                first = first or result
                printer.result(result, first, peak)
    if not render:
        return
    path = clip or builtin.clip()
    printer.rendering(path, measure_rendering(path, device=device))
    for size in sizes or ((640, 360),):
        printer.live(size, measure_live(size, 60, max(seconds, 2.0), device=device))


def cases(
    network: str,
    size: tuple[int, int],
    device: str,
    *,
    short_side: int | None = None,
    tokens: int | None = None,
    weights: Path | None = None,
) -> list[Case]:
    """What is measured of a network at a size; the first is what the others are compared with."""
    from stytr_live.benchmark.painting import Case
    from stytr_live.engine.devices import settle
    from stytr_live.engine.styles import EXACT

    tokens = tokens or (128 if network == "lite" else 256)
    slow, fast = ("cuda", "cuda") if device == "cuda" else ("torch", device)
    wanted: list[dict[str, Any]] = [
        {"device": slow, "precision": "float32", "tokens": EXACT},
        {"device": fast, "precision": "float32", "tokens": EXACT},
        {"device": fast, "tokens": EXACT},
        {"device": fast, "tokens": tokens},
        {"device": fast, "tokens": tokens, "live": True},
    ]
    if fast in {"auto", "cpu"} and settle(fast) == "cpu" and find_spec("openvino"):
        wanted.insert(4, {"device": fast, "precision": "int8", "tokens": tokens})
    if network != "lite":
        wanted[1:1] = [{"device": slow, "precision": "float32", "path": path} for path in ("published", "uncached")]
    distinct = [case for i, case in enumerate(wanted) if case not in wanted[:i]]
    return [Case(network, size, short_side=short_side, weights=weights, **case) for case in distinct]


class _Json:
    """One object per line."""

    def peak(self, peak: Peak) -> None:
        self._say("machine", **asdict(peak))

    def result(self, result: Result, first: Result, peak: Peak) -> None:
        table = asdict(result)
        table["case"]["weights"] = str(result.case.weights or "")
        ratio = result.timing.rate / first.timing.rate
        self._say("painting", **table, ratio=ratio, share=_share(result, peak))

    def failure(self, case: Case, reason: str) -> None:
        self._say("failure", case=asdict(case) | {"weights": str(case.weights or "")}, reason=reason)

    def rendering(self, clip: Path, rendering: Rendering) -> None:
        self._say("rendering", clip=str(clip), **asdict(rendering), limit=rendering.limit)

    def live(self, size: tuple[int, int], stats: Stats) -> None:
        self._say("live", size=size, **asdict(stats))

    def _say(self, what: str, **values: object) -> None:
        click.echo(json.dumps({"what": what, **values}))


class _Table:
    """Lines for people."""

    def __init__(self) -> None:
        self._heading: tuple[str, tuple[int, int]] | None = None

    def peak(self, peak: Peak) -> None:
        click.echo(
            f"{peak.device}: matrix product {peak.float32:.0f} GFLOP/s in float32, {peak.half:.0f} in half precision, "
            f"{peak.integers:.0f} in int8; copy {peak.copy:.1f} GB/s"
        )

    def result(self, result: Result, first: Result, peak: Peak) -> None:
        case = result.case
        if self._heading != (case.network, case.size):
            self._heading = case.network, case.size
            click.echo(f"\n{case.network} at {case.size[0]}×{case.size[1]}, {result.gflop:.1f} GFLOP a frame")
            click.echo("     fps   ratio  p50 ms  p95 ms  of peak  memory   PSNR")
        t = result.timing
        from stytr_live.engine.styles import EXACT

        psnr = f"{result.psnr:4.1f} dB" if result.psnr is not None else "      –"
        tokens = f", {case.tokens} tokens" if case.tokens and case.tokens < EXACT else ""
        click.echo(
            f"{t.rate:8.2f} {t.rate / first.timing.rate:6.2f}× {t.p50 * 1e3:7.1f} {t.p95 * 1e3:7.1f} "
            f"{_share(result, peak):7.0%} {result.memory / 2**20:5.0f} MB {psnr}  {result.name} ({case.label}{tokens})"
        )
        if result.stages:
            parts = ", ".join(f"{name} {1e3 * value:.2f} ms" for name, value in result.stages.items())
            click.echo(f"         {parts}")

    def failure(self, case: Case, reason: str) -> None:
        click.echo(f"         – {case.device}, {case.precision} ({case.label}): {reason}")

    def rendering(self, clip: Path, rendering: Rendering) -> None:
        r = rendering
        click.echo(f"\nRendering '{clip.name}', {r.frames} frames, {r.device}, frames a second:")
        click.echo(f"{r.raw:8.1f}  decoded and encoded only")
        click.echo(f"{r.empty:8.1f}  with a network that does nothing, {r.empty / r.raw:.2f} of that")
        click.echo(f"{r.recoded:8.1f}  what was painted, decoded and encoded only")
        click.echo(f"{r.network:8.1f}  the network alone")
        click.echo(
            f"{r.painted:8.1f}  rendered, {r.painted / r.network:.2f} of the network alone, "
            f"{r.painted / r.limit:.2f} of what both allow together on this device"
        )

    def live(self, size: tuple[int, int], stats: Stats) -> None:
        click.echo(
            f"\nLive at {size[0]}×{size[1]} from a camera of 60 frames a second: {stats.fps:.1f} frames a second, "
            f"latency {stats.latency_p50 * 1e3:.0f} ms (p95 {stats.latency_p95 * 1e3:.0f} ms), "
            f"{stats.dropped} dropped"
        )


_Printer = _Json | _Table


def _share(result: Result, peak: Peak) -> float:
    """The part of the peak in its precision that the network's operations make."""
    named = {"float32": peak.float32, "int8": peak.integers or peak.half}
    limit = next((limit for name, limit in named.items() if name in result.name), peak.half)
    return result.gflop * result.timing.rate / limit
