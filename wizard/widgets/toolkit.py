"""customtkinter, loaded so that a window that is already open survives.

On Linux it copies its fonts into the user's folder at every start. To write over a file that another window has mapped
ends that one with a bus error, so a font is written only where it is missing or another, and as a new file.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from pathlib import Path


def copy_font(source: str, folder: str) -> str:
    """Copy a font into a folder, if it is not there yet, without a change to the file that is; return its path.

    Raises OSError where that is not possible; customtkinter then draws without its fonts.
    """
    target = Path(folder) / Path(source).name
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return str(target)
    handle, new = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Path(source).read_bytes())
        Path(new).chmod(0o644)
        Path(new).replace(target)
    except OSError:
        Path(new).unlink(missing_ok=True)
        raise
    return str(target)


_copy = shutil.copy
shutil.copy = copy_font  # type: ignore[assignment]
try:
    import customtkinter as ctk
finally:
    shutil.copy = _copy

__all__ = ["copy_font", "ctk"]
