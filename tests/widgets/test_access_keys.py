from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle
from wizard.widgets.access_keys import share_out
from wizard.widgets.basics import quiet_button
from wizard.widgets.choice import DropButton
from wizard.widgets.focus import Focus


def test_letters_are_unique_and_first_letters_of_words_come_first() -> None:
    words = ("Back", "Run all remaining steps", "Next: Train", "Report", "Bar", "123", "Zurück", "b")
    found = share_out({text: text for text in words})
    assert found["b"] == "Back" and found["r"] == "Run all remaining steps" and found["n"] == "Next: Train"
    assert found["e"] == "Report" and found["a"] == "Bar" and found["z"] == "Zurück"
    assert "123" not in found.values() and "b" not in found.values()


@pytest.fixture
def buttons(root: Any) -> Any:
    pressed: list[str] = []
    made = [quiet_button(root, text, lambda text=text: pressed.append(text)) for text in ("Start", "Stop", "Save")]
    for button in made:
        button.pack()
    focus = Focus(root)
    focus.install(root)
    settle(root, 0.2)
    return made, pressed, focus


def test_alt_and_the_underlined_letter_press(root: Any, buttons: Any) -> None:
    (start, stop, save), pressed, _focus = buttons
    assert [button._text_label.cget("underline") for button in (start, stop, save)] == [0, 1, 1]
    for letter in ("s", "t", "a", "q"):
        root.event_generate(f"<Alt-{letter}>")
    assert pressed == ["Start", "Stop", "Save"]
    root.event_generate("<Control-Alt-s>")
    assert len(pressed) == 3


def test_letters_follow_words_and_what_is_shown(root: Any, buttons: Any) -> None:
    (start, stop, _save), pressed, focus = buttons
    start.configure(text="Begin")
    settle(root, 0.2)
    assert start._text_label.cget("underline") == 0 and stop._text_label.cget("underline") == 0
    stop.pack_forget()
    settle(root, 0.2)
    root.event_generate("<Alt-s>")
    assert pressed == ["Save"]
    start.configure(state="disabled")
    root.event_generate("<Alt-b>")
    assert pressed == ["Save"] and focus.letters.letters["b"] is start


def test_a_value_or_a_name_has_no_letter(root: Any) -> None:
    drop, act = DropButton(root, "demo", lambda: None), quiet_button(root, "Delete", lambda: None)
    for button in (drop, act):
        button.pack()
    focus = Focus(root)
    focus.install(root)
    settle(root, 0.2)
    assert focus.letters.letters == {"d": act} and drop._text_label.cget("underline") == -1
