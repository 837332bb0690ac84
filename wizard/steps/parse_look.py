"""What the page of Parse shows of a look through the images: figures, the frame that fits, and cues."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from wizard.frame_size import FITTED, as_set, in_words, sides
from wizard.parse_plan import ParsePlan
from wizard.plan import step_settings
from wizard.results import Channel, SurveyResult
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural, quiet_button
from wizard.widgets.cues import cue_list, summary
from wizard.widgets.panels import facts, figures, heading, notice_list
from wizard.widgets.scroll import Scroll

_UNSEEN = frozenset(
    "rename merge exclude channel_names channel_colours name montage append seed fold folds holdout cap".split()
)
"""Settings that change nothing in a look, or that its tabs follow by themselves."""


def changed_since(survey: SurveyResult, plan: ParsePlan) -> list[str]:
    """Return the titles of the settings that are no longer as they were at the look."""
    now = plan.model_dump()
    return [
        item.title
        for item in step_settings("parse")
        if item.name not in _UNSEEN and item.name in survey.settings and survey.settings[item.name] != now[item.name]
    ]


def numbered(lines: list[str]) -> dict[int, str]:
    """Read rules `number = text`; what is none is passed over."""
    pairs = [line.partition("=") for line in lines]
    return {int(left): right.strip() for left, mark, right in pairs if mark and left.strip().isdecimal()}


def with_numbered(lines: list[str], number: int, text: str) -> list[str]:
    """Return the rules with another text for a number, or without it when the text is empty."""
    found = numbered(lines)
    found.pop(number, None)
    if text:
        found[number] = text
    return [f"{key} = {value}" for key, value in sorted(found.items())]


def named_channels(channels: list[Channel], plan: ParsePlan) -> list[Channel]:
    """Return channels with the names and colours that the plan gives them now."""
    names, colours = numbered(plan.channel_names), numbered(plan.channel_colours)
    return [
        channel.model_copy(
            update={
                "label": names.get(channel.number, channel.label),
                "colour": colours.get(channel.number, channel.colour),
            }
        )
        for channel in channels
    ]


class SuggestedFrame(Area):
    """Which frame fits the cells, with the button that takes it."""

    def __init__(self, master: tk.Misc, survey: SurveyResult, use: Callable[[int | str], object]) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.survey = survey
        self.words = Text(self)
        self.words.grid(row=0, column=0, sticky="ew", padx=(0, 12))
        self.suggested = survey.suggested_frame if any(survey.suggested_frame) else (survey.suggested, survey.suggested)
        self.button = quiet_button(self, f"Use {in_words(self.suggested)}", lambda: use(as_set(self.suggested)))

    def show(self, frame: int | str) -> None:
        """Show it for the frame size that is set now; what is fitted has the size of the look."""
        square = (self.survey.suggested, self.survey.suggested)
        used = sides(frame) or (self.survey.frame if frame == FITTED else square)
        known = used == self.survey.frame and self.survey.cropped
        larger = f" Cells larger than the present {in_words(used)}: {self.survey.cropped:,}." if known else ""
        if used == self.suggested:
            self.words.say(f"The frame has the suggested {in_words(self.suggested)}.{larger}")
            self.button.grid_forget()
        else:
            narrow = f", as the cells are {_shape(self.suggested)}" if self.suggested != square else ""
            self.words.say(f"The program suggests a frame of {in_words(self.suggested)}{narrow}.{larger}")
            self.button.grid(row=0, column=1, sticky="e")


def _shape(size: tuple[int, int]) -> str:
    return "wider than high" if size[1] > size[0] else "higher than wide"


class LookView(Scroll):
    """Verdict, headline figures, suggested frame, cues, and what the files tell of themselves."""

    def __init__(self, master: tk.Misc, survey: SurveyResult, use_frame: Callable[[int | str], object]) -> None:
        super().__init__(master)
        self.frame: SuggestedFrame | None = None
        parts = [heading(self.inner, summary(survey.cues)), _figures(self.inner, survey)]
        if survey.suggested:
            self.frame = SuggestedFrame(self.inner, survey, use_frame)
            parts.append(self.frame)
        parts.append(cue_list(self.inner, survey.cues))
        rows = [("Kept as", ", ".join(f"{kind} ({count:,} cells)" for kind, count in survey.dtypes.items()))]
        rows += list(survey.facts.items())
        parts += [heading(self.inner, "What the files say"), facts(self.inner, [row for row in rows if row[1]])]
        if survey.notices:
            parts += [heading(self.inner, "Notes"), notice_list(self.inner, survey.notices)]
        for row, part in enumerate(parts):
            part.grid(row=row, column=0, sticky="ew", pady=(0, 12))

    def show(self, frame: int | str) -> None:
        """Follow the frame size that is set now."""
        if self.frame is not None:
            self.frame.show(frame)


def _figures(master: tk.Misc, survey: SurveyResult) -> Area:
    kept = [channel for channel in survey.channels if channel.number in survey.kept] or survey.channels
    of = f" of {len(survey.channels)}" if len(kept) < len(survey.channels) else ""
    formats = list(survey.formats.items())
    sizes = survey.sizes
    tiles = [
        ("Cells", f"{survey.n_cells:,}", f"from {plural(survey.n_files, 'file')}"),
        ("Channels", f"{len(kept)}{of}", _listed([channel.shown for channel in kept])),
        ("Formats", f"{len(formats)}", _listed([f"{name} ({count:,})" for name, count in formats], 3)),
    ]
    if sizes:
        tiles.append(
            (
                "Size of a cell",
                f"{sizes.get('p50', 0):,.0f} px",
                f"most {sizes.get('p5', 0):,.0f} to {sizes.get('p95', 0):,.0f}, all {sizes.get('p0', 0):,.0f} to "
                f"{sizes.get('p100', 0):,.0f} px",
            )
        )
    if any(survey.frame):
        fit = f"{survey.cropped:,} cells are larger" if survey.cropped else "all cells fit"
        tiles.append(("Frame size", f"{survey.frame[1]} \u00d7 {survey.frame[0]} px", fit))
    if survey.target:
        values = survey.tags.get(survey.target, {})
        tiles.append(("Classes", f"{len(values)}", f"of the tag {survey.target}"))
    return figures(master, tiles)


def _listed(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


class ChangedStrip(Area):
    """One line below the tabs: what changed since the look, and the button to look again."""

    def __init__(self, master: tk.Misc, again: Callable[[], object]) -> None:
        super().__init__(master, palette.WARN_SOFT)
        self.columnconfigure(0, weight=1)
        self.words = Text(self, back=palette.WARN_SOFT)
        self.words.grid(row=0, column=0, sticky="ew", padx=12, pady=8)
        self.button = quiet_button(self, "Look again", again, height=28)
        self.button.grid(row=0, column=1, padx=12, pady=8)
        self._titles: list[str] = []

    def show(self, titles: list[str]) -> None:
        """Name what changed."""
        if titles != self._titles:
            self._titles = titles
            listed = ", ".join(titles[:4]) + (" and others" if len(titles) > 4 else "")
            self.words.say(f"Changed since this look: {listed}.")
