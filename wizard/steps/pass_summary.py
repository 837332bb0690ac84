"""What a run of several steps will do, and what came out of it, in plain words; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.changes import value_words
from wizard.engine.data.tags import choose_target
from wizard.plan import NOT_COUNTING, TITLES, plain, step_settings
from wizard.project import local_time
from wizard.results import StepResult
from wizard.settings import Setting
from wizard.steps.session import WindowProject
from wizard.widgets.basics import plural
from wizard.widgets.paths_field import shorten

MAIN = {
    "parse": ("input", "channels", "frame", "group", "holdout"),
    "train": ("target", "network", "epochs", "minutes"),
    "evaluate": ("input",),
    "predict": ("input", "outputs"),
    "extract": ("layer",),
    "visualize": ("methods", "dimensions"),
    "label_parse": ("input", "light", "stains", "holdout"),
    "label_train": ("network", "head", "minutes"),
    "label_evaluate": ("input", "nuclei"),
    "label_predict": ("input", "format"),
    "label_extract": ("rows",),
    "label_visualize": ("fields",),
}
"""The choices that are always told; others only when they are not as preset."""

_MOST_CHANGED = 4
_LONGEST = 60


@dataclass(frozen=True)
class Choice:
    """One choice of the summary; `warning` says what is wrong with it."""

    key: str
    title: str
    value: str
    changed: bool
    warning: str = ""


def choices(project: WindowProject, step: str) -> list[Choice]:
    """Return the choices of a step: the main ones, then those that are not as preset."""
    values = getattr(project.plan, step).model_dump() if step in MAIN else {}
    found, more = [], []
    for item in step_settings(step):
        value = values[item.name]
        changed = value != item.default
        if item.name in MAIN[step]:
            words, warning = _words(project, item, value)
            found.append(Choice(item.key, item.title, words, changed, warning))
        elif changed and item.name not in NOT_COUNTING:
            more.append(Choice(item.key, item.title, _short(value_words(item, value)), True, _missing(item, value)))
    found.sort(key=lambda choice: MAIN[step].index(choice.key.partition(".")[2]))
    return found + more[:_MOST_CHANGED]


def unsaid(project: WindowProject, step: str) -> int:
    """Return how many changed settings of a step are not among its choices."""
    values = getattr(project.plan, step).model_dump() if step in MAIN else {}
    changed = [
        item for item in step_settings(step)
        if item.name not in (*MAIN[step], *NOT_COUNTING) and values[item.name] != item.default
    ]  # fmt: skip
    return max(0, len(changed) - _MOST_CHANGED)


def seen(project: WindowProject) -> Any:
    """Return the last look at the present images, or the data set made of them; None when neither is there."""
    wanted = list(project.plan.parse.input)
    found = [project.result(step) for step in ("survey", "parse")]
    fitting = [result for result in found if result is not None and result.settings.get("input") == wanted]
    return max(fitting, key=lambda result: str(result.created), default=None)


def _words(project: WindowProject, item: Setting, value: Any) -> tuple[str, str]:
    """Return the value of a main choice in words, and what is wrong with it."""
    found = seen(project) if item.step in ("parse", "train") else None
    if item.kind == "paths" and value:
        count = f": {plural(found.n_cells, 'cell')}" if found is not None and found.n_cells else ""
        names = ", ".join(Path(path).name or path for path in value)
        return f"{_short(names)}{count}", _missing(item, value)
    if plain(item.step) == "parse" and item.name == "input":
        return "none", "Choose the folder with your images first."
    words = value_words(item, value)
    if found is not None:
        words = _found_words(item, value, found) or words
    return _short(words), ""


def _found_words(item: Setting, value: Any, found: Any) -> str:
    """Say what an automatic choice comes to with the images that were seen."""
    if item.key == "train.target" and value == "auto":
        target = choose_target(found.tags, "auto")
        return f"automatic: {target} ({plural(len(found.tags[target]), 'value')})" if target else ""
    if item.key == "parse.group" and value == "auto" and found.group:
        return f"automatic: {found.group}"
    if item.key == "parse.frame" and str(value) in ("0", "0x0", "[0, 0]") and found.frame[0]:
        return f"automatic: {found.frame[0]} \u00d7 {found.frame[1]} px"
    if item.key == "parse.channels" and not value and found.channels:
        return f"all {plural(len(found.channels), 'channel')}: {', '.join(channel.name for channel in found.channels)}"
    return ""


def _missing(item: Setting, value: Any) -> str:
    """Say which of the named files and folders are not there."""
    paths = value if item.kind == "paths" else [value] if item.kind == "file" and value else []
    gone = [Path(path).name or path for path in paths if not Path(path).exists()]
    return f"Not found: {_short(', '.join(gone))}" if gone else ""


def _short(text: str) -> str:
    return shorten(text, _LONGEST)


def fate(project: WindowProject, steps: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (step, symbol, sentence) for every step: whether its result is made, replaced or kept."""
    told = []
    for step in project.steps:
        result = project.result(step)
        when = local_time(result.created) if result is not None else ""
        if step in steps:
            told.append((step, "ready", "is made") if result is None else (step, "stale", f"replaces {when}"))
        elif result is not None:
            told.append((step, "done", f"stays, {when}"))
        else:
            told.append((step, "blocked", "is left out"))
    return told


def kept(project: WindowProject, steps: Sequence[str]) -> str:
    """Say what a new training leaves as it is."""
    if "train" in steps and project.result("train") is not None:
        return "Earlier trainings stay in the history, with their model files."
    return ""


def problem(project: WindowProject, steps: Sequence[str]) -> str:
    """Return the first thing that would stop the run, or ""."""
    for step in steps:
        for choice in choices(project, step) if step in MAIN else ():
            if choice.warning:
                return f"{choice.title}: {choice.warning}"
    return ""


def outcome(project: WindowProject, step: str) -> list[str]:
    """Return the key figures of a step's result, as short lines."""
    result = project.result(step)
    return _OUTCOMES[step](result) if result is not None and step in _OUTCOMES else []


def _checked(result: Any) -> list[str]:
    problems = sum(item.verdict == "problem" for item in result.items)
    return [plural(problems, "problem") if problems else "This computer is fit for the work."]


def _parsed(result: Any) -> list[str]:
    names = ", ".join(channel.name for channel in result.channels)
    lines = [f"{plural(result.n_cells, 'cell')}, {plural(len(result.channels), 'channel')}: {names}"]
    counts = result.counts
    if counts.get("holdout"):
        word, _space, name = result.split_by.partition(" ")
        cells = plural(counts["holdout"], "cell")
        lines.append(
            f"{cells} held out, split by group {name}" if word == "group" else f"{cells} held out, split by {word}"
        )
    return lines


def _trained(result: Any) -> list[str]:
    accuracy = result.validation.get("accuracy")
    if accuracy is None:
        return [result.network_title]
    share = f"{100 * accuracy:.1f} %"
    return [f"{result.network_title}: {share} of the validation cells are right", f"Target: {result.target}"]


def _evaluated(result: Any) -> list[str]:
    lines = []
    for name, estimate in (("Balanced accuracy", result.balanced_accuracy), ("Accuracy", result.accuracy)):
        if estimate is not None and estimate.value is not None:
            between = ""
            if estimate.low is not None and estimate.high is not None:
                between = f" [{100 * estimate.low:.1f} to {100 * estimate.high:.1f} %]"
            lines.append(f"{name}: {100 * estimate.value:.1f} %{between}")
    return [*lines, f"{plural(result.n_cells, 'cell')} that the model never saw"]


def _predicted(result: Any) -> list[str]:
    largest = sorted(result.counts.items(), key=lambda pair: -pair[1])[:4]
    named = ", ".join(f"{name} {count:,}" for name, count in largest)
    more = f" and {len(result.counts) - 4} more" if len(result.counts) > 4 else ""
    lines = [f"{plural(result.n_cells, 'cell')}: {named}{more}"]
    if result.n_unsure or result.n_unfamiliar:
        lines.append(f"{result.n_unsure:,} unsure, {result.n_unfamiliar:,} unlike the training cells")
    return lines


def _extracted(result: Any) -> list[str]:
    return [plural(result.n_features, "feature"), plural(result.n_cells, "cell")]


def _visualized(result: Any) -> list[str]:
    methods = list(dict.fromkeys(found.method for found in result.maps))
    titles = next(item.choices for item in step_settings("visualize") if item.name == "methods")
    lines = [f"Maps: {', '.join(titles.get(method, method) for method in methods)}"]
    if result.clusters is not None:
        lines.append(plural(len(result.clusters.clusters), "cluster"))
    return lines


def _fields_parsed(result: Any) -> list[str]:
    stains = ", ".join(result.labels)
    fields = plural(result.n_fields, "field of view", "fields of view")
    return [f"{fields}, {plural(result.planes, 'plane')}; stains: {stains}", f"Held out by {result.split_by}"]


def _stains_trained(result: Any) -> list[str]:
    return [f"{result.network_title}: {plural(result.steps, 'step')}", f"Stains: {', '.join(result.labels)}"]


def _stains_evaluated(result: Any) -> list[str]:
    figures = ", ".join(f"{one.label} {one.pearson:.2f}" for one in result.stains if one.pearson is not None)
    return [f"Pearson on pixels that the model never saw: {figures}"]


def _stains_predicted(result: Any) -> list[str]:
    lines = [plural(len(result.fields), "field of view", "fields of view")]
    return [*lines, f"{result.n_unlike:,} unlike the training pictures"] if result.n_unlike else lines


def _places_described(result: Any) -> list[str]:
    return [plural(result.n_features, "feature"), f"{result.n_rows:,} rows, one for each {result.rows}"]


def _pictures_drawn(result: Any) -> list[str]:
    return [plural(len(result.overlays), "picture")]


_OUTCOMES = {
    "check": _checked, "parse": _parsed, "train": _trained, "evaluate": _evaluated, "predict": _predicted,
    "extract": _extracted, "visualize": _visualized,
    "label_parse": _fields_parsed, "label_train": _stains_trained, "label_evaluate": _stains_evaluated,
    "label_predict": _stains_predicted, "label_extract": _places_described, "label_visualize": _pictures_drawn,
}  # fmt: skip


def title(result: StepResult) -> str:
    """Name a step's result with its time, e.g. `Parse, 2026-01-15 10:30`."""
    return f"{TITLES[result.step]}, {local_time(result.created)}"
