"""The page of Parse."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

from typing_extensions import override

from wizard.results import Channel, ParseResult, SurveyResult
from wizard.steps import parse_views
from wizard.steps.drops import WindowDrops
from wizard.steps.live import LiveNotes
from wizard.steps.page import StepPage
from wizard.steps.parse_look import ChangedStrip, LookView, changed_since, named_channels, with_numbered
from wizard.steps.parse_tags import TagEditor
from wizard.widgets.basics import enable
from wizard.widgets.cues import cue_list, summary
from wizard.widgets.drop import DropZone, Point
from wizard.widgets.fields import Field
from wizard.widgets.gallery_panel import GalleryPanel
from wizard.widgets.later import later
from wizard.widgets.panels import heading
from wizard.widgets.paths_field import PathsField
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

LOOK = "Look through the images"
_TABLES = (".csv", ".tsv", ".xlsx")
_DROPS_AFTER_MS = 250
"""The library for drops is loaded only after the page was painted."""


class DropHost(Protocol):
    """The window, as far as drops on this page are concerned."""

    drops: WindowDrops


class ParsePage(StepPage):
    """Raw images to a data set."""

    step = "parse"
    instruction = "Choose your cell images and turn them into a data set."
    act = "Parse the images"
    again = "Parse the images again"
    promise = (
        "Look through the images first to see what was found, to arrange the tags and to preview the frames; "
        "or parse them at once. Here you will see how many cells were found, their tags, and pictures of them."
    )

    drops: DropZone | None = None
    tags: TagEditor | None = None
    look_view: LookView | None = None
    preview: Any = None
    strip: ChangedStrip | None = None
    _known: tuple[str, ...] | None = None
    _over: Any = None

    @override
    def _build_left(self) -> None:
        super()._build_left()
        # The time counts from the first turn of the event loop on, so that the page is painted before.
        later(self, 1, lambda: later(self, _DROPS_AFTER_MS, self._take_drops))

    # A look through the images.

    @property
    def survey(self) -> SurveyResult | None:
        """The last look through the images."""
        found: SurveyResult | None = self.project.result("survey")
        return found

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        return [(LOOK, self.look)]

    def look(self) -> None:
        """Look through the images without parsing them."""
        self.flush()
        if self.form is not None and not self.form.wrong:
            self.host.start(["survey"])

    @override
    def flush(self) -> None:
        super().flush()
        if self.preview is not None and self.preview.winfo_exists():
            self.preview.flush()

    # What is shown.

    @override
    def _live_notes(self, parent: tk.Misc) -> LiveNotes:
        self.notes = LiveNotes(parent, "Here you will see how many cells were found, their tags, and pictures of them.")
        return self.notes

    @override
    def marks(self) -> tuple[str, ...]:
        survey = self.survey
        own = super().marks()
        return (*own, f"survey {survey.id}") if survey is not None else own

    @override
    def result_views(self) -> dict[str, Builder]:
        survey, parsed = self.survey, self.project.result(self.step)
        marks = self.marks()
        if self._known is not None and marks != self._known:
            # Something new came: show its first tab, not the one that was last looked at.
            self.host.tabs.pop(self.step, None)
        self._known = marks
        self.tags = self.look_view = self.preview = None
        done = super().result_views()
        if survey is None:
            return done
        self.tags = TagEditor(self.project, self.store, survey)
        look = self._look_views(survey, self.tags)
        if parsed is None or survey.created > parsed.created:
            return {**look, **{title: view for title, view in done.items() if title not in look}}
        first = {title: done[title] for title in ("Summary", "Cells") if title in done}
        check = {"Check": lambda parent: self._cues(parent, parsed)}
        return {**first, **check, "Tags": look["Tags"], "Preview": look["Preview"], **_without(done, "Tags")}

    def _look_views(self, survey: SurveyResult, tags: TagEditor) -> dict[str, Builder]:
        return {
            "Check": lambda parent: self._check(parent, survey),
            "Tags": lambda parent: self.tall(parent, lambda inner: tags.build(inner), 230),
            "Preview": lambda parent: self.tall(parent, lambda inner: self._preview(inner, survey), 255),
        }

    @override
    def views(self, result: ParseResult) -> dict[str, Builder]:
        views: dict[str, Builder] = {"Summary": lambda parent: self._summary(parent, result)}
        gallery = result.gallery
        if gallery is not None:
            folder = self.project.result_dir(self.step)
            views["Cells"] = lambda parent: self.tall(
                parent, lambda inner: GalleryPanel(inner, gallery, folder, filters=True), 200
            )
        if result.cues:
            views["Check"] = lambda parent: self._cues(parent, result)
        views["Tags"] = lambda parent: parse_views.tags_of(parent, result)
        if result.n_skipped or result.skipped:
            views[f"Left out ({result.n_skipped or len(result.skipped):,})"] = lambda parent: Table(
                parent, ["File", "Why"], [(item.file, item.why) for item in result.skipped]
            )
        return views

    def _summary(self, parent: tk.Misc, result: ParseResult) -> tk.Misc:
        return self.stack(
            parent,
            [
                lambda inner: parse_views.headline(inner, result),
                lambda inner: parse_views.facts_of(inner, result),
                lambda inner: heading(inner, f"Classes of the tag {result.target or 'class'}"),
                lambda inner: parse_views.classes_of(inner, result),
            ],
            result.notices,
        )

    def _cues(self, parent: tk.Misc, result: ParseResult) -> tk.Misc:
        return self.stack(
            parent,
            [lambda inner: heading(inner, summary(result.cues)), lambda inner: cue_list(inner, result.cues)],
        )

    def _check(self, parent: tk.Misc, survey: SurveyResult) -> LookView:
        self.look_view = LookView(parent, survey, lambda size: self.attempt({"frame": size}))
        self.look_view.show(self.project.plan.parse.frame)
        return self.look_view

    def _preview(self, parent: tk.Misc, survey: SurveyResult) -> tk.Misc:
        # NumPy is loaded when pixels are shown for the first time, not before.
        from wizard.widgets.preview_panel import PreviewPanel

        channels = [channel for channel in survey.channels if channel.number in survey.kept] or survey.channels
        channels = named_channels(channels, self.project.plan.parse)
        path = self.project.result_dir("survey") / "preview.npz"
        self.preview = PreviewPanel(parent, survey.preview, channels, path, self._name_channel, self._colour_channel)
        return self.preview

    @override
    def refresh(self) -> None:
        super().refresh()
        if self.tags is not None:
            self.tags.refresh()
        if self.look_view is not None and self.look_view.winfo_exists():
            self.look_view.show(self.project.plan.parse.frame)
        self._show_strip()

    def _show_strip(self) -> None:
        """Say what changed since the look, while its tabs are shown."""
        survey = self.survey
        changed = changed_since(survey, self.project.plan.parse) if survey is not None else []
        if not changed or self.host.run is not None:
            if self.strip is not None:
                self.strip.grid_forget()
            return
        if self.strip is None:
            self.strip = ChangedStrip(self.right, self.look)
            self.host.keyboard.install(self.strip)
        self.strip.show(changed)
        enable(self.strip.button, self.project.state(self.step).kind != "blocked")
        self.strip.grid(row=2, column=0, sticky="ew", padx=16, pady=(0, 14))

    # Settings that are changed at the right.

    def _name_channel(self, channel: Channel, text: str) -> None:
        lines = with_numbered(self.project.plan.parse.channel_names, channel.number, text)
        self.attempt({"channel_names": lines})

    def _colour_channel(self, channel: Channel, colour: str) -> None:
        lines = with_numbered(self.project.plan.parse.channel_colours, channel.number, colour)
        self.attempt({"channel_colours": lines})

    # Dropped files and folders.

    def _take_drops(self) -> None:
        self.drops = DropZone(self, lambda: self.host.run is None, self._drag_over, self.dropped)
        if self.drops.ready and self.form is not None:
            for field in self.form.fields.values():
                if isinstance(field, PathsField):
                    field.allow_drops()
                    self.host.keyboard.install(field)

    def _field_at(self, point: Point) -> Any:
        """Return the field under a place of the screen that takes drops, or None."""
        try:
            widget: Any = self.winfo_containing(*point)
        except KeyError:
            return None
        while isinstance(widget, tk.Misc) and widget is not self:
            if isinstance(widget, Field) and hasattr(widget, "drop"):
                return widget
            widget = widget.master
        return None

    @property
    def _input(self) -> Any:
        assert self.form is not None
        return self.form.fields["input"]

    def _drag_over(self, point: Point | None) -> None:
        field = None if point is None else self._field_at(point) or self._input
        if field is not self._over:
            if self._over is not None and self._over.winfo_exists():
                self._over.hover(False)
            if field is not None:
                field.hover(True)
            self._over = field

    def dropped(self, paths: list[str], point: Point) -> None:
        """Take dropped paths into the field under the place; elsewhere they are images, a lone table is labels."""
        assert self.form is not None
        field = self._field_at(point)
        paths = cast(DropHost, self.host).drops.others(paths)
        if not paths:
            return
        if field is None:
            lone_table = len(paths) == 1 and Path(paths[0]).suffix.casefold() in _TABLES
            field = self.form.fields["table"] if lone_table else self._input
        field.drop(paths)
        self.show_side("settings")
        self.scroll.see(field)


def _without(views: dict[str, Builder], title: str) -> dict[str, Builder]:
    return {name: view for name, view in views.items() if name != title}
