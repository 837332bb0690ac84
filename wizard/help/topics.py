"""Which choices have a "Why?" beside them, and where it leads."""

from __future__ import annotations

from wizard.help import texts
from wizard.words.catalogue import own

SETTINGS = {
    "parse.holdout": "hold-out",
    "parse.group": "group",
    "train.target": "weak",
    "train.augmentation": "augmentation",
    "train.class_weights": "balance",
    "evaluate.bootstrap": "intervals",
    "predict.error": "unsure",
    "predict.false_alarms": "unlike",
    "visualize.progression": "progression",
    "visualize.correct": "batch",
}
"""Full name of a setting → the topic that explains the choice."""

RESULTS = {
    "evaluate": ("intervals", "calibration"),
    "predict": ("unsure", "shares"),
}
"""Page → the topics that explain its results."""


def place(topic: str) -> str:
    """Return where a topic is explained."""
    return f"why#{topic}"


def question(topic: str, language: str) -> str:
    """Return the words of the link to a topic."""
    return own(texts.words(language)["why"][topic])


def anchor(key: str) -> str:
    """Return the name under which a setting is found in the page of its step, e.g. for `parse.frame`."""
    return f"setting-{key.partition('.')[2].replace('_', '-')}"
