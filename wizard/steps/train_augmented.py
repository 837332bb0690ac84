"""The tab of Train that shows augmented cells, and the button for it."""

from __future__ import annotations

import tkinter as tk
from typing import Any

from typing_extensions import override

from wizard.augmentation_plan import remark
from wizard.plan import step_settings
from wizard.results import AugmentPreviewResult
from wizard.steps.export_tab import ExportTab
from wizard.train_plan import TrainPlan
from wizard.widgets.tabs import Builder

PREVIEW = "augment_preview"
SHOW = "Show augmented cells"
TAB = "Augmented cells"


def counting_settings(plan: TrainPlan) -> dict[str, Any]:
    """Return the settings of Train on which the pictures depend: the ranges only where they count."""
    values = plan.model_dump()
    names = {"target", "normalisation", "augmentation", "crop", "seed"}
    if plan.augmentation == "own":
        names |= {item.name for item in step_settings("train") if item.section == "Augmentation"}
    return {name: values[name] for name in sorted(names)}


def changed_since(result: AugmentPreviewResult, plan: TrainPlan) -> list[str]:
    """Return the titles of the settings that are no longer as in the pictures."""
    now = counting_settings(plan)
    return [
        item.title
        for item in step_settings("train")
        if item.name in now and item.name in result.settings and result.settings[item.name] != now[item.name]
    ]


class AugmentedTab(ExportTab):
    """A page with the tab; it is there once cells were shown or a training was done."""

    augmented: Any = None
    _known: tuple[str, ...] | None = None

    @property
    def augment_preview(self) -> AugmentPreviewResult | None:
        """The last look at augmented cells."""
        found: AugmentPreviewResult | None = self.project.result(PREVIEW)
        return found

    def show_augmented(self) -> None:
        """Make pictures of augmented cells."""
        self.flush()
        if self.form is not None and not self.form.wrong:
            self.host.start([PREVIEW])

    @override
    def marks(self) -> tuple[str, ...]:
        found = self.augment_preview
        return (*super().marks(), *((f"augmented {found.id}",) if found is not None else ()))

    @override
    def result_views(self) -> dict[str, Builder]:
        found, marks = self.augment_preview, self.marks()
        if self._known is not None and marks != self._known:
            # Something new came: show it, not the tab that was last looked at.
            self.host.tabs.pop(self.step, None)
            if found is not None and marks[-1] not in self._known:
                self.host.tabs[self.step] = TAB
        self._known, self.augmented = marks, None
        views = super().result_views()
        if found is None and not views:
            return views
        last = {title: view for title, view in views.items() if title == "Files"}
        first = {title: view for title, view in views.items() if title not in last}
        tab = {TAB: lambda parent: self.tall(parent, lambda inner: self._augmented(inner, found), 200)}
        return {**first, **tab, **last}

    def _augmented(self, parent: tk.Misc, found: AugmentPreviewResult | None) -> tk.Misc:
        # NumPy is loaded when pixels are shown for the first time, not before.
        from wizard.widgets.augment_preview import AugmentView

        path = self.project.result_dir(PREVIEW) / "preview.npz"
        self.augmented = AugmentView(parent, found, path, self.show_augmented)
        self._say(found)
        return self.augmented

    @override
    def refresh(self) -> None:
        super().refresh()
        if self.augmented is not None and self.augmented.winfo_exists():
            self._say(self.augment_preview)

    def _say(self, found: AugmentPreviewResult | None) -> None:
        on = self.host.run is None and self.project.state(self.step).kind != "blocked"
        self.augmented.show(self._words(found), on)

    def _words(self, found: AugmentPreviewResult | None) -> str:
        if found is None:
            return "See what the network is shown of your own cells: turned, moved, with other grey levels."
        changed = changed_since(found, self.project.plan.train)
        if changed:
            return f"Changed since these pictures: {', '.join(changed)}. Show them again."
        return remark(self.project.plan.train) or (
            "At the left of each row a training cell, then what the network is shown of it. One grey scale for all "
            "pictures of a channel: what looks brighter is brighter."
        )
