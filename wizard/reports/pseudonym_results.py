"""A copy of a step's result in which every name has its stand-in, so that no later part can show the name."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, get_origin

from pydantic import BaseModel

from wizard.plan import PLAN_OF, step_settings
from wizard.reports.pseudonyms import Names
from wizard.results_base import GalleryCell, StepResult
from wizard.results_evaluate import Leakage, TagValue
from wizard.results_label import LabelEvaluateResult, LabelParseResult, LabelVisualizeResult, PredictedField
from wizard.results_predict import SampleRow
from wizard.results_train import FoldFigures
from wizard.results_visualize import BatchEffect, Cluster, Progression

Model = TypeVar("Model", bound=BaseModel)

_AS_THEY_ARE = frozenset(
    "schema_version step id created seconds settings_hash upstream versions classes run model_id network_title".split()
)
_FACTS = frozenset(
    ("Pixel size (µm)", "Magnification", "Compression", "Bits per pixel", "Grey levels", "Channel names")
)
"""What files say of themselves that cannot tell a person or place."""
_RULES = ("rename", "merge", "exclude", "populations", "table_file", "table_object")
_ORDERED = ("order", "root")


def without_names(result: StepResult, names: Names, group: str) -> Any:
    """Return a copy of a result without names of files, folders and tags; `group` is the tag kept together."""
    made = _model(result, names)
    updates: dict[str, Any] = {"settings": _settings(result, names)}
    if hasattr(result, "facts"):
        updates["facts"] = {title: text for title, text in result.facts.items() if title in _FACTS}
    if hasattr(result, "folds") and isinstance(result.folds, list):
        updates["folds"] = [
            fold.model_copy(update={"groups": names.any_of(fold.groups, group)})
            for fold in result.folds
            if isinstance(fold, FoldFigures)
        ]
    return made.model_copy(update=updates)


def _model(value: Model, names: Names) -> Model:
    """Return a copy of a model with its texts replaced; what is one of a fixed set of words stays."""
    changes: dict[str, Any] = {}
    for name, info in type(value).model_fields.items():
        if name not in _AS_THEY_ARE and get_origin(info.annotation) is not Literal:
            changes[name] = _any(getattr(value, name), names)
    return value.model_copy(update=changes | _special(value, names))


def _special(value: BaseModel, names: Names) -> dict[str, Any]:
    """Return the fields that hold values of a tag, or ids of cells."""
    if isinstance(value, LabelParseResult):
        return {"names": [names.view(one) for one in value.names]}
    if isinstance(value, LabelEvaluateResult):
        return {"fields": [names.view(one) for one in value.fields]}
    if isinstance(value, PredictedField):
        return {"name": names.view(value.name)}
    if isinstance(value, LabelVisualizeResult):
        return {
            "panels": {names.view(one): names.text(file) for one, file in value.panels.items()},
            "overlays": {names.view(one): names.text(file) for one, file in value.overlays.items()},
        }
    if isinstance(value, GalleryCell):
        return {"cell_id": names.cell(value.cell_id)}
    if isinstance(value, Cluster):
        return {"typical": [names.cell(one) for one in value.typical], "name": value.name}
    if isinstance(value, SampleRow):
        stand_in = names.source(value.value) if value.tag in ("source", "file") else names.value(value.tag, value.value)
        return {"tag": names.tag(value.tag), "value": stand_in, "counts": value.counts, "corrected": value.corrected}
    if isinstance(value, Leakage):
        return {"group": names.tag(value.group), "shared_groups": names.any_of(value.shared_groups, value.group)}
    if isinstance(value, Progression):
        stages = [one.model_copy(update={"value": names.value(value.tag, one.value)}) for one in value.stages]
        steps = [
            one.model_copy(update={"values": {names.value(value.tag, key): n for key, n in one.values.items()}})
            for one in value.steps
        ]
        order, root = names.any_of(value.order, value.tag), names.value(value.tag, value.root)
        return {"tag": names.tag(value.tag), "order": order, "root": root, "stages": stages, "steps": steps}
    if isinstance(value, BatchEffect):
        rows = [one.model_copy(update={"value": names.value(value.class_tag, one.value)}) for one in value.rows]
        return {"tag": names.tag(value.tag), "class_tag": names.tag(value.class_tag), "rows": rows}
    return {}


def _any(value: Any, names: Names) -> Any:
    if isinstance(value, str):
        return names.tag(value) if value in names.tags else names.text(value)
    if isinstance(value, BaseModel):
        return _model(value, names)
    if isinstance(value, dict):
        return {_any(key, names): _under(key, item, names) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_any(item, names) for item in value)
    return value


def _under(key: object, item: Any, names: Names) -> Any:
    """Return what a dictionary holds; below the name of a tag stand its values."""
    if not isinstance(key, str) or key not in names.tags:
        return _any(item, names)
    if isinstance(item, dict):
        return {names.value(key, value): number for value, number in item.items()}
    if isinstance(item, list) and all(isinstance(one, TagValue) for one in item):
        return [one.model_copy(update={"value": names.value(key, one.value)}) for one in item]
    return _any(item, names)


def _settings(result: StepResult, names: Names) -> dict[str, Any]:
    """Return the settings with paths, tags and rules replaced."""
    known = {item.name: item for item in step_settings(PLAN_OF.get(result.step, result.step))}
    along = str(result.settings.get("progression") or "")
    made: dict[str, Any] = {}
    for name, value in result.settings.items():
        kind = known[name].kind if name in known else "text"
        if not value or kind in ("choice", "choices", "switch", "whole", "number"):
            made[name] = value
        elif name in _RULES and value != known[name].default:
            made[name] = f"{len(value)} rules, not shown" if isinstance(value, list) else "given, not shown"
        elif kind == "tag" and value != known[name].default:
            made[name] = names.tag(str(value))
        elif name in _ORDERED and along:
            made[name] = names.any_of(value, along) if isinstance(value, list) else names.value(along, str(value))
        else:
            made[name] = _any(value, names)
    return made
