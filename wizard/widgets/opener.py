"""Opens a result with the system's own program, or shows it in its folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from wizard.engine.errors import UserError


def open_path(path: Path) -> None:
    """Open a file or folder; raises UserError when the system knows no way to."""
    if not path.exists():
        raise UserError(f"{path.name} is no longer there.", "It was moved or deleted.", "Run the step again.")
    try:
        if sys.platform == "win32":
            os.startfile(path)  # noqa: S606 a file that this program made
        else:
            command = "open" if sys.platform == "darwin" else "xdg-open"
            subprocess.Popen([command, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    except OSError:
        raise UserError(
            f"This computer has no program that opens {path.name}.", "", f"You find it at {path}."
        ) from None


def show_in_folder(path: Path) -> None:
    """Show the folder of a file, with the file selected where the system can do that."""
    if not path.exists():
        raise UserError(f"{path.name} is no longer there.", "It was moved or deleted.", "Run the step again.")
    try:
        if sys.platform == "win32":
            subprocess.Popen(["explorer", "/select,", str(path)])  # noqa: S603, S607
            return
        if sys.platform == "darwin":
            subprocess.Popen(["open", "-R", str(path)])  # noqa: S603, S607
            return
    except OSError:
        pass
    open_path(path.parent)
