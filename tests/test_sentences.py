"""What the engine says is said in the window's language."""

from __future__ import annotations

import ast
import errno
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QTranslator
from PyQt6.QtWidgets import QApplication

import stytr_live
from stytr_live import builtin
from stytr_live.engine.deadline import Choice
from stytr_live.media.places import Camera, Pattern, Screen, Stream
from ui.sentences import FORMS, form_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

ERRORS = {"StytrError", "SourceError", "SinkError", "StyleError", "BackendError"}
SHOWN = ("media/live_source.py", "media/places.py", "media/microphone.py", "media/virtual_camera.py",
         "media/preview.py",
         "media/recorder.py", "engine/styles.py", "engine/style_file.py", "media/cameras.py")  # fmt: skip
"""Modules whose sentences the window shows."""


@pytest.fixture
def chinese() -> Iterator[None]:
    app = QApplication.instance() or QApplication(["stytr-live"])
    translator = QTranslator(app)
    assert translator.load(str(builtin.folder() / "translations" / "stytr-live_zh_CN.qm"))
    app.installTranslator(translator)
    yield
    app.removeTranslator(translator)


def examples() -> Iterator[str]:
    """Every sentence that is raised in those modules, with something in its places."""
    for name in SHOWN:
        tree = ast.parse((Path(stytr_live.__file__).parent / name).read_text("utf-8"))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS):
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)
            elif isinstance(first, ast.JoinedStr):
                yield "".join(str(p.value) if isinstance(p, ast.Constant) else "Xy 7" for p in first.values)


@pytest.mark.parametrize("sentence", sorted(set(examples())))
def test_every_sentence_of_the_engine_that_is_shown_has_a_form(sentence: str) -> None:
    if "The Xy 7 cannot be opened" in sentence:
        sentence = sentence.replace("The Xy 7", "The microphone 'Xy'")
    if "; Xy 7." in sentence and "virtual camera" in sentence:
        sentence = sentence.replace("; Xy 7.", "; on Linux, run 'Xy'.")
    assert form_of(sentence) is not None


def test_why_places_are_refused_is_translated(chinese: None) -> None:
    numbers = (errno.ENOENT, errno.EACCES, errno.EBUSY, errno.EINVAL, errno.EIO, errno.ECONNREFUSED)
    for place in (Camera("/dev/video0", "Kitchen"), Screen(None, (0, 0, 9, 9)), Stream("udp://host:1"), Pattern()):
        for error in (*(OSError(number, "Input/output error") for number in numbers), TimeoutError()):
            sentence = place.refusal(error)
            assert not _english(translated(sentence)), sentence


def test_what_is_done_to_hold_a_rate_is_translated(chinese: None) -> None:
    for every in (1, 2, 3, 4):
        said = translated(Choice(384, None, every).sentence(30.0))
        assert "384" in said
        assert "30" in said
        assert not _english(said)


def test_names_stay_and_parts_that_are_words_are_translated_too(chinese: None) -> None:
    said = translated("'/tmp/Ärger {x} 's.mp4' cannot be written: No space left on device.")
    assert said == "无法写入“/tmp/Ärger {x} 's.mp4”：磁盘空间不足。"


def test_what_has_no_form_and_what_is_endless_stays_as_it_is(chinese: None) -> None:
    for sentence in ("", "Nobody has said this before.", "'" * 100_000, "{name}"):
        assert translated(sentence) == sentence


def test_without_a_language_sentences_stay_as_they_are() -> None:
    assert translated("The microphone 'a {b} c' ended.") == "The microphone 'a {b} c' ended."


def test_no_form_is_there_twice_and_none_takes_everything() -> None:
    assert len(set(FORMS)) == len(FORMS)
    assert all(len(re.sub(r"{\w+}", "", form)) >= 8 for form in FORMS)


def _english(sentence: str) -> bool:
    """Whether most letters are none of Chinese, names apart."""
    return not any("\u4e00" <= letter <= "\u9fff" for letter in sentence)
