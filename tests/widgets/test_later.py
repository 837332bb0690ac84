from __future__ import annotations

import gc
import threading
import time
import tkinter as tk
from typing import Any

from tests.window import settle, wait
from wizard.widgets.later import background, cancel_all, in_chunks, later


def test_a_call_is_made_once(root: Any) -> None:
    calls: list[int] = []
    later(root, 5, lambda: calls.append(1))
    settle(root, 0.1)
    assert calls == [1]


def test_a_call_can_be_taken_back(root: Any) -> None:
    calls: list[int] = []
    later(root, 5, lambda: calls.append(1))()
    settle(root, 0.05)
    assert calls == []


def test_nothing_waits_for_a_widget_that_is_gone(root: Any) -> None:
    calls: list[int] = []
    frame = tk.Frame(root)
    before = len(root.tk.splitlist(root.tk.call("after", "info")))
    later(frame, 10, lambda: calls.append(1))
    frame.destroy()
    assert len(root.tk.splitlist(root.tk.call("after", "info"))) == before
    settle(root, 0.05)
    assert calls == []


def test_cancel_all_leaves_nothing(root: Any) -> None:
    root.after(10_000, lambda: None)
    cancel_all(root)
    assert root.tk.splitlist(root.tk.call("after", "info")) == ()


def test_work_in_the_background_answers_in_the_window_thread(root: Any) -> None:
    seen: list[tuple[str, bool]] = []
    background(
        root,
        lambda: threading.current_thread() is threading.main_thread(),
        lambda was_main: seen.append(("answer", was_main)),
    )
    wait(root, lambda: seen)
    assert seen == [("answer", False)]


def test_a_failure_in_the_background_is_handed_over(root: Any) -> None:
    seen: list[Exception] = []

    def fail() -> None:
        raise OSError("gone")

    background(root, fail, lambda answer: None, seen.append)
    wait(root, lambda: seen)
    assert str(seen[0]) == "gone"


def test_chunks_let_the_window_work_in_between(root: Any) -> None:
    order: list[str] = []

    def long(word: str) -> None:
        end = time.thread_time() + 0.04
        while time.thread_time() < end:
            pass
        order.append(word)

    in_chunks(root, [lambda: long("first"), lambda: long("second")])
    order.append("window")
    settle(root, 0.1)
    assert order == ["first", "window", "second"]


def test_short_chunks_share_a_turn_and_end_with_their_widget(root: Any) -> None:
    order: list[str] = []
    in_chunks(root, [lambda: order.append("first"), lambda: order.append("second")])
    assert order == ["first", "second"]
    frame = tk.Frame(root)
    in_chunks(frame, [frame.destroy, lambda: order.append("third")])
    assert order == ["first", "second"]


def test_the_collector_rests_while_a_thread_works(root: Any) -> None:
    gc.enable()
    go, seen = threading.Event(), []
    background(root, go.wait, seen.append)
    assert not gc.isenabled()
    settle(root, 0.1)
    assert seen == []
    go.set()
    wait(root, lambda: seen)
    assert gc.isenabled()


def test_a_collector_that_is_off_stays_off(root: Any) -> None:
    gc.disable()
    seen: list[bool] = []
    background(root, gc.isenabled, seen.append)
    wait(root, lambda: seen)
    assert not gc.isenabled()


def test_an_answer_for_a_widget_that_is_gone_is_dropped(root: Any) -> None:
    gc.enable()
    go, seen = threading.Event(), []
    frame = tk.Frame(root)
    background(frame, go.wait, seen.append)
    frame.destroy()
    go.set()
    wait(root, gc.isenabled)
    assert seen == []


def test_many_calls_leave_no_trace_on_the_widget(root: Any) -> None:
    frame = tk.Frame(root)
    later(frame, 2, lambda: None)
    bound = frame.bind("<Destroy>")
    for _ in range(50):
        later(frame, 2, lambda: None)
    settle(root, 0.1)
    assert frame.bind("<Destroy>") == bound
    assert frame.waiting_calls == set()  # type: ignore[attr-defined]


def test_a_call_soon_is_taken_back_or_ends_with_its_widget(root: Any) -> None:
    calls: list[str] = []
    frame = tk.Frame(root)
    later(root, 1, lambda: calls.append("cancelled"))()
    later(frame, 1, lambda: calls.append("gone"))
    later(root, 1, lambda: calls.append("made"))
    frame.destroy()
    settle(root, 0.1)
    assert calls == ["made"]


def test_a_mistake_does_not_hold_up_those_behind(root: Any) -> None:
    calls: list[str] = []
    mistakes: list[Any] = []
    root.report_callback_exception = lambda *what: mistakes.append(what)
    later(root, 1, lambda: [][0])
    later(root, 1, lambda: calls.append("made"))
    settle(root, 0.1)
    assert calls == ["made"] and len(mistakes) == 1
