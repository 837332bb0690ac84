"""What changed in the settings since a step ran, in words; no widgets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wizard.plan import NOT_COUNTING, step_settings
from wizard.settings import Setting

_LONGEST = 40
_MOST = 3
_SPECIALS = re.compile(r", (?=\S+ = )")

AGAIN = {
    "check": "Check again.",
    "parse": "Parse again.",
    "train": "Train again.",
    "evaluate": "Evaluate again.",
    "predict": "Predict again.",
    "extract": "Extract again.",
    "visualize": "Draw the maps again.",
    "report": "Write the report again.",
    "label_parse": "Parse again.",
    "label_train": "Train again.",
    "label_evaluate": "Evaluate again.",
    "label_predict": "Predict again.",
    "label_extract": "Extract again.",
    "label_visualize": "Draw the pictures again.",
}
"""What to do when a step is out of date."""


def specials(item: Setting) -> dict[str, str]:
    """Return what special values of a setting mean, e.g. {"0": "no limit"}; only short explanations."""
    found = {}
    for part in _SPECIALS.split(item.special):
        value, sign, meaning = part.partition(" = ")
        if sign and len(meaning) <= _LONGEST:
            found["" if value == "empty" else value] = meaning
    return found


def value_words(item: Setting, value: Any) -> str:
    """Return a setting's value in plain words, with its unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(item.choices.get(str(part), str(part)) for part in value)
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    meaning = specials(item).get(text)
    if meaning is not None:
        return meaning
    if text in ("", "auto"):
        return "none" if text == "" else "automatic"
    if text in item.choices:
        return item.choices[text]
    return f"{text} {item.unit}" if item.unit and text.replace(".", "", 1).isdigit() else text


def change_words(item: Setting, before: Any, now: Any) -> str:
    """Say in a sentence how a setting changed, e.g. `Frame size was 40 px, now 48 px.`"""
    old, new = value_words(item, before), value_words(item, now)
    if item.kind in ("paths", "lines", "file") or max(len(old), len(new)) > _LONGEST:
        return f"{item.title} changed."
    return f"{item.title} was {old}, now {new}."


def what_changed(step: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say which settings of a step differ, each with its value before and now; "" when none does."""
    said = [
        change_words(item, before.get(item.name, item.default), now[item.name])
        for item in step_settings(step)
        if item.name not in NOT_COUNTING and now[item.name] != before.get(item.name, item.default)
    ]
    if len(said) > _MOST + 1:
        said = [*said[:_MOST], f"{len(said) - _MOST} more settings changed."]
    return " ".join(said)
