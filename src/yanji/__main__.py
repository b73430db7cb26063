"""Let `python -m yanji` do what the `yanji` command does."""

import sys

from yanji.cli import main

if __name__ == "__main__":
    sys.exit(main())
