"""The list of changes that can be taken back."""

from __future__ import annotations

import pytest

from wizard.engine.errors import UserError
from wizard.undo import MOST, Change, Undo


class Value:
    """Something that is changed."""

    def __init__(self, undo: Undo, kind: str = "") -> None:
        self.now, self._undo, self._kind = 0, undo, kind

    def set(self, new: int) -> None:
        before, self.now = self.now, new

        def back() -> None:
            self.now = before

        self._undo.did(Change(f"set {new}", back, self._kind, lambda: self.now == new))


def test_the_last_change_goes_first() -> None:
    undo = Undo()
    value = Value(undo)
    for number in (1, 2, 3):
        value.set(number)
    assert undo.words() == "set 3" and undo.take_back() == "set 3" and value.now == 2
    assert [undo.take_back(), undo.take_back(), undo.take_back()] == ["set 2", "set 1", ""]
    assert value.now == 0 and undo.words() == ""


def test_one_kind_can_be_taken_back_by_itself() -> None:
    undo = Undo()
    one, other = Value(undo, "tags"), Value(undo, "labels")
    one.set(1)
    other.set(5)
    assert undo.words("tags") == "set 1" and undo.take_back("tags") == "set 1"
    assert (one.now, other.now) == (0, 5) and undo.words() == "set 5" and undo.words("tags") == ""


def test_what_was_changed_elsewhere_since_is_not_undone() -> None:
    undo = Undo()
    value = Value(undo)
    value.set(1)
    value.set(2)
    value.now = 9
    assert undo.words() == "" and undo.take_back() == "" and value.now == 9
    value.set(3)
    assert undo.take_back() == "set 3" and value.now == 9


def test_a_refused_undo_stays_in_the_list() -> None:
    undo = Undo()

    def refuse() -> None:
        raise UserError("The disk is full.")

    undo.did(Change("it", refuse))
    with pytest.raises(UserError):
        undo.take_back()
    assert undo.words() == "it"


def test_those_who_hear_and_no_more() -> None:
    undo, heard = Undo(), []
    end = undo.hear(lambda: heard.append(undo.words()))
    Value(undo).set(1)
    undo.take_back()
    end()
    end()
    Value(undo).set(2)
    assert heard == ["set 1", ""]


def test_only_so_many_are_remembered() -> None:
    undo = Undo()
    for number in range(MOST + 10):
        Value(undo).set(number)
    count = 0
    while undo.take_back():
        count += 1
    assert count == MOST


def test_what_was_taken_back_is_done_again_until_something_else_is_done() -> None:
    undo, steps = Undo(), []
    for name in "ab":
        undo.did(Change(name, lambda name=name: steps.append(f"-{name}"), again=lambda name=name: steps.append(name)))
    assert [undo.take_back(), undo.take_back(), undo.again(), undo.again(), undo.again()] == ["b", "a", "a", "b", ""]
    assert steps == ["-b", "-a", "a", "b"] and undo.words() == "b"
    undo.take_back()
    assert undo.next_words() == "b"
    undo.did(Change("c", lambda: None))
    assert undo.next_words() == "" and undo.take_back() == "c" and undo.again() == ""


def test_what_does_not_fit_any_more_is_not_done_again() -> None:
    undo = Undo()
    fits = [True]
    undo.did(Change("a", lambda: None, again=lambda: None, held=lambda: fits[0]))
    undo.take_back()
    assert undo.next_words() == "a"
    fits[0] = False
    assert undo.next_words() == "" and undo.again() == ""
