"""The lists of the page for all steps: choices, what happens, steps that run, key results."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence

from wizard.plan import TITLES
from wizard.project import local_time
from wizard.steps import pass_summary
from wizard.steps.pass_summary import Choice
from wizard.steps.run import Run
from wizard.steps.session import WindowProject
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, px
from wizard.widgets.link import Link
from wizard.widgets.symbols import Symbol
from wizard.words import catalogue

_TITLE_WIDTH = 168


def choices(
    inner: Area, project: WindowProject, steps: Sequence[str], jump: Callable[[str], object]
) -> dict[str, Link]:
    """Fill in the choices of the steps, each with a link to its field; return the links by the setting's name."""
    inner.columnconfigure(0, weight=0, minsize=px(inner, _TITLE_WIDTH))
    inner.columnconfigure(1, weight=1)
    links: dict[str, Link] = {}
    row = 0
    for step in steps:
        if step not in pass_summary.MAIN:
            continue
        Text(inner, TITLES[step], weight="bold", wrap=False).grid(
            row=row, column=0, columnspan=4, sticky="w", pady=(12 if row else 0, 2)
        )
        row += 1
        for choice in pass_summary.choices(project, step):
            _choice(inner, row, choice)
            link = Link(inner, "Change it", lambda key=choice.key: jump(key))  # type: ignore[misc]
            link.grid(row=row, column=3, sticky="e", padx=(12, 0))
            links[choice.key] = link
            row += 1
        hidden = pass_summary.unsaid(project, step)
        if hidden:
            said = "1 more setting is changed." if hidden == 1 else f"{hidden} more settings are changed."
            Text(inner, said, colour=palette.MUTED).grid(row=row, column=1, columnspan=2, sticky="ew")
            row += 1
    return links


def _choice(inner: Area, row: int, choice: Choice) -> None:
    Text(inner, choice.title, colour=palette.MUTED, wrap=False).grid(
        row=row, column=0, sticky="w", padx=(12, 12), pady=2
    )
    Text(inner, choice.value, weight="bold" if choice.changed else "normal").grid(
        row=row, column=1, sticky="ew", pady=2
    )
    state = "\u26a0 Needs you" if choice.warning else "Changed" if choice.changed else "As preset"
    colour = palette.WARN if choice.warning else palette.ACCENT_TEXT if choice.changed else palette.MUTED
    Text(inner, state, size="small", colour=colour, wrap=False).grid(row=row, column=2, sticky="e", padx=(12, 0))


def fates(master: tk.Misc, project: WindowProject, steps: Sequence[str]) -> Area:
    """Return what happens to the result of every step."""
    frame = Area(master)
    frame.columnconfigure(2, weight=1)
    for row, (step, symbol, words) in enumerate(pass_summary.fate(project, steps)):
        Symbol(frame, symbol, 16).grid(row=row, column=0, padx=(0, 8), pady=2)
        Text(frame, TITLES[step], wrap=False).grid(row=row, column=1, sticky="w", padx=(0, 12))
        Text(frame, words, size="small", colour=palette.MUTED).grid(row=row, column=2, sticky="ew")
    kept = pass_summary.kept(project, steps)
    if kept:
        Text(frame, kept, size="small", colour=palette.MUTED).grid(
            row=len(project.steps), column=0, columnspan=3, sticky="ew", pady=(4, 0)
        )
    return frame


class StepsList(Area):
    """The steps of a run: done, running, waiting; each with a link to its page."""

    def __init__(
        self, master: tk.Misc, steps: Sequence[str], project: WindowProject, choose: Callable[[str], object]
    ) -> None:
        super().__init__(master)
        self._project = project
        self.columnconfigure(2, weight=1)
        self.columnconfigure(1, minsize=px(self, 120))
        self.links: dict[str, Link] = {}
        self._words: dict[str, Text] = {}
        self._signs: dict[str, Symbol] = {}
        self._kinds: dict[str, str] = {}
        for row, step in enumerate(steps):
            Text(self, TITLES[step], weight="bold", wrap=False).grid(row=row, column=1, sticky="w", pady=8)
            self._words[step] = Text(self, "", colour=palette.MUTED)
            self._words[step].grid(row=row, column=2, sticky="ew", padx=12)
            link = Link(self, "Show its page", lambda step=step: choose(step))  # type: ignore[misc]
            link.grid(row=row, column=3, sticky="e")
            self.links[step] = link
            self._put(row, step, "blocked")

    def _put(self, row: int, step: str, kind: str) -> None:
        if self._kinds.get(step) == kind:
            return
        if step in self._signs:
            self._signs[step].destroy()
        self._kinds[step] = kind
        self._signs[step] = Symbol(self, kind, 20)
        self._signs[step].grid(row=row, column=0, padx=(0, 12))

    def follow(self, run: Run) -> None:
        """Show how far the run is."""
        for row, step in enumerate(self._words):
            if step in run.done:
                kind, said = (
                    "done",
                    "; ".join(catalogue.say(line) for line in pass_summary.outcome(self._project, step)),
                )
            elif step == run.doing:
                kind, said = "running", catalogue.say(run.label)
            else:
                kind, said = "ready", catalogue.say("Waits")
            self._put(row, step, kind)
            if str(self._words[step].cget("text")) != said:
                self._words[step].say(catalogue.own(said))


def outcomes(inner: Area, project: WindowProject, choose: Callable[[str], object]) -> dict[str, Link]:
    """Fill in the key figures of every step, each with a link to its page; return the links by step."""
    inner.columnconfigure(0, weight=0)
    inner.columnconfigure(1, weight=1)
    links: dict[str, Link] = {}
    for row, step in enumerate(project.steps):
        state = project.state(step)
        Symbol(inner, state.kind, 20).grid(row=2 * row, column=0, padx=(0, 12), sticky="n", pady=(6, 0))
        words = Area(inner)
        words.columnconfigure(0, weight=1)
        words.grid(row=2 * row, column=1, sticky="ew", pady=(4, 8))
        result = project.result(step)
        when = f"  {local_time(result.created)}" if result is not None else ""
        Text(words, catalogue.own(f"{catalogue.say(TITLES[step])}{when}"), weight="bold").grid(sticky="ew")
        lines = pass_summary.outcome(project, step) or [state.reason or "Not done yet."]
        if result is not None and state.kind == "stale":
            lines = [*lines, f"Out of date. {state.reason}"]
        for line in lines:
            Text(words, line, colour=palette.MUTED).grid(sticky="ew")
        link = Link(inner, "Show its page", lambda step=step: choose(step))  # type: ignore[misc]
        link.grid(row=2 * row, column=2, sticky="ne", padx=(12, 0), pady=(6, 0))
        links[step] = link
    return links
