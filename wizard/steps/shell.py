"""What stands around the pages: bar above, rail at the left, footer and the research-use line below."""

from __future__ import annotations

import tkinter as tk
from functools import partial
from pathlib import Path
from typing import Protocol

from wizard import recent
from wizard.plan import STEPS, TITLES
from wizard.steps import messages, moves
from wizard.steps.host import Host
from wizard.steps.session import WindowProject
from wizard.steps.start import StartPage
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.footer import Footer
from wizard.widgets.rail import Rail
from wizard.widgets.topbar import TopActs, TopBar


class Acts(Host, Protocol):
    """What the shell may ask of the window, beyond what pages may."""

    preferences: recent.Preferences
    step: str

    def choose(self, step: str) -> None:
        """Go to a page because the user asked for it."""

    def back(self) -> None:
        """Go to the page before."""

    def forward(self) -> None:
        """Go to the next page."""

    def run_remaining(self) -> None:
        """Run every step from this page on that is not done."""

    def new_project(self) -> None:
        """Ask for name and place of a new project."""

    def new_demo(self) -> None:
        """Ask for name and place of a demo project."""

    def choose_project(self) -> None:
        """Let the user choose a project folder."""

    def open_project(self, root: str) -> None:
        """Open the project in a folder."""

    def change_theme(self) -> None:
        """Change between the light and the dark theme."""

    def change_scale(self, percent: int) -> None:
        """Change the size of text and buttons."""

    def show_keys(self) -> None:
        """Show the keys."""


class Shell(Area):
    """Fills the window; `pages` is where the page of a step goes, `start` the page without a project."""

    def __init__(self, master: tk.Misc, acts: Acts) -> None:
        super().__init__(master, palette.BACK)
        self._acts = acts
        self.rail: Rail | None = None
        self.footer: Footer | None = None
        self.start: StartPage | None = None
        self.pages: Area | None = None
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        recent_projects = acts.preferences.present()
        self._add_top(recent_projects)
        tk.Frame(self, bg=palette.now(palette.LINE), height=1).grid(row=1, column=0, sticky="ew")
        body = Area(self, palette.BACK)
        body.grid(row=2, column=0, sticky="nsew")
        body.rowconfigure(0, weight=1)
        if acts.project is None:
            self._add_start(body, recent_projects)
        else:
            self._add_steps(body)
        Text(self, messages.RESEARCH_USE, size="small", colour=palette.MUTED, back=palette.BACK, anchor="center").grid(
            row=3, column=0, sticky="ew", pady=(0, 6)
        )

    def _add_top(self, recent_projects: list[Path]) -> None:
        acts = self._acts
        top_acts = TopActs(
            acts.new_project, acts.choose_project, acts.new_demo, acts.open_project, acts.change_theme,
            acts.change_scale, acts.show_keys, partial(acts.choose, "report"),
        )  # fmt: skip
        paths = [str(path) for path in recent_projects]
        self.top = TopBar(self, top_acts, paths, acts.preferences.scale, recent.SCALES)
        self.top.grid(row=0, column=0, sticky="ew")

    def _add_start(self, body: Area, recent_projects: list[Path]) -> None:
        acts = self._acts
        body.columnconfigure(0, weight=1)
        self.start = StartPage(
            body, acts.new_project, acts.choose_project, acts.new_demo, recent_projects, acts.open_project
        )
        self.start.grid(row=0, column=0, sticky="nsew")

    def _add_steps(self, body: Area) -> None:
        acts = self._acts
        body.columnconfigure(1, weight=1)
        self.rail = Rail(body, [(step, TITLES[step]) for step in STEPS], acts.choose)
        self.rail.grid(row=0, column=0, rowspan=2, sticky="ns", pady=(16, 0))
        self.pages = Area(body, palette.BACK)
        self.pages.grid(row=0, column=1, sticky="nsew", padx=(16, 20), pady=(16, 0))
        self.pages.columnconfigure(0, weight=1)
        self.pages.rowconfigure(0, weight=1)
        self.footer = Footer(body, acts.back, acts.run_remaining, acts.forward)
        self.footer.grid(row=1, column=1, sticky="ew", padx=(16, 20))

    def refresh(self) -> None:
        """Show which project is open, the states of its steps, and what can be done next."""
        project, run = self._acts.project, self._acts.run
        self.top.enable(run is None)
        self.top.show_project(project.name if project else "", str(project.root) if project else "")
        self.top.enable_report(project is not None, self._acts.step == "report")
        if project is None or self.rail is None or self.footer is None:
            return
        states: dict[str, tuple[str, str]] = {
            step: (state.kind, state.reason) for step, state in project.states().items()
        }
        own = states[self._acts.step][0] if self._acts.step in states else ""
        if run is not None:
            states[run.step] = ("running", "")
        self.rail.show(states, self._acts.step)
        self._show_footer(project, self.footer, own == "done" and run is None)

    def _show_footer(self, project: WindowProject, footer: Footer, strong: bool) -> None:
        run, step = self._acts.run, self._acts.step
        steps = moves.remaining(project, step)
        reason = moves.why_no_next(project, step)
        if reason and run is not None and step == run.step:
            reason = f"{TITLES[step]} is running."
        footer.show(
            back=bool(moves.neighbour(step, -1)),
            forward=TITLES.get(moves.neighbour(step, 1), ""),
            reason=reason,
            strong=strong,
            run_all="A step is running." if run else moves.why_no_run(project, steps),
            count=len(steps),
        )
