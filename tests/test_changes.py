from __future__ import annotations

from typing import Any

import pytest

from wizard.changes import change_words, specials, value_words, what_changed
from wizard.plan import STEPS, step_settings
from wizard.settings import Setting


def item(key: str) -> Setting:
    return next(item for item in step_settings(key.partition(".")[0]) if item.key == key)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("parse.frame", "48", "48 px"), ("train.epochs", 0, "fitted to the number of cells"),
        ("train.minutes", 7.5, "7.5 min"), ("parse.channels", "", "all channels"), ("parse.append", True, "yes"),
        ("parse.channels", "3,6", "3,6"), ("visualize.methods", ["pca", "umap"], "PCA, UMAP"),
        ("parse.group", "auto", "automatic"), ("predict.outputs", [], "tables and report only"),
        ("train.start", "", "random first weights"), ("parse.name", "", "none"),
    ],
)  # fmt: skip
def test_a_value_is_said_in_plain_words(key: str, value: Any, shown: str) -> None:
    assert value_words(item(key), value) == shown


def test_every_special_value_is_short_enough_to_be_said() -> None:
    for step in STEPS:
        for about in step_settings(step):
            assert all(len(words) <= 40 for words in specials(about).values())


def test_a_change_tells_before_and_now() -> None:
    assert change_words(item("train.seed"), 1, 2) == "Seed was 1, now 2."
    assert change_words(item("parse.input"), ["/a"], ["/b"]) == "Image files and folders changed."


def test_of_many_changes_the_first_are_told() -> None:
    settings = step_settings("train")
    before = {about.name: about.default for about in settings}
    now = {**before, "seed": 2, "epochs": 5, "batch": 16, "patience": 3, "folds": 3}
    said = what_changed("train", before, now)
    assert said.endswith("2 more settings changed.") and said.count(" was ") == 3
    assert what_changed("train", before, before) == ""
    assert what_changed("train", {}, {**before, "seed": 9}) == "Seed was 1, now 9.", "a setting that is newer"
