"""Timed calls that end with their widget, and reading in the background without touching Tk."""

from __future__ import annotations

import contextlib
import gc
import queue
import threading
import time
import tkinter as tk
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Found = TypeVar("Found")

_POLL_MS = 30


TURN_SECONDS = 0.03
"""For so long pieces of work are done at a stretch; then the window may look up."""


def later(widget: tk.Misc, milliseconds: int, call: Callable[[], object]) -> Callable[[], None]:
    """Call once after a time, unless the widget is gone by then; returns what cancels it.

    What is due in a millisecond waits in one line: Tk would make all calls that are due in one turn.
    """
    if milliseconds <= 1:
        return _line(widget).join(widget, call)
    marks = _marks(widget)
    waiting: list[str] = []

    def ring() -> None:
        marks.discard(waiting.pop())
        call()

    def cancel() -> None:
        if waiting:
            mark = waiting.pop()
            marks.discard(mark)
            with contextlib.suppress(tk.TclError):
                widget.after_cancel(mark)

    waiting.append(widget.after(milliseconds, ring))
    marks.add(waiting[0])
    return cancel


class _Line:
    """Calls of one interpreter, made in their order, as many in a turn as there is time for."""

    def __init__(self, root: tk.Misc) -> None:
        self._root = root
        self._waiting: deque[list[Any]] = deque()
        self._timed = False

    def join(self, widget: tk.Misc, call: Callable[[], object]) -> Callable[[], None]:
        entry: list[Any] = [widget, call]
        self._waiting.append(entry)
        self._ask()
        return entry.clear

    def _ask(self) -> None:
        if self._waiting and not self._timed:
            self._timed = True
            self._root.after(1, self._turn)

    def _turn(self) -> None:
        self._timed = False
        end = time.thread_time() + TURN_SECONDS
        try:
            # What joins now waits for the next turn: the window is laid out in between.
            for _ in range(len(self._waiting)):
                entry = self._waiting.popleft()
                if entry and entry[0].winfo_exists():
                    entry[1]()
                if time.thread_time() > end:
                    break
        finally:
            self._ask()


def _line(widget: tk.Misc) -> _Line:
    root = widget.nametowidget(".")
    kept: _Line | None = root.__dict__.get("waiting_line")
    if kept is None:
        kept = root.__dict__["waiting_line"] = _Line(root)
    return kept


def _marks(widget: tk.Misc) -> set[str]:
    """Return the waiting calls of a widget; the first time it is told to cancel them at its end."""
    kept: set[str] | None = widget.__dict__.get("waiting_calls")
    if kept is not None:
        return kept
    marks: set[str] = set()
    widget.__dict__["waiting_calls"] = marks

    def gone(event: tk.Event[Any]) -> None:
        if event.widget is widget:
            for mark in marks:
                with contextlib.suppress(tk.TclError):
                    widget.after_cancel(mark)
            marks.clear()

    widget.bind("<Destroy>", gone, add="+")
    return marks


def cancel_all(root: tk.Misc) -> None:
    """Cancel every timed call that waits in this interpreter."""
    root.__dict__.pop("waiting_line", None)
    for mark in root.tk.splitlist(root.tk.call("after", "info")):
        with contextlib.suppress(tk.TclError):
            root.tk.call("after", "cancel", mark)


_threads: list[threading.Thread] = []
_paused: list[bool] = []
"""Not empty while the collector is off because of a thread; where someone else switched it off it stays so."""


def background(
    widget: tk.Misc,
    work: Callable[[], Found],
    then: Callable[[Found], object],
    failed: Callable[[Exception], object] | None = None,
) -> None:
    """Run `work` in a thread (no Tk in there) and hand its answer to `then` in the window's thread.

    `work` must hold no widget, lest the thread be the last to let go of it. Nothing is called when
    `widget` is gone by then. An exception goes to `failed`, or is raised in the window's thread
    where the bug panel shows it.
    """
    answers: queue.Queue[tuple[bool, Any]] = queue.Queue()

    def run() -> None:
        try:
            answers.put((True, work()))
        except Exception as error:  # noqa: BLE001 handed over to the window's thread
            answers.put((False, error))

    # In a thread the cyclic collector could delete Tk objects, which ends the process.
    if gc.isenabled():
        gc.disable()
        _paused.append(True)
    thread = threading.Thread(target=run, daemon=True)
    _threads.append(thread)
    thread.start()
    root = widget.nametowidget(".")

    def look() -> None:
        try:
            good, answer = answers.get_nowait()
        except queue.Empty:
            later(root, _POLL_MS, look)
            return
        thread.join()
        collect_again()
        if not widget.winfo_exists():
            return
        if good:
            then(answer)
        elif failed is not None:
            failed(answer)
        else:
            raise answer

    later(root, _POLL_MS, look)


def collect_again() -> None:
    """Switch the cyclic collector on again once no thread of `background` is left."""
    _threads[:] = [thread for thread in _threads if thread.is_alive()]
    if not _threads and _paused:
        _paused.clear()
        gc.enable()


def in_chunks(widget: tk.Misc, calls: Iterable[Callable[[], object]]) -> None:
    """Make calls one after the other, as many as fit into a turn, until all are made or the widget is gone."""
    waiting = iter(calls)

    def turn() -> None:
        end = time.thread_time() + TURN_SECONDS
        for call in waiting:
            call()
            if not widget.winfo_exists():
                return
            if time.thread_time() > end:
                later(widget, 1, turn)
                return

    turn()
