"""One declaration per setting: the source of form, command line, TOML, report and messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from wizard.engine.errors import UserError

Kind = Literal["text", "whole", "number", "switch", "choice", "choices", "paths", "file", "tag", "lines"]


def _split(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, int):
        return [value]
    return value


Listed = BeforeValidator(_split)
"""Lets a list setting be typed as `a,b` in the form and on the command line."""

Paths = Annotated[list[str], BeforeValidator(lambda v: [v] if isinstance(v, str) and v else v or [])]


_LINE = re.compile(r'(?:"[^"]*"|[^;\n])+')
"""A rule up to the next semicolon that is not in quotes."""


def _split_lines(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in _LINE.findall(value) if part.strip()]
    return value


Lines = Annotated[list[str], BeforeValidator(_split_lines)]
"""A list of short rules; typed with semicolons between them."""


def setting(
    default: Any,
    title: str,
    help: str,
    *,
    unit: str = "",
    basic: bool = True,
    kind: Kind | None = None,
    labels: dict[str, str] | None = None,
    example: str = "",
    special: str = "",
    section: str = "",
    takes: str = "",
    **bounds: Any,
) -> Any:
    """Declare a setting.

    `help` is a sentence for the user, `unit` a short word, `basic` False puts it under Advanced,
    `labels` name the choices, `special` says what the default value means in words
    (e.g. "0 = fitted to the cells"), `section` is the heading under which a form puts it, `takes` says
    which values are allowed where kind and bounds cannot (e.g. "a number, or two of them"),
    `bounds` are pydantic's (`ge`, `le`).
    """
    extra: dict[str, Any] = {
        "unit": unit,
        "basic": basic,
        "kind": kind,
        "labels": labels or {},
        "example": example,
        "special": special,
        "section": section,
        "takes": takes,
    }
    fresh = {"default_factory": lambda: list(default)} if isinstance(default, list) else {"default": default}
    return Field(**fresh, title=title, description=help, json_schema_extra=extra, **bounds)


class StepPlan(BaseModel):
    """The settings of one step; unknown names and values out of bounds are refused."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True, frozen=True)


@dataclass(frozen=True)
class Setting:
    """A setting as forms, options and reports see it."""

    step: str
    name: str
    title: str
    help: str
    unit: str
    basic: bool
    kind: Kind
    default: Any
    minimum: float | None
    maximum: float | None
    choices: dict[str, str]
    example: str
    special: str
    section: str = ""
    takes: str = ""

    @property
    def key(self) -> str:
        """The full name, e.g. `parse.frame`."""
        return f"{self.step}.{self.name}"


def settings_of(step: str, model: type[StepPlan]) -> Iterator[Setting]:
    """Yield the settings of a step in the order of their declaration."""
    for name, info in model.model_fields.items():
        extra: dict[str, Any] = info.json_schema_extra  # type: ignore[assignment]
        values = _choices(info.annotation)
        labels = extra["labels"]
        values = values or tuple(labels)
        yield Setting(
            step=step,
            name=name,
            title=info.title or name,
            help=info.description or "",
            unit=extra["unit"],
            basic=extra["basic"],
            kind=extra["kind"] or _kind(info.annotation, bool(values)),
            default=info.get_default(call_default_factory=True),
            minimum=_bound(info.metadata, "ge"),
            maximum=_bound(info.metadata, "le"),
            choices={str(value): labels.get(str(value), str(value)) for value in values},
            example=extra["example"],
            special=extra["special"],
            section=extra["section"],
            takes=extra["takes"],
        )


def _choices(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) is list:
        return _choices(get_args(annotation)[0])
    return ()


def _kind(annotation: Any, has_choices: bool) -> Kind:
    if has_choices:
        return "choices" if get_origin(annotation) is list else "choice"
    if get_origin(annotation) is list:
        return "lines"
    kinds: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number"}
    return kinds.get(annotation, "text")


def _bound(metadata: list[Any], name: str) -> float | None:
    for item in metadata:
        if hasattr(item, name):
            return float(getattr(item, name))
    return None


def refusal(step: str, model: type[StepPlan], error: ValidationError) -> UserError:
    """Turn pydantic's first complaint into a sentence about the setting, in the user's words."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    known = {item.name: item for item in settings_of(step, model)}
    if first["type"] == "extra_forbidden":
        return UserError(
            f"There is no setting called {step}.{name}.",
            "",
            f"The settings of this step are: {', '.join(known)}.",
        )
    about = known[name]
    value = first.get("input")
    return UserError(f"{about.title}: {value!r} cannot be used.", first["msg"] + ".", f"Give {allowed(about)}.")


def allowed(about: Setting) -> str:
    """Say in words which values a setting takes."""
    if about.takes:
        return about.takes
    if about.choices:
        return ("any of: " if about.kind == "choices" else "one of: ") + ", ".join(about.choices)
    low, high = about.minimum, about.maximum
    noun = {"whole": "a whole number", "number": "a number", "switch": "yes or no"}.get(about.kind, "text")
    unit = f" {about.unit}" if about.unit else ""
    if low is not None and high is not None:
        return f"{noun} from {low:g} to {high:g}{unit}"
    if low is not None:
        return f"{noun} of at least {low:g}{unit}"
    return noun + unit
