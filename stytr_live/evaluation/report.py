"""An evaluation as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stytr_live.evaluation.protocol import Evaluation, Film, Rounds
    from stytr_live.frame import Pixels

TILE = 150
"""Height of a picture in a sheet, in pixels."""
SHOWN_ROUNDS = (1, 5, 10, 20)
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1240px; padding: 0 1rem;
       color: #1d1f24; background: #fafafa }
h1 { font-weight: 600; margin-bottom: 0 }
h2 { font-weight: 600; margin-top: 2.2rem; border-bottom: 1px solid #d9dbe0 }
table { border-collapse: collapse; margin: .8rem 0 }
th, td { padding: .25rem .9rem .25rem 0; text-align: right }
th { font-weight: 600; color: #555b66 }
th:first-child, td:first-child { text-align: left }
.big td { font-size: 1.5rem }
.sheet { display: flex; flex-wrap: wrap; gap: 6px 14px; margin: .8rem 0 }
figure { margin: 0 }
.side { display: flex; gap: 2px; align-items: flex-end }
img { display: block; border-radius: 3px; max-width: 100% }
figcaption, .note { color: #666c77 }
figcaption { font-size: 12px }
svg { background: #fff; border: 1px solid #e3e5ea; border-radius: 3px }
@media (prefers-color-scheme: dark) {
  body { color: #e4e6ea; background: #17191d }
  h2 { border-color: #33373f }
  svg { background: #1f2228; border-color: #33373f }
  th, .note, figcaption { color: #9aa1ad }
}
"""


def write_html(evaluation: Evaluation, title: str) -> str:
    """The report, a whole HTML document."""
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>",
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>",
        f"<h1>{html.escape(title)}</h1>",
        f"<p class='note'>{len(evaluation.pairs)} pairs at a short side of {evaluation.side} pixels, measured in "
        f"{evaluation.seconds:.0f} s. Lower is better for content, style and flicker, higher for structure.</p>",
        "<h2>Pairs</h2>",
        _table(
            ["content ↓", "style ↓", "structure ↑"],
            [[f"{evaluation.mean(name):.3f}" for name in ("content", "style", "structure")]],
            css="big",
        ),
        _pairs(evaluation),
    ]
    if evaluation.rounds:
        parts += [
            "<h2>Rounds</h2><p class='note'>Stylised again and again: what leaks is lost (StyTR-2, figure 5).</p>"
        ]
        parts += [_rounds(rounds) for rounds in evaluation.rounds]
    if evaluation.films:
        parts += ["<h2>Videos</h2>", _films(evaluation.films)]
    return "\n".join(parts) + "</html>\n"


def _pairs(evaluation: Evaluation) -> str:
    rows: dict[str, list[str]] = {}
    for pair in evaluation.pairs:
        content, style, output = pair.pictures
        row = rows.setdefault(pair.content, [_figure([content], pair.content)])
        f = pair.figures
        text = f"{pair.style}: content {f.content:.2f}, style {f.style:.2f}, structure {f.structure:.2f}"
        row.append(_figure([style, output], text, heights=(TILE // 2, TILE)))
    return "".join(f"<div class='sheet'>{''.join(row)}</div>" for row in rows.values())


def _rounds(rounds: Rounds) -> str:
    shown = [n for n in SHOWN_ROUNDS if n < len(rounds.pictures)]
    figures = [_figure([rounds.pictures[0]], rounds.content)]
    for n in shown:
        content, structure = rounds.figures[n - 1]
        figures.append(_figure([rounds.pictures[n]], f"round {n}: content {content:.2f}, structure {structure:.2f}"))
    sheet = f"<div class='sheet'>{''.join(figures)}{_plot(rounds)}</div>"
    return f"<h3>{html.escape(rounds.content)} in {html.escape(rounds.style)}</h3>{sheet}"


def _plot(rounds: Rounds) -> str:
    """Structure over the rounds, 0..1."""
    width, height, pad = 280, TILE, 24
    count = max(2, len(rounds.figures))
    points = " ".join(
        f"{pad + (width - 2 * pad) * i / (count - 1):.1f},{height - pad - (height - 2 * pad) * max(0.0, s):.1f}"
        for i, (_, s) in enumerate(rounds.figures)
    )
    return (
        f"<figure><svg width='{width}' height='{height}' role='img' aria-label='structure over rounds'>"
        f"<polyline points='{points}' fill='none' stroke='#3b82c4' stroke-width='2'/>"
        f"<text x='{pad}' y='{height - 6}' font-size='11' fill='#888'>round 1</text>"
        f"<text x='{width - 64}' y='{height - 6}' font-size='11' fill='#888'>round {len(rounds.figures)}</text>"
        f"<text x='4' y='14' font-size='11' fill='#888'>structure 1 … 0</text></svg></figure>"
    )


def _films(films: Sequence[Film]) -> str:
    def number(value: float | None, digits: int = 2) -> str:
        return "–" if value is None else f"{value:.{digits}f}"

    rows = [
        [f"{f.video} in {f.style}", str(f.frames), number(f.warp), number(f.warp_input), number(f.flicker)]
        + [number(v, 3) for v in (f.figures.content, f.figures.style, f.figures.structure)]
        for f in films
    ]
    head = ["video", "frames", "warp ↓", "of the input", "flicker ↓", "content ↓", "style ↓", "structure ↑"]
    sheets = [
        "".join(_figure([source, output], f"{f.video} in {f.style}") for source, output in f.pictures[:3])
        for f in films
    ]
    return _table(head, rows) + f"<div class='sheet'>{''.join(sheets)}</div>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], css: str = "") -> str:
    top = "".join(f"<th>{html.escape(h)}</th>" for h in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table class='{css}'><tr>{top}</tr>{body}</table>"


def _figure(pictures: Sequence[Pixels], caption: str, heights: Sequence[int] | None = None) -> str:
    """Pictures side by side, one caption under them."""
    text = html.escape(caption)
    images = "".join(_image(p, h, text) for p, h in zip(pictures, heights or [TILE] * len(pictures), strict=True))
    return f"<figure><div class='side'>{images}</div><figcaption>{text}</figcaption></figure>"


def _image(pixels: Pixels, height: int, text: str) -> str:
    width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
    tile = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(tile[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert done
    source = base64.b64encode(data.tobytes()).decode()
    return f"<img alt='{text}' width='{width}' height='{height}' src='data:image/jpeg;base64,{source}'>"
