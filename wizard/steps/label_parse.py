"""The page of Parse where the task is to predict a stain."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any

from typing_extensions import override

from wizard.results import LabelLookResult, LabelParseResult
from wizard.steps.label_views import left_out, pictures
from wizard.steps.page import StepPage
from wizard.widgets.basics import plural
from wizard.widgets.cues import cue_list
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

NO_PREPARATION, OPERATIONS = "none", "What each operation does"
LOOK, LOOKED = "Look through the pictures", "label_look"


class LabelParsePage(StepPage):
    """Pictures of fields of view to a set that a network can learn from."""

    step = "label_parse"
    instruction = "Choose stacks of transmitted light with pictures of their stains."
    act = "Parse the pictures"
    again = "Parse the pictures again"
    promise = (
        "Look through the pictures first to see what was found and what the preparation does to them, or parse them "
        "at once. Here you will see the fields of view with their planes and stains, and what is held out for honest "
        "figures."
    )

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        return [(LOOK, self.look)]

    def look(self) -> None:
        """Look through the pictures without parsing them."""
        self.flush()
        if self.form is not None and not self.form.wrong:
            self.host.start([LOOKED])

    @override
    def marks(self) -> tuple[str, ...]:
        found = self.project.result(LOOKED)
        return (*super().marks(), f"look {found.id}") if found is not None else super().marks()

    @override
    def result_views(self) -> dict[str, Builder]:
        found: LabelLookResult | None = self.project.result(LOOKED)
        parsed = self.project.result(self.step)
        done = super().result_views()
        if found is None or (parsed is not None and parsed.created >= found.created):
            return done
        views: dict[str, Builder] = {"Look": lambda parent: self._look(parent, found)}
        folder, shown = self.project.result_dir(LOOKED), {OPERATIONS: found.picture}
        views["Preview"] = lambda parent: pictures(self, parent, "; ".join(found.previewed), shown, folder)
        return {**views, **done}

    def _look(self, parent: tk.Misc, found: LabelLookResult) -> tk.Misc:
        tiles = [
            ("Fields of view", f"{found.n_fields:,}", f"{plural(found.planes, 'plane')} of transmitted light"),
            ("Stains", f"{len(found.labels):,}", ", ".join(found.labels)),
            ("Left out", f"{len(found.skipped):,}", plural(len(found.skipped), "file")),
        ]
        rows = [(label, plural(count, "field")) for label, count in found.labels.items()]
        parts: list[Any] = [lambda inner: figures(inner, tiles), lambda inner: facts(inner, rows)]
        if found.cues:
            parts.append(lambda inner: cue_list(inner, found.cues))
        if found.skipped:
            files = [(item.file, item.why) for item in found.skipped]
            parts.append(lambda inner: Table(inner, ["File", "Why"], files, height=min(8, len(files))))
        return self.stack(parent, parts, found.notices)

    @override
    def views(self, result: LabelParseResult) -> dict[str, Builder]:
        views: dict[str, Builder] = {"Summary": lambda parent: self._summary(parent, result)}
        views["Fields"] = lambda parent: fields_of(parent, result)
        if "Preparation" in result.files:
            shown, folder = {OPERATIONS: result.files["Preparation"]}, self.project.result_dir(self.step)
            words = "; ".join(result.previewed)
            views["Preparation"] = lambda parent: pictures(self, parent, words, shown, folder)
        if result.cues:
            views["Check"] = lambda parent: self.stack(parent, [lambda inner: cue_list(inner, result.cues)])
        return views | left_out(result.skipped)

    def _summary(self, parent: tk.Misc, result: LabelParseResult) -> tk.Misc:
        held = result.pixels.get("holdout", 0)
        whole = max(1, held + result.pixels.get("train", 0))
        tiles = [
            ("Fields of view", f"{result.n_fields:,}", f"{plural(result.planes, 'plane')} of transmitted light"),
            ("Stains", f"{len(result.labels):,}", ", ".join(result.labels)),
            ("Hold-out", f"{100 * held / whole:.0f} %", f"of the pixels, by {result.split_by}"),
        ]
        levels = [(name, words) for name, words in result.levels.items()]
        parts: list[Any] = [
            lambda inner: figures(inner, tiles),
            lambda inner: facts(inner, _facts(result)),
            lambda inner: heading(inner, "Grey levels"),
            lambda inner: facts(inner, levels),
        ]
        return self.stack(parent, parts, result.notices)


def _facts(result: LabelParseResult) -> list[tuple[str, str]]:
    rows = [
        ("Fields for training", f"{result.fields.get('train', 0):,}"),
        ("Fields with hold-out", f"{result.fields.get('holdout', 0):,}"),
        ("Pixels for training", f"{result.pixels.get('train', 0):,}"),
        ("Pixels held out", f"{result.pixels.get('holdout', 0):,}"),
        ("Size", sizes_text(result.sizes)),
        ("Preparation", ", ".join(result.prepared) or NO_PREPARATION),
    ]
    if result.pixel_size:
        rows.append(("Pixel size", f"{result.pixel_size:.4g} \u00b5m"))
    return rows


def sizes_text(sizes: Sequence[tuple[int, int]]) -> str:
    """Return the sizes of fields (height, width) in words, width first."""
    different = sorted({(width, height) for height, width in sizes})
    shown = ", ".join(f"{width} \u00d7 {height} px" for width, height in different[:3])
    return f"{shown} \u2026" if len(different) > 3 else shown


def fields_of(parent: tk.Misc, result: LabelParseResult) -> Table:
    """Return all fields with their sizes."""
    rows = [
        (name, f"{width:,}", f"{height:,}")
        for name, (height, width) in zip(result.names, result.sizes, strict=False)
    ]  # fmt: skip
    return Table(parent, ["Field", "Width, px", "Height, px"], rows)
