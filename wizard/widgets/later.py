"""Timed calls that end with their widget, and reading in the background without touching Tk."""

from __future__ import annotations

import contextlib
import gc
import queue
import threading
import tkinter as tk
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Found = TypeVar("Found")

_POLL_MS = 30


def later(widget: tk.Misc, milliseconds: int, call: Callable[[], object]) -> Callable[[], None]:
    """Call once after a time, unless the widget is gone by then; returns what cancels it."""
    state: dict[str, Any] = {"over": False}

    def ring() -> None:
        state["over"] = True
        if widget.winfo_exists():
            call()

    mark = widget.after(milliseconds, ring)

    def cancel(event: tk.Event[Any] | None = None) -> None:
        if (event is None or event.widget is widget) and not state["over"]:
            state["over"] = True
            with contextlib.suppress(tk.TclError):
                widget.after_cancel(mark)

    widget.bind("<Destroy>", cancel, add="+")
    return cancel


def cancel_all(root: tk.Misc) -> None:
    """Cancel every timed call that waits in this interpreter."""
    for mark in root.tk.splitlist(root.tk.call("after", "info")):
        with contextlib.suppress(tk.TclError):
            root.tk.call("after", "cancel", mark)


_threads = 0
_lock = threading.Lock()


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the cyclic collector off: in a thread it could delete Tk objects, which Tk forbids."""
    global _threads
    with _lock:
        _threads += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _threads -= 1
            if not _threads:
                gc.enable()


def background(
    widget: tk.Misc,
    work: Callable[[], Found],
    then: Callable[[Found], object],
    failed: Callable[[Exception], object] | None = None,
) -> None:
    """Run `work` in a thread (no Tk in there) and hand its answer to `then` in the window's thread.

    Nothing is called when the widget is gone by then. An exception goes to `failed`,
    or is raised in the window's thread where the bug panel shows it.
    """
    answers: queue.Queue[tuple[bool, Any]] = queue.Queue()

    def run() -> None:
        with _without_collector():
            try:
                answers.put((True, work()))
            except Exception as error:  # noqa: BLE001 handed over to the window's thread
                answers.put((False, error))

    def look() -> None:
        try:
            good, answer = answers.get_nowait()
        except queue.Empty:
            later(widget, _POLL_MS, look)
            return
        if good:
            then(answer)
        elif failed is not None:
            failed(answer)
        else:
            raise answer

    threading.Thread(target=run, daemon=True).start()
    later(widget, _POLL_MS, look)


def in_chunks(widget: tk.Misc, calls: list[Callable[[], object]]) -> None:
    """Make calls one by one, letting the window breathe in between."""
    if not calls:
        return

    def step() -> None:
        calls.pop(0)()
        if calls and widget.winfo_exists():
            later(widget, 1, step)

    step()
