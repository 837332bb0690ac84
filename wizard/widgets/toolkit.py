"""customtkinter, loaded so that a window that is already open survives.

On Linux it copies its fonts into the user's folder at every start. To write over a file that another window has mapped
ends that one with a bus error, so a font is written only where it is missing or another, and as a new file.
"""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

from wizard import fileio


def copy_font(source: str, folder: str) -> str:
    """Copy a font into a folder, if it is not there yet, without a change to the file that is; return its path.

    Raises OSError where that is not possible; customtkinter then draws without its fonts.
    """
    target = Path(folder) / Path(source).name
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return str(target)
    if not target.parent.is_dir():
        raise NotADirectoryError(folder)
    return str(fileio.write_bytes(target, Path(source).read_bytes()))


_copy = shutil.copy
shutil.copy = copy_font  # type: ignore[assignment]
try:
    import customtkinter as ctk
finally:
    shutil.copy = _copy

__all__ = ["copy_font", "ctk"]
