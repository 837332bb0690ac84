"""Menus and the button that opens one."""

from __future__ import annotations

from typing import Any

from tests.window import settle
from wizard.widgets.menu import MenuButton


def test_the_entries_do_what_they_say(root: Any) -> None:
    done: list[str] = []
    button = MenuButton(root, "More\u2026", [("One", lambda: done.append("1")), ("Two", lambda: done.append("2"))])
    button.grid(row=0, column=0)
    root.update()
    assert [button.menu.entrycget(place, "label").strip() for place in range(2)] == ["One", "Two"]
    button.menu.invoke(1)
    button.choose("One")
    assert done == ["2", "1"]


def test_it_opens_by_key(root: Any) -> None:
    from wizard.widgets.focus import Focus

    button = MenuButton(root, "More\u2026", [("One", lambda: None)])
    button.grid(row=0, column=0)
    root.update()
    Focus(root).install(root)
    opened: list[int] = []
    button.menu.configure(postcommand=lambda: opened.append(1))
    canvas: Any = button.button._canvas
    for key in ("<Down>", "<Return>"):
        canvas.focus_force()
        root.update()
        canvas.event_generate(key)
        settle(root, 0.1)
        button.menu.unpost()
        button.menu.grab_release()
    assert len(opened) == 2
