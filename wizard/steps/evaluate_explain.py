"""Explanations on the page of Evaluate: where the model looks, and which channels it needs."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from wizard.results import Estimate, ExplainResult
from wizard.results_explain import HOW, Ablation
from wizard.steps.evaluate_latency import LatencyTab
from wizard.steps.page import percent, when
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, plural, quiet_button
from wizard.widgets.channel_chart import Bar, ChannelChart
from wizard.widgets.files import file_list
from wizard.widgets.panels import empty, heading, notice_list
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

EXPLAIN = "explain"
SHOW = "Explain the model"
MAPS_TAB, CHANNELS_TAB = "Explanation", "Channels"
MINUTES = 2.0
"""For each network that is trained anew, unless the user has chosen otherwise."""


class ExplainTab(LatencyTab):
    """A page with the two tabs; they are there once the model was explained."""

    explained: Any = None
    train_anew: Any = None
    _known_explanation: str | None = None

    @property
    def last_explanation(self) -> ExplainResult | None:
        """The last explanation."""
        found: ExplainResult | None = self.project.result(EXPLAIN)
        return found

    def explain(self) -> None:
        """Explain the project's model."""
        self.flush()
        if self.form is not None and not self.form.wrong:
            self.host.start([EXPLAIN])

    def explain_anew(self) -> None:
        """Explain it with networks trained anew on each subset of channels."""
        self.flush()
        if self.form is None or self.form.wrong:
            return
        if not self.project.plan.evaluate.explain_minutes:
            self.attempt({"explain_minutes": MINUTES})
        self.host.start([EXPLAIN])

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        return [(SHOW, self.explain), *super().more_acts()]

    @override
    def marks(self) -> tuple[str, ...]:
        found = self.last_explanation
        return (*super().marks(), *((f"explained {found.id}",) if found is not None else ()))

    @override
    def result_views(self) -> dict[str, Builder]:
        found = self.last_explanation
        mark = found.id if found is not None else ""
        if self._known_explanation is not None and mark not in ("", self._known_explanation):
            # Something new came: show it, not the tab that was last looked at.
            self.host.tabs[self.step] = MAPS_TAB if found is not None and found.cells else CHANNELS_TAB
        self._known_explanation, self.explained, self.train_anew = mark, None, None
        views = super().result_views()
        if found is None:
            return views
        last = {title: view for title, view in views.items() if title == "Files"}
        first = {title: view for title, view in views.items() if title not in last}
        return {
            **first,
            MAPS_TAB: lambda parent: self.tall(parent, lambda inner: self._maps(inner, found), 260),
            CHANNELS_TAB: lambda parent: self._channels(parent, found),
            **last,
        }

    def _maps(self, parent: tk.Misc, found: ExplainResult) -> tk.Misc:
        if not found.cells:
            return empty(
                parent, "No maps", "Choose maps under Advanced settings, then explain the model again.", "image"
            )
        # NumPy is loaded when pixels are shown for the first time, not before.
        from wizard.widgets.explained import ExplainedView

        words = " ".join([*self._old(found), *found.caveats[:1]])
        self.explained = ExplainedView(parent, found, self.project.result_dir(EXPLAIN) / "maps.npz", words)
        return self.explained

    def _channels(self, parent: tk.Misc, found: ExplainResult) -> tk.Misc:
        parts: list[Any] = [
            lambda inner: heading(inner, suggested_words(found)),
            lambda inner: Text(inner, " ".join([*self._old(found), found.suggestion])),
            lambda inner: self._acts(inner, found),
        ]
        how = shown_how(found)
        for title, name in (("Accuracy", "accuracy"), ("Balanced accuracy", "balanced_accuracy")):
            if how:
                parts.append(lambda inner, title=title, name=name: chart(inner, found, how, title, name))
        if found.ablation:
            parts.append(lambda inner: heading(inner, "Every subset that was tried"))
            parts.append(lambda inner: table(inner, found))
        if found.shares:
            parts.append(lambda inner: heading(inner, "Share of each channel in the evidence"))
            parts.append(lambda inner: shares(inner, found))
        parts.append(lambda inner: heading(inner, "How to read this"))
        parts.append(
            lambda inner: Text(inner, "\n".join(f"\u2022 {one}" for one in found.caveats), colour=palette.MUTED)
        )
        parts.append(lambda inner: Text(inner, self._about(found), colour=palette.MUTED))
        folder = self.project.result_dir(EXPLAIN)
        parts.append(lambda inner: heading(inner, "Files"))
        parts.append(lambda inner: file_list(inner, folder, found.files, self.host.tell, self._explain))
        if found.notices:
            parts += [lambda inner: heading(inner, "Notes"), lambda inner: notice_list(inner, found.notices)]
        return self.stack(parent, parts)

    def _acts(self, parent: tk.Misc, found: ExplainResult) -> Area:
        row = Area(parent)
        row.columnconfigure(1, weight=1)
        minutes = self.project.plan.evaluate.explain_minutes or MINUTES
        again = "Train anew again" if found.minutes else "Train anew on each subset"
        self.train_anew = quiet_button(row, again, self.explain_anew, height=34)
        self.train_anew.grid(row=0, column=0, sticky="w", padx=(0, 12))
        Text(
            row, f"A network of its own for each channel subset, {minutes:g} minutes each: the honest answer. The "
            "model of this project stays as it is.", colour=palette.MUTED,
        ).grid(row=0, column=1, sticky="ew")  # fmt: skip
        self._enable()
        return row

    @override
    def refresh(self) -> None:
        super().refresh()
        self._enable()

    def _enable(self) -> None:
        if self.train_anew is not None and self.train_anew.winfo_exists():
            enable(self.train_anew, self.host.run is None and self.project.state(self.step).kind != "blocked")

    def _old(self, found: ExplainResult) -> list[str]:
        trained = self.project.result("train")
        if trained is None or not found.upstream.get("train") or found.upstream["train"] == trained.id:
            return []
        return ["This explains an earlier model: explain again to see the present one."]

    def _about(self, found: ExplainResult) -> str:
        by = plural(found.n_groups, "group") if found.interval_by == "group" else "single cells"
        drawn = f"{plural(found.n_cells, 'cell')} of {found.data}; intervals from redrawing {by}."
        return f"{drawn} Model {found.model}, {found.engine}. Made {when(found.created)}."


def suggested_words(found: ExplainResult) -> str:
    """Say in a few words which channels suffice."""
    if not found.ablation or not found.suggested:
        return "Channels"
    if len(found.suggested) == len(found.channels):
        return "All channels are needed" if found.suggested_by == "retrained" else "This model needs all channels"
    return f"{found.names(found.suggested)} would do"


def shown_how(found: ExplainResult) -> str:
    """Return the way of trying subsets that the chart shows: the one on which the suggestion rests."""
    hows = {row.how for row in found.ablation if not row.failed}
    if found.suggested_by == "retrained" and "retrained" in hows:
        return "retrained"
    return "mean" if "mean" in hows else ""


def chart(parent: tk.Misc, found: ExplainResult, how: str, title: str, name: str) -> ChannelChart:
    """Return the chart of a figure over the subsets, from many channels to few."""
    whole, band, bars = list(range(len(found.channels))), None, []
    for row in sorted(found.ablation, key=lambda row: (-len(row.channels), -_value(row.accuracy))):
        one: Estimate | None = getattr(row, name)
        if row.how != how or one is None or one.value is None:
            continue
        low, high = one.low if one.low is not None else one.value, one.high if one.high is not None else one.value
        chosen = row.channels == found.suggested
        bars.append(Bar(found.names(row.channels), one.value, low, high, chosen))
        band = (low, high) if row.channels == whole else band
    return ChannelChart(parent, f"{title}, {HOW[how]}", bars, band)


def _value(one: Estimate | None) -> float:
    return one.value if one is not None and one.value is not None else 0.0


def table(parent: tk.Misc, found: ExplainResult) -> Table:
    """Return every subset with its figures."""
    rows = [_row(found, row) for row in found.ablation]
    columns = ["Channels", "How", "Accuracy", "95 % interval", "Balanced", "95 % interval ", "Change", "Epochs"]
    return Table(parent, columns, rows, height=min(14, len(rows)))


def _row(found: ExplainResult, row: Ablation) -> tuple[str, ...]:
    name = found.names(row.channels)
    if row.failed:
        return (name, f"failed: {row.failed}", *["\u2013"] * 6)
    change = "\u2013" if row.change is None else f"{100 * _value(row.change):+.1f}"
    epochs = str(row.epochs) if row.epochs else "\u2013"
    return (
        name, HOW[row.how], percent(_known(row.accuracy)), _ends(row.accuracy), percent(_known(row.balanced_accuracy)),
        _ends(row.balanced_accuracy), change, epochs,
    )  # fmt: skip


def _known(one: Estimate | None) -> float | None:
    return one.value if one is not None else None


def _ends(one: Estimate | None) -> str:
    if one is None or one.low is None or one.high is None:
        return "\u2013"
    return f"{100 * one.low:.1f} to {100 * one.high:.1f} %"


def shares(parent: tk.Misc, found: ExplainResult) -> Table:
    """Return the share of each channel by class."""
    rows = [("All classes", *(percent(share) for share in found.shares))]
    rows += [(one.label, *(percent(share) for share in one.channels)) for one in found.averages if one.channels]
    return Table(parent, ["Class", *(channel.shown for channel in found.channels)], rows, height=min(12, len(rows)))
