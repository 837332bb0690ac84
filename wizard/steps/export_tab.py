"""Export of a model for other programs: a dialog that asks for format and place, and a tab with what was written."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path

from typing_extensions import override

from wizard.engine.errors import UserError
from wizard.export_formats import FORMATS, missing
from wizard.results_export import ExportResult
from wizard.steps.page import StepPage, when
from wizard.widgets import dialogs, opener, palette
from wizard.widgets.basics import Area, Text, enable, quiet_button
from wizard.widgets.choice import Choice
from wizard.widgets.files import size_words
from wizard.widgets.focus import Focus
from wizard.widgets.overlay import Overlay
from wizard.widgets.panels import facts, heading
from wizard.widgets.tabs import Builder
from wizard.words import catalogue

RUN = "model_export"
EXPORT = "Export the model\u2026"
TAB = "Export"
SAVE = "Choose where to save it\u2026"


class ExportTab(StepPage):
    """A page from which the project's models can be exported; the tab is there once one was."""

    export_dialog: ExportDialog | None = None
    _known_export: str | None = None

    @property
    def last_export(self) -> ExportResult | None:
        """What was exported last."""
        found: ExportResult | None = self.project.result(RUN)
        return found

    def ask_export(self) -> None:
        """Ask which model goes where in which format, then export it."""
        self.flush()
        models = self.project.models()
        window = self.winfo_toplevel()
        if not models:
            self.host.tell(UserError("There is no model yet.", "", "Train one first."))
        elif isinstance(window, tk.Tk) and self.host.run is None:
            self.export_dialog = ExportDialog(window, self.host.keyboard, models, self.export)
            self.host.over(self.export_dialog.overlay)

    def export(self, model: Path, kind: str, output: str) -> None:
        """Export a model in the engine process."""
        self.host.start([RUN], {"model": str(model), "kind": kind, "output": output, "page": self.step})

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        acts = super().more_acts()
        return [*acts, (EXPORT, self.ask_export)] if self.project.models() else acts

    @override
    def marks(self) -> tuple[str, ...]:
        found = self.last_export
        return (*super().marks(), *((f"exported {found.id}",) if found is not None else ()))

    @override
    def result_views(self) -> dict[str, Builder]:
        views, found = super().result_views(), self.last_export
        mark = found.id if found is not None else ""
        if self._known_export is not None and mark not in ("", self._known_export):
            self.host.tabs[self.step] = TAB
        self._known_export = mark
        if found is None:
            return views
        last = {title: view for title, view in views.items() if title == "Files"}
        first = {title: view for title, view in views.items() if title not in last}
        return {**first, TAB: lambda parent: self._exported(parent, found), **last}

    def _exported(self, parent: tk.Misc, found: ExportResult) -> tk.Misc:
        path = Path(found.output)

        def show() -> None:
            try:
                opener.show_in_folder(path)
            except UserError as refusal:
                self.host.tell(refusal)

        rows = [
            ("Model", catalogue.own(found.model)), ("Format", FORMATS[found.kind].title),
            ("Written to", catalogue.own(found.output)), ("Size", size_words(found.bytes)),
            ("Written", when(found.created)), ("Check", found.checked),
        ]  # fmt: skip
        there = path.exists()

        def buttons(inner: tk.Misc) -> Area:
            row = Area(inner)
            button = quiet_button(row, "Show in folder", show)
            button.pack(side="left", padx=(0, 8))
            enable(button, there)
            return row

        gone = "\u26a0 It is no longer there: it was moved or deleted. Export the model again."
        words = found.remarks if there else [gone]
        return self.stack(
            parent,
            [
                lambda inner: heading(inner, f"The model was exported as {FORMATS[found.kind].title}"),
                lambda inner: facts(inner, rows),
                *[_paragraph(text) for text in words],
                buttons,
            ],
        )


def _paragraph(text: str) -> Builder:
    return lambda inner: Text(inner, text, colour=palette.MUTED)


class ExportDialog:
    """Asks for model and format, then for the place; `export` hears model, format and path."""

    def __init__(
        self, root: tk.Tk, keyboard: Focus, models: list[Path], export: Callable[[Path, str, str], object]
    ) -> None:
        self._models, self._export = {path.name: path for path in models}, export
        self.overlay = Overlay(root, keyboard, "Export the model", width=560)
        self.overlay.say(
            "Writes the network for other programs. What is written is checked: it must give the model's own answers.",
            colour=palette.MUTED,
        )
        self.overlay.say("Model", weight="bold")
        names = list(self._models)
        self.model = Choice(self.overlay.body, names, (), height=34)
        self.model.set(names[0])
        self.overlay.put(self.model)
        self.overlay.say("Format", weight="bold")
        self._kinds = {one.title: kind for kind, one in FORMATS.items()}
        self.format = Choice(self.overlay.body, list(self._kinds), command=lambda _title: self.show(), height=34)
        self.format.set(next(iter(self._kinds)))
        self.overlay.put(self.format)
        self.words = self.overlay.say("")
        self.overlay.offer([(SAVE, self.choose), ("Cancel", self.overlay.close)])
        self.show()

    @property
    def kind(self) -> str:
        """The chosen format by name."""
        return self._kinds[self.format.get()]

    def show(self) -> None:
        """Say what the chosen format is good for, or which part it lacks here."""
        lacking = missing(self.kind)
        if lacking:
            names = ", ".join(lacking)
            self.words.say(
                f"\u26a0 An optional part of the program is not installed here: {names}. Choose another format, or ask "
                "for the part to be installed.",
                palette.WARN,
            )
        else:
            self.words.say(FORMATS[self.kind].good_for, palette.TEXT)
        enable(self.overlay.buttons[SAVE], not lacking, strong=True)

    def choose(self) -> None:
        """Let the user choose the place, then export."""
        model, one = self._models[self.model.get()], FORMATS[self.kind]
        name = f"{model.stem}{one.suffix or '_savedmodel'}"
        path = dialogs.ask_save(self.overlay.body, "Export the model", name)
        if path:
            kind = self.kind
            self.overlay.close()
            self._export(model, kind, with_ending(path, one.suffix))


def with_ending(path: str, suffix: str) -> str:
    """Return a path with the ending that its format has."""
    return path if not suffix or path.lower().endswith(suffix) else path + suffix
