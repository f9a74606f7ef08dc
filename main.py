"""StyTR Live from a checkout: `python main.py render …` is `stytr-live render …`; without arguments, the help."""

import sys

from stytr_live.cli import main

if __name__ == "__main__":
    main(sys.argv[1:] or ["--help"])
