"""`python -m wizard`: the window without arguments, the command line with them."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> None:
    """Start the window or the command line."""
    multiprocessing.freeze_support()
    if len(sys.argv) == 1:
        from wizard.app import main as window

        window()
        return
    from wizard.cli import main as command

    command()


if __name__ == "__main__":
    main()
