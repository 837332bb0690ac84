"""Which choices have a "Why?" beside them, and where it leads."""

from __future__ import annotations

from wizard.help import texts
from wizard.plan import LABEL, LABEL_MODELS, plain
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


STAINS = "stains"
"""The page for all steps of the task to predict a stain."""


def page(step: str) -> str:
    """Return where a step is explained: a page, or a section of the page on stains."""
    return f"{STAINS}#{plain(step)}" if step.startswith(LABEL) else step


def setting(key: str, step: str) -> str:
    """Return where a setting is explained, e.g. `parse#setting-frame`, for one that stands on the page of a step."""
    return f"{STAINS if key.partition('.')[0] in LABEL_MODELS else step}#{anchor(key)}"


def place(topic: str) -> str:
    """Return where a topic is explained."""
    return f"why#{topic}"


def question(topic: str, language: str) -> str:
    """Return the words of the link to a topic."""
    return own(texts.words(language)["why"][topic])


def anchor(key: str) -> str:
    """Return the name under which a setting is found in the page of its step, e.g. `setting-frame` for `parse.frame`.

    The settings of the steps for stains share a page, so their names tell the step: `setting-train-minutes`.
    """
    step, _, name = key.partition(".")
    own = f"{plain(step)}-{name}" if step.startswith(LABEL) else name
    return f"setting-{own.replace('_', '-')}"
