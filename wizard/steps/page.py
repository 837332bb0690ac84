"""The frame of every page: one instruction, the form with its act at the left, the results at the right."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from wizard.engine.errors import UserError, from_os_error
from wizard.plan import TITLES, plain, step_settings
from wizard.project import local_time
from wizard.settings import Setting
from wizard.steps import help_marks
from wizard.steps.act import ActArea
from wizard.steps.base import Page
from wizard.steps.host import Host
from wizard.steps.live import LiveNotes
from wizard.steps.session import WindowProject
from wizard.widgets import palette
from wizard.widgets.basics import Area, Card, Text, choose_button, quiet_button, scale
from wizard.widgets.error_panel import ErrorPanel
from wizard.widgets.files import file_list
from wizard.widgets.form import Form
from wizard.widgets.later import later
from wizard.widgets.panels import empty, folder_links, heading, notice_list
from wizard.widgets.rail import WORDS
from wizard.widgets.scroll import Scroll
from wizard.widgets.symbols import Symbol
from wizard.widgets.tabs import Builder, Tabs
from wizard.words import catalogue

NARROW = 900
"""Below this width (design pixels) form and results take turns instead of standing side by side."""

FORM_WIDTH = 416


class _Part(Card):
    """The settings, or the result."""

    window_part = "card"


class StepPage(Page):
    """Base of the seven pages; subclasses give the words and the views of their result."""

    step: ClassVar[str]
    instruction: ClassVar[str]
    act: ClassVar[str]
    again: ClassVar[str]
    promise: ClassVar[str]
    """What the result will show, said while there is none."""

    def __init__(self, master: tk.Misc, host: Host, project: WindowProject) -> None:
        super().__init__(master, palette.BACK)
        self.host, self.project = host, project
        self.narrow: bool | None = None
        self.tabs: Tabs | None = None
        self.notes: LiveNotes | None = None
        self._shown: object = None
        self.columnconfigure(1, weight=1)
        self.rowconfigure(1, weight=1)
        self._head()
        self.left, self.right = _Part(self), _Part(self)
        self._build_left()
        self.right.columnconfigure(0, weight=1)
        self.right.rowconfigure(1, weight=1)
        self._failure: ErrorPanel | None = None
        self.bind("<Configure>", self._fit, add="+")
        self.refresh()

    # The head: title, state, instruction, and in narrow windows the choice of side.

    def _head(self) -> None:
        head = Area(self, palette.BACK)
        head.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 12))
        head.columnconfigure(2, weight=1)
        Text(head, TITLES[self.step], size="title", weight="bold", back=palette.BACK, wrap=False).grid(
            row=0, column=0, sticky="w", padx=(0, 16)
        )
        self.chip = Area(head, palette.BACK)
        self.chip.columnconfigure(1, weight=1)
        self.chip.grid(row=0, column=1, columnspan=2, sticky="ew")
        Text(head, self.instruction, size="heading", colour=palette.MUTED, back=palette.BACK).grid(
            row=1, column=0, columnspan=3, sticky="ew", pady=(2, 0)
        )
        links = help_marks.page_links(head, self.step, self.host.help.language, self.host.help.open)
        links.grid(row=1, column=4, sticky="se", padx=(16, 0))
        self._sides = Area(head, palette.BACK)
        self.side_buttons = {
            "settings": quiet_button(self._sides, "Settings", lambda: self.show_side("settings")),
            "result": quiet_button(self._sides, "Result", lambda: self.show_side("result")),
        }
        for column, button in enumerate(self.side_buttons.values()):
            button.grid(row=0, column=column, padx=(8, 0))

    def _show_state(self) -> None:
        run = self.host.run
        state = self.project.state(self.step)
        kind, reason = ("running", "") if run and run.step == self.step else (state.kind, state.reason)
        for old in self.chip.winfo_children():
            old.destroy()
        Symbol(self.chip, kind, 18, palette.BACK).grid(row=0, column=0, padx=(0, 6))
        words = f"{catalogue.say(WORDS[kind])}. {catalogue.say(reason)}" if reason else catalogue.say(WORDS[kind])
        colour = palette.WARN if kind == "stale" else palette.MUTED
        self.state_text = Text(self.chip, catalogue.own(words), colour=colour, back=palette.BACK)
        self.state_text.grid(row=0, column=1, sticky="ew")

    # The left card: the form above, the act below.

    def _build_left(self) -> None:
        self.left.columnconfigure(0, weight=1)
        self.left.rowconfigure(0, weight=1)
        self.scroll = Scroll(self.left)
        self.scroll.grid(row=0, column=0, sticky="nsew", padx=(16, 2), pady=(14, 4))
        settings = step_settings(self.step)
        if settings:
            values = getattr(self.project.plan, self.step).model_dump()
            by = self.project.profile
            self.form = Form(
                self.scroll.inner, settings, values, self._save, self._known_tags(settings), by.locked, by.who
            )
            self.form.on_changed = self._changed
            self.form.on_grown = self._grown
            self._grown(self.form)
            self.form.grid(row=0, column=0, sticky="ew")
        else:
            Text(self.scroll.inner, self.explanation(), colour=palette.MUTED).grid(row=0, column=0, sticky="ew")
        tk.Frame(self.left, bg=palette.now(palette.LINE), height=1).grid(row=1, column=0, sticky="ew", padx=1)
        self.acts = ActArea(self.left, self)
        self.acts.grid(row=2, column=0, sticky="ew", padx=16, pady=12)

    def _grown(self, widget: tk.Misc) -> None:
        """Make what came into the form reachable by key, and explain it."""
        self.host.keyboard.install(widget)
        if self.form is not None:
            help_marks.mark_form(self.form, self.host.help.language, self.host.help.open)

    def _explain(self, view: tk.Misc) -> None:
        self.host.keyboard.install(view)
        help_marks.mark_figures(view, self.host.help.language)
        help_marks.mark_headings(view, self.host.help.language)

    def explanation(self) -> str:
        """What stands at the left when a step has no settings."""
        return ""

    def _known_tags(self, settings: list[Setting]) -> dict[str, list[str]]:
        parsed = self.project.result("parse")
        if parsed is None:
            return {}
        return {
            item.name: list(parsed.targets if item.key == "train.target" else parsed.tags)
            for item in settings
            if item.kind == "tag"
        }

    def _save(self, item: Setting, value: object) -> None:
        try:
            self.project.change({item.key: value})
        except OSError as error:
            raise from_os_error(error) or error from error

    def store(self, values: Mapping[str, object]) -> None:
        """Store settings of this step by name from elsewhere than the form, which shows them; raises UserError."""
        if self.host.run is not None:
            raise UserError("A step is running.", "", "Wait until it has ended, or stop it first.")
        try:
            self.project.change({f"{self.step}.{name}": value for name, value in values.items()})
        except OSError as error:
            raise from_os_error(error) or error from error
        if self.form is not None:
            for name in values:
                self.form.put(name, getattr(getattr(self.project.plan, self.step), name))
        later(self, 1, self._changed)

    def attempt(self, values: Mapping[str, object]) -> None:
        """Store settings of this step by name; a refusal is shown over the page."""
        try:
            self.store(values)
        except UserError as refusal:
            self.host.tell(refusal)

    def _changed(self) -> None:
        if self.form is not None:
            self.form.note(getattr(self.project.plan, self.step).model_dump())
        self.host.settings_changed()

    def flush(self) -> None:
        """Store what was typed but not stored yet."""
        if self.form is not None:
            self.form.flush()

    # Side by side, or in turns.

    def _fit(self, event: tk.Event[Any]) -> None:
        if event.widget is self and self.left.winfo_exists():
            narrow = event.width / scale(self) < NARROW
            if narrow != self.narrow:
                self.narrow = narrow
                self._arrange()

    def _arrange(self) -> None:
        for part in (self.left, self.right):
            part.grid_forget()
        # Tk forgets this with the place; without it the words inside and the width of the card would chase each other.
        self.left.grid_propagate(False)
        self._sides.grid_forget()
        if not self.narrow:
            self.columnconfigure(0, weight=0, minsize=round(FORM_WIDTH * scale(self)))
            self.left.configure(width=FORM_WIDTH)
            self.left.grid(row=1, column=0, sticky="nsew", padx=(0, 12))
            self.right.grid(row=1, column=1, sticky="nsew")
            return
        self.columnconfigure(0, weight=1, minsize=0)
        self._sides.grid(row=0, column=3, rowspan=2, sticky="e")
        shown = self.left if self.side == "settings" else self.right
        shown.grid(row=1, column=0, columnspan=2, sticky="nsew")
        for name, button in self.side_buttons.items():
            choose_button(button, name == self.side)

    def show_side(self, side: str) -> None:
        """Choose `settings` or `result`; matters in narrow windows only."""
        self.side = side
        if self.narrow:
            self._arrange()

    # What changes while the page is open.

    def refresh(self) -> None:
        """Show state, act, failure and result as they are now."""
        self._show_state()
        self.acts.refresh()
        if self.form is not None:
            self.form.enable(self.host.run is None)
        self._show_failure()
        self._show_result()
        self._follow_run()

    def tick(self) -> None:
        """Follow a run that is under way."""
        self.acts.tick()
        self._follow_run()

    def _follow_run(self) -> None:
        run = self.host.run
        if run is not None and run.step == self.step:
            self.follow()

    def follow(self) -> None:
        """Show what the run says; pages with live figures add them."""
        if self.host.run is not None and self.notes is not None and self.notes.winfo_exists():
            self.notes.show(self.host.run.notices)

    def _show_failure(self) -> None:
        failed = self.host.failure
        if failed is not None and failed.step not in ("", self.step):
            failed = None
        if self._failure is not None and self._failure.failed is not failed:
            self._failure.destroy()
            self._failure = None
        if failed is not None and self._failure is None:
            self._failure = ErrorPanel(self.right, failed, self.host.dismiss_failure, self.host.save_support)
            self._failure.grid(row=0, column=0, sticky="ew", padx=16, pady=(16, 0))
            self.show_side("result")

    @property
    def failure_panel(self) -> ErrorPanel | None:
        """The panel of the last failure, while it is shown."""
        return self._failure

    def _show_result(self) -> None:
        run = self.host.run
        live = run is not None and run.step == self.step and self.step not in run.done
        mark = ("live", id(run)) if live else ("result", *(self.marks() or (self.project.state(self.step).reason,)))
        if mark == self._shown:
            return
        self._shown = mark
        if self.tabs is not None:
            self.tabs.destroy()
        views = self.live_views() if live else self.result_views()
        if views:
            later(self, 1, lambda: self._put_tabs(views))
        else:
            self._put_empty()

    def _put_empty(self) -> None:
        self.tabs = None
        state = self.project.state(self.step)
        todo = state.reason if state.kind == "blocked" else f"Look at the settings, then choose \u201c{self.act}\u201d."
        nothing = empty(self.right, "No result yet", self.promise, plain(self.step), todo)
        nothing.grid(row=1, column=0, sticky="nsew", padx=16, pady=16)
        self._empty = nothing

    def _put_tabs(self, views: dict[str, Builder]) -> None:
        for old in (getattr(self, "_empty", None), self.tabs):
            if old is not None and old.winfo_exists():
                old.destroy()
        self.tabs = Tabs(self.right, views, self.host.tabs.get(self.step, ""))
        self.tabs.on_built = self._explain
        self.tabs.on_chosen = self._tab_chosen
        self.tabs.grid(row=1, column=0, sticky="nsew", padx=16, pady=(10, 14))
        self._explain(self.right)
        self.tick()

    def _tab_chosen(self, title: str) -> None:
        self.host.tabs[self.step] = title
        # A view that was built just now must not wait for the next word of the engine.
        self._follow_run()

    def marks(self) -> tuple[str, ...]:
        """Return what the shown results are known by; when it changes they are shown anew."""
        result = self.project.result(self.step)
        return (result.id,) if result is not None else ()

    def result_views(self) -> dict[str, Builder]:
        """Return all views there are, by their tab's title; none without a result."""
        result = self.project.result(self.step)
        if result is None:
            return {}
        return {**self.views(result), "Files": lambda parent: self._files(parent, result)}

    def views(self, result: Any) -> dict[str, Builder]:
        """Return the views of a result by their tab's title."""
        raise NotImplementedError

    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what else can be done on this page, the most useful first: each its button's text and its act."""
        return []

    def live_views(self) -> dict[str, Builder]:
        """Return what is shown while this step runs."""
        return {"Working": self._live_notes}

    def _live_notes(self, parent: tk.Misc) -> LiveNotes:
        self.notes = LiveNotes(parent, self.promise)
        return self.notes

    def stack(self, parent: tk.Misc, parts: list[Any], notices: list[Any] | None = None) -> Scroll:
        """Return a scrolling view with parts below each other; each part makes a widget in a parent."""
        view = Scroll(parent)
        if notices:
            parts = [*parts, lambda inner: heading(inner, "Notes"), lambda inner: notice_list(inner, notices)]
        for row, make in enumerate(parts):
            make(view.inner).grid(row=row, column=0, sticky="ew", pady=(0, 12))
        return view

    def tall(self, parent: tk.Misc, make: Builder, least: int = 240) -> Scroll:
        """Return a view that fills the page but scrolls where less than `least` design pixels are left."""
        view = Scroll(parent, least=least)
        content: Any = make(view.inner)
        content.grid(row=0, column=0, sticky="nsew")
        return view

    def _model(self, result: Any) -> Path | None:
        """Return the model file that the result names, where it is."""
        name = getattr(result, "model", "")
        path = self.project.root / name if name else None
        return path if path is not None and path.is_file() else None

    def _files(self, parent: tk.Misc, result: Any) -> Scroll:
        folder = self.project.result_dir(self.step)
        made = f"Made {when(result.created)} in {seconds_text(result.seconds)}, in the folder {folder}"
        return self.stack(
            parent,
            [
                lambda inner: Text(inner, made, colour=palette.MUTED),
                lambda inner: folder_links(inner, folder, self._model(result), self.host.tell),
                lambda inner: file_list(inner, folder, result.files, self.host.tell, self._explain),
            ],
        )


def when(created: str) -> str:
    """Return a stored time (ISO 8601, UTC) as local date and time."""
    return local_time(created) or created


def seconds_text(seconds: float) -> str:
    """Return a duration in words, e.g. `42 s`, `3 min 5 s`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if whole else "under 1 s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def percent(value: float | None) -> str:
    """Return a fraction as a percentage with one decimal, a dash when unknown."""
    return "\u2013" if value is None else f"{100 * value:.1f} %"
