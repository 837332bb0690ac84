"""The card of a model: what it is, what it saw, how far it can be trusted (Markdown)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wizard.reports.words import NONE, RESEARCH_ONLY, count, date, listed, one_line, shown, whole

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|!~])")


def model_card(manifest: Mapping[str, Any]) -> str:
    """Return the card for a model's manifest; keys that are missing leave out their line."""
    parts = [
        [f"# Model card: {_plain(manifest.get('name') or 'model')}", f"**{RESEARCH_ONLY}**"],
        ["## Model", _list(_model_facts(manifest))],
        ["## Intended use", _intended_use(manifest)],
        ["## Training data", _list(_data_facts(manifest)), _class_table(manifest)],
        ["## Input", _list(_input_facts(manifest))],
        ["## Figures", _figures(manifest)],
        ["## How to use", _usage(manifest)],
        ["## Settings of the training", _pairs(manifest.get("settings"))],
        ["## Versions", _pairs(manifest.get("versions"))],
    ]
    filled = [[text for text in part if text] for part in parts]
    return "\n\n".join(text for part in filled if len(part) > 1 for text in part) + "\n"


def _plain(value: object) -> str:
    """Return a value on one line with the signs of Markdown and HTML escaped."""
    escaped = _SPECIAL.sub(r"\\\1", one_line(value))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _list(facts: Iterable[tuple[str, object]]) -> str:
    return "\n".join(f"- {title}: {_plain(value)}" for title, value in facts if value not in (None, "", [], {}))


def _pairs(values: Mapping[str, Any] | None) -> str:
    return _list((_plain(name), shown_any(value)) for name, value in (values or {}).items())


def shown_any(value: Any) -> str:
    """Return any value of a manifest as text."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {shown_any(item)}" for name, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(shown_any(item) for item in value) or NONE
    return shown(value) if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def _model_facts(manifest: Mapping[str, Any]) -> list[tuple[str, object]]:
    parameters = manifest.get("parameters")
    return [
        ("Name", manifest.get("name")),
        ("Made", date(str(manifest["created"])) if manifest.get("created") else None),
        ("Network", manifest.get("network_title") or manifest.get("network")),
        ("Parameters", whole(parameters) if parameters else None),
        ("Target", manifest.get("target")),
        ("Classes", listed(manifest.get("classes") or [], 100)),
    ]


def _intended_use(manifest: Mapping[str, Any]) -> str:
    target = _plain(manifest.get("target") or "class")
    weak = (
        f" The {target} is a tag of whole samples: the model may tell staining or instrument apart, not the biology."
        if manifest.get("weak")
        else ""
    )
    return (
        f"The model tells the {target} of single cells in imaging flow cytometry, for research on samples that were "
        "stained, recorded and exported like those below. It knows its own classes only: every cell is given one of "
        "them. It was not tested for other stainings, instruments or sample types, nor for decisions about patients."
        + weak
    )


def _data_facts(manifest: Mapping[str, Any]) -> list[tuple[str, object]]:
    data = manifest.get("data_set") or {}
    cells = data.get("n_cells")
    sources = data.get("sources")
    return [
        ("Cells in the data set", whole(cells) if cells else None),
        ("Sources", sources if isinstance(sources, (int, str)) else listed(sources or [], 20)),
        ("Hold-out cells were set apart by", data.get("split_by")),
        ("Tag whose values were kept together", data.get("group")),
        ("Values of it among the training cells", len(data.get("training_groups") or []) or None),
        ("Fingerprint of the data set", data.get("fingerprint")),
    ]


def _class_table(manifest: Mapping[str, Any]) -> str:
    counts = manifest.get("counts") or {}
    if not counts:
        return ""
    lines = ["| Class | Training cells | Validation cells |", "|---|---:|---:|"]
    lines += [
        f"| {_plain(name)} | {whole(parts.get('train', 0))} | {whole(parts.get('validation', 0))} |"
        for name, parts in counts.items()
    ]
    return "\n".join(lines)


def _input_facts(manifest: Mapping[str, Any]) -> list[tuple[str, object]]:
    named = manifest.get("channels") or []
    channels = [f"{item.get('name', '')} (number {item.get('number', NONE)})" for item in named]
    frame = manifest.get("frame")
    normalisation = manifest.get("normalisation") or {}
    parse = manifest.get("parse") or {}
    return [
        ("Channels, in this order", listed(channels, 40)),
        ("Frame size", f"{frame[1]} × {frame[0]} px" if frame and len(frame) > 1 else None),
        ("Grey levels stored as", manifest.get("dtype")),
        ("Normalisation", normalisation.get("kind")),
        ("Padding of smaller cells", parse.get("padding")),
        ("Cells larger than the frame", parse.get("larger")),
        ("Scale", parse.get("scale") if parse.get("scale", 1.0) != 1.0 else None),
        ("Outside of the mask", "blanked" if parse.get("masking", "no") != "no" else None),
        ("Images cut into", parse.get("cut") if parse.get("cut", "no") != "no" else None),
    ]


def _figures(manifest: Mapping[str, Any]) -> str:
    validation = manifest.get("validation") or {}
    names = {"accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy", "loss": "Loss"}
    rows = [(f"{title} on validation cells", shown(validation.get(name), "number"))
            for name, title in names.items() if name in validation]  # fmt: skip
    cells = validation.get("n_cells")
    by = manifest.get("validation_by")
    if cells:
        rows.append(("Validation cells", f"{whole(cells)}{f', split by {by}' if by else ''}"))
    limit = (
        "These validation figures decided when to stop the training, so they are optimistic. The honest figures, with "
        "intervals, come from hold-out cells and are in the report of the step Evaluate."
    )
    return "\n\n".join(text for text in (_list(rows), limit) if text)


def _usage(manifest: Mapping[str, Any]) -> str:
    channels = manifest.get("channels") or []
    needs = f" It needs {count(len(channels), 'channel')}, found by number." if channels else ""
    calibrated = " Probabilities are calibrated on the validation cells." if manifest.get("temperature") else ""
    unfamiliar = " Cells unlike the training cells are marked as unfamiliar; do not rely on their class."
    return (
        "Choose the file as Model in the steps Evaluate, Predict or Extract, or give it on the command line with "
        f"`--model`.{needs} Channels, frame size and normalisation are taken from the file.{calibrated}{unfamiliar} "
        "Evaluate the model on labelled cells of your own before you use its predictions."
    )
