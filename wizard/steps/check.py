"""The page of the install check."""

from __future__ import annotations

import tkinter as tk
from typing import Protocol, cast

from typing_extensions import override

from wizard.results import CheckResult
from wizard.steps.flow import Flow
from wizard.steps.page import StepPage
from wizard.steps.task_choice import KEY, TaskChoice
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.panels import heading
from wizard.widgets.symbols import Symbol
from wizard.widgets.tabs import Builder

VERDICTS = {"ok": "Good", "note": "Note", "problem": "Problem"}
"""The word for each verdict."""


class TaskHost(Protocol):
    """The window, as far as the choice of the task is concerned."""

    flow: Flow


class CheckPage(StepPage):
    """Is this computer fit for the work?"""

    step = "check"
    instruction = "Make sure that this computer has everything the work needs."
    act = "Run the install check"
    again = "Run the install check again"
    promise = "Here you will see memory, disk, processor and libraries, each with a verdict in words."

    tasks: TaskChoice | None = None

    @override
    def _build_left(self) -> None:
        super()._build_left()
        flow = cast(TaskHost, self.host).flow
        self.tasks = TaskChoice(self.scroll.inner, self.project.plan.project.task, flow.choose_task)
        self.tasks.grid(row=1, column=0, sticky="ew")

    @override
    def refresh(self) -> None:
        super().refresh()
        if self.tasks is not None:
            by = self.project.profile
            locked = KEY in by.locked
            self.tasks.allow(self.host.run is None and not locked, f"Set by {by.who}." if locked else "")

    @override
    def explanation(self) -> str:
        return (
            "The check takes some seconds. It looks at memory, disk space, processor and libraries and lets a "
            "small network learn for a moment.\n\nIt changes nothing on this computer and sends nothing anywhere."
        )

    @override
    def views(self, result: CheckResult) -> dict[str, Builder]:
        return {"Checks": lambda parent: self._checks(parent, result)}

    def _checks(self, parent: tk.Misc, result: CheckResult) -> tk.Misc:
        problems = sum(item.verdict == "problem" for item in result.items)
        verdict = "This computer is ready." if result.passed else f"Problems found: {problems}."
        return self.stack(
            parent,
            [lambda inner: heading(inner, verdict), lambda inner: self._list(inner, result)],
            result.notices,
        )

    def _list(self, parent: tk.Misc, result: CheckResult) -> Area:
        frame = Area(parent)
        frame.columnconfigure(2, weight=1)
        for row, item in enumerate(result.items):
            colour = palette.WARN if item.verdict == "problem" else palette.MUTED
            Symbol(frame, item.verdict, 18).grid(row=row, column=0, sticky="n", pady=8)
            Text(frame, VERDICTS[item.verdict], colour=colour, wrap=False).grid(
                row=row, column=1, sticky="nw", padx=(8, 16), pady=8
            )
            words = Area(frame)
            words.columnconfigure(0, weight=1)
            words.grid(row=row, column=2, sticky="ew", pady=8)
            Text(words, item.name, weight="bold").grid(row=0, column=0, sticky="ew")
            Text(words, item.text).grid(row=1, column=0, sticky="ew")
            if item.action:
                Text(words, item.action, colour=colour).grid(row=2, column=0, sticky="ew")
        return frame
