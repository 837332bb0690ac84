"""The parts that every step's report has: notices, files, settings, versions."""

from __future__ import annotations

from typing import Any

from wizard.explain_plan import ExplainPlan
from wizard.latency_plan import LatencyPlan
from wizard.plan import PLAN_OF, step_settings
from wizard.reports.blocks import Block, Column, Table, Text, Value
from wizard.reports.words import date, duration
from wizard.results import StepResult
from wizard.settings import Setting

_OWN = {"explain": set(ExplainPlan.model_fields), "latency": set(LatencyPlan.model_fields)}
"""Settings on which only a run beside the steps depends: they are left out of the report of another such run."""

_LEVELS = {"info": "note", "warning": "warning", "error": "problem"}


def opening(result: StepResult, summary: str) -> list[Block]:
    """Return the summary and what the reader should know first: warnings, an early stop."""
    blocks: list[Block] = [Text(summary)]
    blocks += [Text(item.text, "warning") for item in result.notices if item.level != "info" and not item.file]
    if result.stopped:
        blocks.append(Text("The step was stopped early; the report covers what was done until then.", "note"))
    return blocks


def closing(result: StepResult) -> list[Block]:
    """Return notices, files and settings of a step."""
    return [*notices(result), *files(result), *settings(result)]


def notices(result: StepResult) -> list[Block]:
    """Return what was said during the step, as a table."""
    if not result.notices:
        return []
    rows = [[_LEVELS[item.level], item.text, item.file] for item in result.notices]
    columns = [Column("Kind"), Column("What was said"), Column("File")]
    return [Table("Notices", columns, rows, shown=30)]


def files(result: StepResult) -> list[Block]:
    """Return the step's own tables and files."""
    if not result.files:
        return []
    return [Table("Files of this step", [Column("Content"), Column("File")], [list(i) for i in result.files.items()])]


def settings(result: StepResult) -> list[Block]:
    """Return every setting with value, unit and default; settings that differ from it are marked."""
    step = PLAN_OF.get(result.step, result.step)
    known = {item.name: item for item in step_settings(step)}
    beside = result.step in PLAN_OF
    others = {name for run, names in _OWN.items() if beside and run != result.step for name in names}
    rows: list[list[Value]] = []
    for name, item in known.items():
        if name in result.settings and name not in others:
            rows.append(_setting(item, result.settings[name]))
    rows += [
        [name, _value(value), "", "", "", "", name] for name, value in result.settings.items() if name not in known
    ]
    if not rows:
        return []
    columns = [
        Column("Setting"), Column("Value", "any"), Column("Unit"), Column("Default", "any"), Column("Changed"),
        Column("What it does"), Column("Name"),
    ]  # fmt: skip
    return [Table("Settings of this step", columns, rows, shown=200)]


def _setting(item: Setting, value: Any) -> list[Value]:
    changed = "" if value == item.default else "changed"
    return [item.title, named(item, value), item.unit, named(item, item.default), changed, item.help, item.key]


def named(item: Setting, value: Any) -> Value:
    """Return a value in the words of the form: labels for choices, the meaning of a special default."""
    if item.special and value == item.default and not isinstance(value, bool):
        return item.special
    if isinstance(value, list):
        return ", ".join(item.choices.get(str(one), str(one)) for one in value) or "none"
    return item.choices.get(value, value) if isinstance(value, str) else _value(value)


def _value(value: Any) -> Value:
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def origin(result: StepResult) -> list[Block]:
    """Return when and from which results a result was made."""
    rows: list[list[Value]] = [
        ["Finished", date(result.created)],
        ["Time taken", duration(result.seconds)],
        ["Result", result.id],
        ["Fingerprint of the settings", result.settings_hash],
    ]
    rows += [[f"Made from the result of {name}", identity] for name, identity in result.upstream.items()]
    rows = [row for row in rows if row[1]]
    return [Table("Origin", [Column("What"), Column("Value")], rows)] if rows else []


def versions(result: StepResult) -> list[Block]:
    """Return the versions of the program and of its libraries with which a result was made."""
    rows = [[name, version] for name, version in result.versions.items()]
    return [Table("Versions", [Column("Program or library"), Column("Version")], rows)] if rows else []


def facts(title: str, rows: list[list[Value]]) -> Table:
    """Return a two-column table of what was found; rows without a value are left out."""
    return Table(title, [Column("What"), Column("Value", "any")], [row for row in rows if row[1] not in ("", None)])


def model_name(path: str) -> str:
    """Return a model file's name without its folder."""
    return path.replace("\\", "/").rsplit("/", 1)[-1] if path else "a model"
