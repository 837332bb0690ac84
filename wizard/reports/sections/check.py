"""The install check in a report."""

from __future__ import annotations

from pathlib import Path

from wizard.reports.blocks import Block, Column, Table, Value
from wizard.reports.words import count
from wizard.results import CheckResult

_VERDICTS = {"ok": "OK", "note": "Note", "problem": "Problem"}


def summary(result: CheckResult) -> str:
    """Say whether the computer is fit."""
    problems = sum(item.verdict == "problem" for item in result.items)
    notes = sum(item.verdict == "note" for item in result.items)
    if problems:
        verb = "needs" if problems == 1 else "need"
        return f"{count(problems, 'problem')} {verb} attention; {count(len(result.items), 'point')} were checked."
    rest = f", {count(notes, 'note')}" if notes else ""
    return f"The installation is complete: {count(len(result.items), 'point')} checked, no problem{rest}."


def blocks(result: CheckResult, folder: Path) -> list[Block]:
    """Return the lines of the check."""
    rows: list[list[Value]] = [[item.name, _VERDICTS[item.verdict], item.text, item.action] for item in result.items]
    columns = [Column("What"), Column("Verdict"), Column("Found"), Column("What to do")]
    return [Table("Checked points", columns, rows)]
