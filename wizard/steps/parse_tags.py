"""The tags of a look at the images, with the rules of the plan, and the changes that the user makes."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence

from wizard.engine.data import tag_edits
from wizard.engine.data.tag_edits import TagLine
from wizard.engine.data.tag_rules import Rules, TagSettings
from wizard.engine.errors import UserError
from wizard.results import SurveyResult
from wizard.steps.session import WindowProject
from wizard.undo import Change
from wizard.widgets.tag_table import GateRow, TagRow, TagTable, ValueRow

Store = Callable[[dict[str, object]], None]
"""Stores settings of Parse by name; raises UserError."""

UNDO = "tags"
"""The kind of the changes that are made here."""

POPULATION = "population"
"""The tag that populations become."""

LEFT_OUT = (
    "Cells are left out by these rules. The numbers of the other tags count them still; "
    "look through the images again for exact numbers."
)
GATES_CHANGED = "The populations changed. Look through the images again to see how many cells each class has."


class TagEditor:
    """Keeps a tag table in step with the plan and turns what is asked for there into settings.

    `store` keeps changed settings; they can be taken back as long as the project is open.
    """

    def __init__(self, project: WindowProject, store: Store, survey: SurveyResult) -> None:
        self._project, self._store, self.survey = project, store, survey
        self._undo = project.undo
        self._shown: object = None
        self.table: TagTable | None = None

    def build(self, parent: tk.Misc) -> TagTable:
        """Return the table, filled."""
        self.table = TagTable(parent, self)
        self._shown = None
        self.refresh()
        return self.table

    def refresh(self) -> None:
        """Show the tags anew if the plan's rules changed."""
        now = (self._settings(), self._undo.words(UNDO))
        if self.table is None or not self.table.winfo_exists() or now == self._shown:
            return
        self._shown = now
        try:
            rules = self._rules()
            lines = tag_edits.table(rules, self.survey.raw_tags)
        except UserError as refusal:
            # The rules were typed in the form and are wrong there: show the tags as found.
            rules, lines = Rules(), tag_edits.table(Rules(), self.survey.raw_tags)
            self._fill(lines, f"\u26a0 {refusal.what} {refusal.action}")
            return
        self._fill(lines, self._note(rules))

    def _fill(self, lines: list[TagLine], note: str) -> None:
        assert self.table is not None
        self.table.show([self._tag(line) for line in lines], self._gates(), self._undo.words(UNDO) != "", note)

    def _note(self, rules: Rules) -> str:
        if self._project.plan.parse.populations != self.survey.settings.get("populations", ""):
            return GATES_CHANGED
        return LEFT_OUT if rules.exclude and not self._exact() else ""

    def _exact(self) -> bool:
        """True when the rules are those with which the images were looked through."""
        now = self._settings()
        return all(now[name] == self.survey.settings.get(name) for name in ("rename", "merge", "exclude"))

    def _tag(self, line: TagLine) -> TagRow:
        """Gather the values of a tag that became one."""
        gathered: dict[str, list[tag_edits.ValueLine]] = {}
        for value in line.values:
            gathered.setdefault(value.shown, []).append(value)
        exact = self.survey.tags.get(line.shown, {}) if self._exact() else {}
        values = tuple(
            ValueRow(
                name,
                exact.get(name, sum(part.cells for part in parts)),
                tuple(part.found for part in parts),
                parts[0].excluded,
            )
            for name, parts in gathered.items()
        )
        return TagRow(line.shown, self._origin(line), values, self._use(line, values), line.excluded)

    def _origin(self, line: TagLine) -> str:
        origin = self.survey.origins.get(line.found, "")
        if line.shown == line.found:
            return origin
        return f"{line.found} ({origin})" if origin else line.found

    def _use(self, line: TagLine, values: Sequence[ValueRow]) -> str:
        wanted = self._project.plan.parse.group
        if (wanted if wanted not in ("", "auto") else self.survey.group) in (line.found, line.shown):
            return "group"
        return "can be learned" if sum(not value.out for value in values) > 1 else "same for all cells"

    def _gates(self) -> list[GateRow]:
        wanted = self._project.plan.parse.populations
        chosen = {name.strip() for name in wanted.split(",")} if wanted.strip() else None
        innermost = set(self.survey.raw_tags.get(POPULATION, {}))
        return [
            GateRow(name, count, name in (innermost if chosen is None else chosen))
            for name, count in self.survey.populations.items()
        ]

    # Changes.

    def _settings(self) -> dict[str, object]:
        parse = self._project.plan.parse
        return {
            "rename": list(parse.rename), "merge": list(parse.merge), "exclude": list(parse.exclude),
            "populations": parse.populations, "group": parse.group,
        }  # fmt: skip

    def _rules(self) -> Rules:
        parse = self._project.plan.parse
        return Rules.of(parse.rename, parse.merge, parse.exclude)

    def _change(self, words: str, make: Callable[[Rules], TagSettings]) -> str:
        try:
            return self._keep(words, make(self._rules())._asdict())
        except UserError as refusal:
            return _words(refusal)

    def _keep(self, words: str, changed: dict[str, object]) -> str:
        before = {name: value for name, value in self._settings().items() if name in changed}
        if before == changed:
            return ""
        try:
            self._store(changed)
        except UserError as refusal:
            return _words(refusal)
        after = {name: value for name, value in self._settings().items() if name in changed}
        # What is remembered may not hold the page: that is gone when another one is shown.
        project = self._project

        def put(values: dict[str, object]) -> None:
            project.change({f"parse.{name}": value for name, value in values.items()})

        def stand(values: dict[str, object]) -> bool:
            return all(getattr(project.plan.parse, name) == value for name, value in values.items())

        self._undo.did(
            Change(words, lambda: put(before), UNDO, lambda: stand(after), lambda: put(after), lambda: stand(before))
        )
        self.refresh()
        return ""

    def _line(self, tag: str) -> TagLine | None:
        lines = tag_edits.table(self._rules(), self.survey.raw_tags)
        return next((line for line in lines if line.shown == tag), None)

    def rename(self, tag: str, new: str) -> str:
        """Give a tag another name; its rules go with it."""

        def make(rules: Rules) -> TagSettings:
            settings = tag_edits.with_rename(rules, tag, new)
            # Two tags of one name are found only against the tags that there are.
            tag_edits.table(Rules.of(*settings), self.survey.raw_tags)
            return settings

        return self._change(f"renamed the tag {tag}", make)

    def merge(self, tag: str, values: Sequence[str], new: str) -> str:
        """Make some values of a tag one value."""
        line = self._line(tag)
        known = [value.found for value in line.values] if line else None
        words = f"merged values of {tag}" if len(values) > 1 else f"renamed {values[0]}"
        return self._change(words, lambda rules: tag_edits.with_merge(rules, tag, values, new, known))

    def split(self, tag: str, value: str) -> str:
        """Undo the merging into a value."""
        return self._change(f"split {value}", lambda rules: tag_edits.without_merge(rules, tag, value))

    def leave_out(self, tag: str, values: Sequence[str], out: bool) -> str:
        """Leave cells with these values out, or take them in again; without values, the whole tag."""
        words = f"left {tag} out" if out else f"took {tag} in"
        if not values:
            return self._change(words, lambda rules: tag_edits.without_tag(rules, tag, out))
        name = values[0] if len(values) == 1 else f"{len(values)} values"
        words = f"left out: {tag} {name}" if out else f"took in: {tag} {name}"
        return self._change(words, lambda rules: tag_edits.with_exclude(rules, tag, values, out))

    def use_gates(self, names: Sequence[str]) -> str:
        """Choose the populations that become classes; none: the program chooses."""
        odd = next((name for name in names if "," in name), None)
        if odd is not None:
            return f"The population {odd} has a comma in its name and cannot be chosen by itself."
        return self._keep("chose populations", {"populations": ", ".join(names)})

    def undo(self) -> str:
        """Take the last change back."""
        try:
            self._undo.take_back(UNDO)
        except UserError as refusal:
            return _words(refusal)
        self.refresh()
        return ""


def _words(refusal: UserError) -> str:
    return " ".join(part for part in (refusal.what, refusal.why, refusal.action) if part)
