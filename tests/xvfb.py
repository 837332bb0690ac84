"""A display for tests of the window: the present one, or an Xvfb of our own."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SIZE = (1366, 768)


def why_no_display() -> str:
    """Return why no window can be shown here, or ""."""
    if sys.platform != "linux" or os.environ.get("DISPLAY") or shutil.which("Xvfb"):
        return ""
    return "no DISPLAY, and Xvfb is not installed (Debian: apt install xvfb)"


@contextmanager
def display() -> Iterator[str]:
    """Yield the name of a display; DISPLAY is set to it meanwhile."""
    if sys.platform != "linux" or os.environ.get("DISPLAY"):
        yield os.environ.get("DISPLAY", "")
        return
    read, write = os.pipe()
    screen = f"{SIZE[0]}x{SIZE[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp", "-dpi", "96"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        if not select.select([read], [], [], 20)[0]:
            raise RuntimeError("Xvfb did not start within 20 seconds")
        os.environ["DISPLAY"] = ":" + os.read(read, 16).decode().strip()
        yield os.environ["DISPLAY"]
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait(10)
        os.close(read)
