"""Every text of the window has its translation, with the same places to fill in."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from PyQt6.QtCore import QTranslator

from stytr_live import builtin

FILES = sorted((builtin.folder() / "translations").glob("*.ts"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_left_untranslated_and_all_places_are_kept(path) -> None:  # type: ignore[no-untyped-def]
    messages = [
        (context.findtext("name"), message.findtext("source"), message.find("translation"))
        for context in ET.parse(path).getroot().iter("context")
        for message in context.iter("message")
    ]
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
