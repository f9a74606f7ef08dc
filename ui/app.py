"""Start the window."""

from __future__ import annotations

import locale
import logging
import logging.handlers
import sys
from typing import TYPE_CHECKING

import platformdirs
from PyQt6.QtCore import QLibraryInfo, QLocale, QTranslator
from PyQt6.QtWidgets import QApplication

from stytr_live import __version__, builtin, settings
from stytr_live.errors import StytrError
from ui import theme
from ui.garbage import Garbage
from ui.main_window import MainWindow
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

log = logging.getLogger("stytr_live.ui")


def main(arguments: Sequence[str] = ()) -> int:
    """Run the window until it is closed."""
    _log_to_file()
    said: list[str] = []
    chosen = settings.load(tell=said.append)
    app = QApplication(["stytr-live", *arguments])
    session = Session(network=chosen.network, device=chosen.device)
    garbage = Garbage(app)
    session.running.connect(garbage.settle)
    session.failed.connect(garbage.settle)
    app.setApplicationName("stytr-live")
    app.setApplicationDisplayName("StyTR Live")
    app.setApplicationVersion(__version__)
    translators = translate(app, chosen.language)
    theme.apply(app, chosen.theme)
    app.setWindowIcon(theme.icon("app", chosen.theme))
    window = MainWindow(chosen, session)
    sys.excepthook = _Survive(window)
    window.show()
    for sentence in said:
        window.tell(sentence)
    code = app.exec()
    garbage.close()
    sys.excepthook = sys.__excepthook__
    del translators
    return code


def translate(app: QApplication, language: str) -> list[QTranslator]:
    """Speak the language that was chosen, or the system's, where we know it."""
    wanted = QLocale.system() if language == "system" else QLocale(language)
    installed = []
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in (("stytr-live", str(builtin.folder() / "translations")), ("qtbase", qt)):
        translator = QTranslator(app)
        if translator.load(wanted, name, "_", folder):
            app.installTranslator(translator)
            installed.append(translator)
    locale.setlocale(locale.LC_NUMERIC, "C")  # FFmpeg reads numbers with points
    return installed


class _Survive:
    """An exception in a slot is logged and shown, and the window goes on."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        log.error("A slot failed", exc_info=(kind, error, trace))
        known = isinstance(error, StytrError)
        general = self._window.tr("Something went wrong inside the program; the log has the details.")
        self._window.tell(str(error) if known else general)


def _log_to_file() -> None:
    folder = platformdirs.user_log_path("stytr-live", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(folder / "window.log", maxBytes=1 << 20, backupCount=2)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("stytr_live").addHandler(handler)
