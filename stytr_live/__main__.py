"""`python -m stytr_live` is `stytr-live`."""

from stytr_live.cli import main

main()
