"""What Train shows while it runs: curve, classes, last batch, changes from the next epoch on, notes."""

from __future__ import annotations

import tkinter as tk
from pathlib import Path
from typing import Any

from typing_extensions import override

from wizard import runs
from wizard.live_settings import change_text, in_use
from wizard.steps.change_form import ChangeForm
from wizard.steps.run import Run, Sent
from wizard.steps.train_rate import RateTab
from wizard.widgets.class_chart import RECALL, ClassChart
from wizard.widgets.later import later
from wizard.widgets.live_chart import LiveChart
from wizard.widgets.tabs import Builder

FROM_EPOCH = "From epoch "
"""With this the engine says that a change was taken over."""


class LiveTabs(RateTab):
    """A page with these tabs."""

    chart: LiveChart | None = None
    class_chart: ClassChart | None = None
    batch_view: Any = None
    change: ChangeForm | None = None
    _seen: tuple[int, ...] = ()
    _batch_seen = -1

    @override
    def live_views(self) -> dict[str, Builder]:
        run = self.host.run
        if run is None or run.doing != self.step:
            return super().live_views()
        self._seen, self._batch_seen = (), -1
        self.chart = self.class_chart = self.batch_view = self.change = None
        return {
            "Curve": self._live_curve,
            "Classes": lambda parent: self.tall(parent, self._live_classes, 220),
            "Last batch": lambda parent: self.tall(parent, self._live_batch, 260),
            "Change": self._live_change,
            "Notes": self._live_notes,
        }

    def _live_curve(self, parent: tk.Misc) -> tk.Misc:
        self.chart, self._seen = LiveChart(parent), ()
        return self.chart

    def _live_classes(self, parent: tk.Misc) -> tk.Misc:
        self.class_chart, self._seen = ClassChart(parent), ()
        return self.class_chart

    def _live_batch(self, parent: tk.Misc) -> tk.Misc:
        # NumPy is loaded when pixels are shown for the first time, not before.
        from wizard.widgets.batch_view import BatchView

        self.batch_view, self._batch_seen = BatchView(parent), -1
        return self.batch_view

    def _live_change(self, parent: tk.Misc) -> tk.Misc:
        self._seen = ()
        self.change = ChangeForm(parent, self.project.plan.train, self._send_changes, self.host.keyboard.install)
        return self.change

    def _send_changes(self, values: dict[str, Any]) -> None:
        if self.host.run is not None:
            self.host.run.change(values)
            later(self, 1, self.follow)

    @override
    def follow(self) -> None:
        super().follow()
        run = self.host.run
        if run is None or run.doing != self.step:
            return
        self._follow_batch(run)
        if self.change is not None and self.change.winfo_exists():
            self.change.allow(not (run.job.stopping or run.job.cancelling))
        seen = (id(run.metrics), len(run.metrics), len(run.notices), len(run.sent))
        if seen == self._seen:
            return
        self._seen = seen
        epochs = max(run.epochs, self.project.plan.train.epochs if not run.metrics else 1)
        if self.chart is not None and self.chart.winfo_exists():
            self.chart.show(run.metrics, epochs)
        if self.class_chart is not None and self.class_chart.winfo_exists():
            self.class_chart.show(run.metrics, epochs)
        if self.change is not None and self.change.winfo_exists():
            self._follow_changes(run, self.change)

    def _follow_batch(self, run: Run) -> None:
        if self.batch_view is None or not self.batch_view.winfo_viewable() or run.previews == self._batch_seen:
            return
        path = Path(run.preview) if run.preview else self.project.training_dir / "last_batch.npz"
        path = path if path.is_absolute() else self.project.root / path
        if run.previews:
            self._batch_seen = run.previews
            self.batch_view.show(path)

    def _follow_changes(self, run: Run, form: ChangeForm) -> None:
        """Show what counts now: what the run's record and its notices say, and what was sent but not taken yet."""
        made = self._adjustments()
        said = [notice.text for notice in run.notices if FROM_EPOCH in notice.text]
        values = in_use(self.project.plan.train, made)
        waiting: dict[str, Any] = {}
        for sent in run.sent:
            answered = len(run.metrics) > sent.epochs + 1 or _refusals(run, sent)
            for name, value in sent.values.items():
                text = change_text(name, values[name], value)
                if any(text in line for line in said):
                    values[name] = value
                    waiting.pop(name, None)
                elif not answered and values[name] != value:
                    waiting[name] = value
        lines = [f"{FROM_EPOCH}{change['epoch']} on: {_words(change)}." for change in made]
        earlier = [line for line in lines if not any(line in notice for notice in said)]
        answers = _refusals(run, run.sent[-1]) if run.sent else []
        form.show(values, waiting, earlier + said, answers)

    def _adjustments(self) -> list[dict[str, Any]]:
        """Return what was changed since the start of the training that runs, as its record says."""
        running = next((run for run in runs.every(self.project) if run.outcome == "running"), None)
        return list(running.adjustments) if running is not None else []


def _refusals(run: Run, sent: Sent) -> list[str]:
    """Return the warnings that came after something was sent, and before the epoch after the next had ended."""
    late = len(run.metrics) > sent.epochs + 2
    return [] if late else [notice.text for notice in run.notices[sent.notices :] if notice.level != "info"]


def _words(change: dict[str, Any]) -> str:
    return change_text(str(change["setting"]), change.get("old"), change.get("new"))


def has_recalls(history: list[dict[str, float]]) -> bool:
    """Tell whether the figures of a training hold the recall of its classes."""
    return any(key.startswith(RECALL) for row in history for key in row)
