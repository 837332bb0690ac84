from __future__ import annotations

from typing import Any

import customtkinter as ctk
import pytest

from tests.window import settle
from wizard.widgets.focus import Focus


@pytest.fixture
def controls(root: Any) -> dict[str, Any]:
    pressed: list[str] = []
    frame = ctk.CTkFrame(root)
    frame.grid()
    made: dict[str, Any] = {
        "entry": ctk.CTkEntry(frame),
        "button": ctk.CTkButton(frame, text="Do", command=lambda: pressed.append("button")),
        "off": ctk.CTkButton(frame, text="Off", state="disabled", command=lambda: pressed.append("off")),
        "switch": ctk.CTkSwitch(frame, text="Switch"),
        "box": ctk.CTkCheckBox(frame, text="Box"),
        "menu": ctk.CTkOptionMenu(frame, values=["one", "two"]),
        "combo": ctk.CTkComboBox(frame, values=["one", "two"]),
        "slider": ctk.CTkSlider(frame, from_=0, to=10, number_of_steps=10),
    }
    for widget in made.values():
        widget.pack()
    focus = Focus(root)
    focus.install(root)
    focus.install(root)
    root.update()
    return {**made, "pressed": pressed, "focus": focus, "frame": frame}


def inner(widget: Any) -> Any:
    return widget._entry if isinstance(widget, (ctk.CTkEntry, ctk.CTkComboBox)) else widget._canvas


def test_tab_goes_through_all_controls_in_reading_order(root: Any, controls: dict[str, Any]) -> None:
    order = [inner(controls[name]) for name in ("entry", "button", "switch", "box", "menu", "combo", "slider")]
    order[0].focus_force()
    root.update()
    for expected in order[1:]:
        root.focus_get().event_generate("<Tab>")
        root.update()
        assert root.focus_get() is expected
    root.focus_get().event_generate("<Shift-Tab>")
    root.update()
    assert root.focus_get() is order[-2]


@pytest.mark.parametrize("key", ["<space>", "<Return>"])
def test_keys_act(root: Any, controls: dict[str, Any], key: str) -> None:
    for name in ("button", "switch", "box"):
        inner(controls[name]).focus_force()
        inner(controls[name]).event_generate(key)
    assert controls["pressed"] == ["button"]
    assert controls["switch"].get() == 1
    assert controls["box"].get() == 1


def test_a_control_that_is_off_does_not_act(root: Any, controls: dict[str, Any]) -> None:
    controls["off"]._canvas.event_generate("<space>")
    assert controls["pressed"] == []


def test_arrows_move_a_slider(root: Any, controls: dict[str, Any]) -> None:
    controls["slider"].set(5)
    controls["slider"]._canvas.focus_force()
    controls["slider"]._canvas.event_generate("<Right>")
    assert controls["slider"].get() == 6


def test_the_ring_shows_where_the_keyboard_is(root: Any, controls: dict[str, Any]) -> None:
    canvas = controls["button"]._canvas
    canvas.focus_force()
    root.update()
    assert canvas.find_withtag("focus-ring")
    controls["entry"]._entry.focus_force()
    root.update()
    assert not canvas.find_withtag("focus-ring")
    assert controls["entry"].cget("border_width") == 2


def test_no_ring_after_a_click(root: Any, controls: dict[str, Any]) -> None:
    canvas = controls["button"]._canvas
    canvas.event_generate("<Button-1>", x=5, y=5)
    canvas.focus_force()
    root.update()
    assert not canvas.find_withtag("focus-ring")


def test_a_dialog_keeps_the_focus(root: Any, controls: dict[str, Any]) -> None:
    other = ctk.CTkFrame(root)
    other.grid()
    inside = ctk.CTkButton(other, text="Inside")
    inside.pack()
    controls["focus"].install(other)
    root.update()
    controls["focus"].confine(other)
    controls["focus"].first(other)
    for _ in range(3):
        root.focus_get().event_generate("<Tab>")
        root.update()
        assert root.focus_get() is inside._canvas
    controls["entry"]._entry.focus_force()
    settle(root, 0.05)
    assert root.focus_get() is inside._canvas
