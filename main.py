"""StyTR Live from a checkout: without arguments the window, with arguments what `stytr-live` does."""

import sys

if __name__ == "__main__":
    if sys.argv[1:]:
        from stytr_live.cli import main

        main(sys.argv[1:])
    else:
        from ui.app import main as window

        sys.exit(window())
