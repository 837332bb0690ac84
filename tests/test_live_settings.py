"""Settings that a running training takes over."""

from __future__ import annotations

from wizard.live_settings import LIVE, change_text, in_use, live_settings
from wizard.train_plan import TrainPlan


def test_every_live_setting_is_offered_once() -> None:
    names = [item.name for item in live_settings()]
    assert sorted(names) == sorted(LIVE) and len(set(names)) == len(names)
    assert names[0] == "learning_rate" and live_settings()[0].basic


def test_what_is_in_use_follows_the_adjustments() -> None:
    made = [{"setting": "epochs", "new": 9}, {"setting": "epochs", "new": 12}, {"setting": "target", "new": "x"}]
    values = in_use(TrainPlan(), made)
    assert values["epochs"] == 12 and values["patience"] == 30 and "target" not in values


def test_changes_are_told_in_the_words_of_the_form() -> None:
    assert change_text("learning_rate", 0.002, 0.001) == "Learning rate 0.002 \u2192 0.001"
    assert change_text("augmentation", "flow cell", "own") == "Augmentation Flow cell \u2192 Own ranges, see Advanced"
    assert change_text("flip_vertical", True, False) == "Flip up-down on \u2192 off"
    assert change_text("freeze_layers", [], ["stem_*", "a"]) == "Frozen layers none \u2192 stem_*; a"
    assert change_text("gone", 1, 2) == "gone 1 \u2192 2"
