from __future__ import annotations

from typing import Any

from tests.window import settle, words
from wizard.plan import STEPS, TITLES
from wizard.widgets.rail import WORDS, Rail


def make(root: Any, gone: list[str]) -> Rail:
    rail = Rail(root, [(step, TITLES[step]) for step in STEPS], gone.append)
    rail.grid(row=0, column=0, sticky="ns")
    rail.show(
        {
            "check": ("done", ""), "parse": ("stale", "Changed since: Seed."), "train": ("running", ""),
            "evaluate": ("ready", ""), "predict": ("ready", ""), "extract": ("blocked", "Train comes first."),
            "visualize": ("blocked", "Extract comes first."),
        },
        "evaluate",
    )  # fmt: skip
    settle(root, 0.1)
    return rail


def test_every_state_has_its_own_symbol_and_word(root: Any) -> None:
    rail = make(root, [])
    shown = {step: item.shown_word for step, item in rail.items.items()}
    assert shown == {
        "check": "Done", "parse": "Out of date", "train": "Running", "evaluate": "You are here",
        "predict": "To do", "extract": "Not yet", "visualize": "Not yet",
    }  # fmt: skip
    assert len(set(WORDS.values())) == len(WORDS)
    pictures = {item.itemcget(piece, "image") for item in rail.items.values() for piece in item.find_withtag("mark")}
    assert len(pictures) == 6
    icons = {item.itemcget("icon", "image") for item in rail.items.values()}
    assert len(icons) == 7
    assert all(TITLES[step] in words(rail) for step in STEPS)


def test_reasons_are_told_on_hover(root: Any) -> None:
    rail = make(root, [])
    assert rail.items["extract"].tip.text == "Train comes first."
    rail.items["extract"].tip.show()
    root.update()
    assert "Train comes first." in words(rail.items["extract"])
    rail.items["extract"].tip.hide()


def test_click_and_keys_choose(root: Any) -> None:
    gone: list[str] = []
    rail = make(root, gone)
    rail.items["parse"].event_generate("<Button-1>", x=4, y=4)
    rail.items["check"].focus_force()
    root.update()
    rail.items["check"].event_generate("<Down>")
    root.update()
    assert root.focus_get() is rail.items["parse"]
    rail.items["parse"].event_generate("<Up>")
    root.update()
    root.focus_get().event_generate("<Up>")
    root.update()
    assert root.focus_get() is rail.items["visualize"]
    root.focus_get().event_generate("<Return>")
    assert gone == ["parse", "visualize"]


def test_steps_move_together_in_a_low_window(root: Any) -> None:
    rail = make(root, [])
    high = rail.items["check"].winfo_height()
    root.geometry("900x340+0+0")
    root.update()
    root.update()
    assert rail.items["check"].winfo_height() < high
    last = rail.items["visualize"]
    assert last.winfo_y() + last.winfo_height() <= rail.winfo_height() + 4
    root.geometry("900x700+0+0")
