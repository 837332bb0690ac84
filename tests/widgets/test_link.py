"""A quiet link: reached by Tab, followed by click, Enter and Space, with a visible ring."""

from __future__ import annotations

import pytest

from tests.window import settle
from wizard.widgets import palette
from wizard.widgets.focus import Focus, focused
from wizard.widgets.link import Link


@pytest.mark.parametrize("sequence", ["<Button-1>", "<space>", "<Return>", "<KP_Enter>"])
def test_it_is_followed(root, sequence):
    followed = []
    link = Link(root, "Why?", lambda: followed.append(True))
    link.grid(row=0, column=0)
    settle(root, 0.1)
    link.focus_set()
    settle(root, 0.1)
    link.event_generate(sequence)
    assert followed == [True]


def test_tab_reaches_it_and_a_ring_shows_it(root):
    keyboard = Focus(root)
    link = Link(root, "Why?", lambda: None)
    link.grid(row=0, column=0)
    settle(root, 0.1)
    assert keyboard.first(root)
    settle(root, 0.1)
    assert focused(root) is link
    assert int(link.cget("highlightthickness")) >= 2
    assert palette.contrast(str(link.cget("highlightcolor")), str(link.cget("bg"))) >= 4.5
    assert palette.contrast(str(link.cget("fg")), str(link.cget("bg"))) >= 4.5
