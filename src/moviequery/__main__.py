"""`python -m moviequery`: the same as the `moviequery` command."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
