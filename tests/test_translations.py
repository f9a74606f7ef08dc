"""Every text of the window has its translation, with the same places to fill in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PyQt6.QtCore import QTranslator

import ui
from stytr_live import builtin

FILES = sorted((builtin.folder() / "translations").glob("*.ts"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_left_untranslated_and_all_places_are_kept(path) -> None:  # type: ignore[no-untyped-def]
    messages = _messages(path)
    assert len(messages) > 100
    compiled = QTranslator()
    assert compiled.load(str(path.with_suffix(".qm")))
    for context, source, translation in messages:
        assert source is not None
        assert translation is not None
        assert translation.text, source
        assert sorted(re.findall(r"{.*?}", translation.text)) == sorted(re.findall(r"{.*?}", source))
        if source.isascii():  # PyQt looks up no others without an application
            assert compiled.translate(context, source) == translation.text, "the .qm file is older than the .ts file"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_of_the_window_is_in_the_file(path: Path, tmp_path: Path) -> None:
    folder = Path(ui.__file__).parent
    found = tmp_path / "found.ts"
    command = [sys.executable, "-m", "PyQt6.lupdate.pylupdate", "--ts", str(found), *map(str, folder.glob("*.py"))]
    subprocess.run(command, check=True, capture_output=True)
    texts, known = ({message[:2] for message in _messages(file)} for file in (found, path))
    assert texts == known


def _messages(path: Path) -> list[tuple[str | None, str | None, ET.Element | None]]:
    """Context, text and translation of each message; Qt finds it in no other context."""
    return [
        (context.findtext("name"), message.findtext("source"), message.find("translation"))
        for context in ET.parse(path).getroot().iter("context")
        for message in context.iter("message")
    ]
