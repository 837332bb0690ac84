"""Light or dark as the computer has it, asked once in a while: customtkinter would ask many times a second."""

from __future__ import annotations

import contextlib
import platform
import shutil
import subprocess
import sys
import tkinter as tk
from pathlib import Path

import customtkinter as ctk

_SECONDS = 0.5


def mode(appearance: str) -> str:
    """Return `light` or `dark` for a preference, which may also be `system`."""
    return appearance if appearance in ("light", "dark") else system()


def system() -> str:
    """Return what this computer uses, `light` where it does not say."""
    if platform.system() == "Linux":
        return "dark" if "dark" in _gnome() else "light"
    import darkdetect  # type: ignore[import-untyped, unused-ignore]

    return "dark" if darkdetect.theme() == "Dark" else "light"


def _gnome() -> str:
    program = shutil.which("gsettings")
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 fixed arguments, no shell
            [program, "get", "org.gnome.desktop.interface", "color-scheme"],
            capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


class Motion:
    """Whether things may move by themselves; the only one that does is a bar that cannot count."""

    on = True


def use(appearance: str, scale: int, motion: bool = True) -> None:
    """Put appearance, text size (percent) and movement in force for all that is built from now on."""
    Motion.on = motion
    ctk.set_appearance_mode(mode(appearance))
    ctk.set_widget_scaling(scale / 100)


def set_icon(window: tk.Tk, folder: Path) -> None:
    """Give a window the icon of the program, where the system takes one."""
    with contextlib.suppress(tk.TclError):
        if sys.platform == "win32":
            window.iconbitmap(str(folder / "icon.ico"))
        else:
            picture = tk.PhotoImage(master=window, file=str(folder / "icon.png"))
            window.iconphoto(True, picture)
            # Tk shows it only as long as someone holds it.
            window.__dict__["icon_picture"] = picture
