"""Step 1: is this computer fit for the work?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import psutil

from wizard.engine.events import Tell
from wizard.project import Project
from wizard.results import CheckItem, CheckResult

_GIB = 2**30
_LIBRARIES = ("tensorflow", "keras", "sklearn", "umap", "phate", "openTSNE", "matplotlib", "openpyxl", "zarr")


def install_check(plan: None, project: Project | None, tell: Tell, folder: Path) -> CheckResult:
    """Look at processor, memory, disk and libraries, and train a small network for a second.

    `folder` is where write access is tried; `plan` and `project` are not used.
    """
    checks: tuple[Callable[[], CheckItem], ...] = (
        _python, _processor, _memory, lambda: _disk(folder), lambda: _write_access(folder), _window,
        _libraries, _training_speed,
    )  # fmt: skip
    items = []
    for index, check in enumerate(checks):
        tell.progress(index / len(checks), "Looking at this computer")
        items.append(check())
    return CheckResult(items=items)


def _python() -> CheckItem:
    version = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    text = f"Python {version} on {platform.system()} {platform.release()} ({platform.machine()})"
    action = "" if fits else "Use Python 3.11, 3.12 or 3.13."
    return CheckItem(name="System", verdict="ok" if fits else "problem", text=text, action=action)


def _processor() -> CheckItem:
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    speed = "" if cores > 1 else "Training on one core is slow; let it run overnight."
    return CheckItem(name="Processor", verdict="ok" if cores > 1 else "note", text=f"{cores} cores", action=speed)


def _memory() -> CheckItem:
    memory = psutil.virtual_memory()
    free = memory.available / _GIB
    text = f"{memory.total / _GIB:.1f} GiB, {free:.1f} GiB free"
    if free < 1.5:
        return CheckItem(name="Memory", verdict="problem", text=text, action="Close other programs.")
    if free < 3:
        return CheckItem(name="Memory", verdict="note", text=text, action="Close other programs while training.")
    return CheckItem(name="Memory", verdict="ok", text=text)


def _disk(folder: Path) -> CheckItem:
    free = shutil.disk_usage(folder).free / _GIB
    verdict = "problem" if free < 0.5 else "note" if free < 5 else "ok"
    action = "" if verdict == "ok" else "Free some space, or choose a project folder on another disk."
    return CheckItem(name="Disk", verdict=verdict, text=f"{free:.1f} GiB free for the project", action=action)  # type: ignore[arg-type]


def _write_access(folder: Path) -> CheckItem:
    for place in (folder, Path(tempfile.gettempdir())):
        try:
            with tempfile.NamedTemporaryFile(dir=place) as file:
                file.write(b"0" * 4096)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return CheckItem(
                name="Write access", verdict="problem", text=f"{place}: {error.strerror}.",
                action="Choose a project folder in which you may write.",
            )  # fmt: skip
    return CheckItem(name="Write access", verdict="ok", text="Project folder and temporary folder can be written")


def _window() -> CheckItem:
    """Tk is looked for, not imported: the engine opens no window."""
    from importlib.util import find_spec

    if find_spec("_tkinter") and find_spec("customtkinter"):
        return CheckItem(name="Window", verdict="ok", text="Tk and customtkinter are there")
    return CheckItem(
        name="Window", verdict="note", text="Tk is missing: the command line works, the window does not",
        action="Install it, on Debian and Ubuntu with: sudo apt-get install python3-tk",
    )  # fmt: skip


def _libraries() -> CheckItem:
    missing = []
    for name in _LIBRARIES:
        try:
            if name == "umap":
                from wizard.engine.embeddings import import_umap

                import_umap()
            else:
                import_module(name)
        except ImportError as error:
            missing.append(f"{name} ({error})")
    if missing:
        return CheckItem(
            name="Libraries", verdict="problem", text=f"Cannot be loaded: {', '.join(missing)}",
            action="Run the installation again.",
        )  # fmt: skip
    return CheckItem(name="Libraries", verdict="ok", text=f"All {len(_LIBRARIES)} can be loaded")


def _training_speed() -> CheckItem:
    """Train the compact network on random cells for about two seconds."""
    import numpy as np

    from wizard.engine.backend import keras
    from wizard.engine.networks.base import build

    network = build("compact", (48, 48, 2), 4, {})
    network.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True), jit_compile=False)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(32, 48, 48, 2)).astype(np.float32)
    truth = np.eye(4, dtype=np.float32)[rng.integers(0, 4, 32)]
    network.train_on_batch(images, truth)
    began, steps = time.monotonic(), 0
    while time.monotonic() - began < 2.0:
        network.train_on_batch(images, truth)
        steps += 1
    speed = 32 * steps / (time.monotonic() - began)
    epoch = 2000 / speed
    return CheckItem(
        name="Training", verdict="ok" if speed > 60 else "note",
        text=f"{speed:.0f} cells per second with Compact: an epoch of 2,000 cells takes about {epoch:.0f} s",
        action="" if speed > 60 else "Training works but is slow on this computer.",
    )  # fmt: skip
