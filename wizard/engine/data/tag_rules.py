"""The user's rules for tags: rename tags, merge their values, leave cells or whole tags out.

How a rule is written: `tag_grammar`. Names of tags are the same in upper and lower case; a value is
the one that is written exactly so, else those that differ in case only, always as a whole, so that
`class 1` never means `class 10`. Pure Python, for the window reads it, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wizard.engine.data.tag_grammar import (
    format_exclude,
    format_merge,
    format_rename,
    parse_exclude,
    parse_merge,
    parse_rename,
    quoted,
    wrong,
)  # fmt: skip
from wizard.engine.errors import UserError
from wizard.results import Cue

RESERVED = frozenset(
    "cell_id source object height width flags split box_top box_left box_height box_width digest fold "
    "predicted confidence unsure unfamiliar".split()
)
"""Column names of our tables, which no tag may have."""
_SETTING_WORDS = frozenset({"auto", "none"})
"""What stands for no tag at all where a setting asks for a tag."""
_LONGEST_NAME = 80


class TagSettings(NamedTuple):
    """The three settings of Parse, as lists of rules."""

    rename: list[str]
    merge: list[str]
    exclude: list[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules; those of `merge`, `exclude` and `without` stand under the new name of a tag.

    `rename` tag as found → new name; `merge` tag → value → new value (all at once: a new value is
    not merged again); `exclude` tag → values after merging; `without` tags that are left out.
    """

    rename: dict[str, str] = field(default_factory=dict)
    merge: dict[str, dict[str, str]] = field(default_factory=dict)
    exclude: dict[str, set[str]] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, rename: Iterable[str] = (), merge: Iterable[str] = (), exclude: Iterable[str] = ()) -> Rules:
        """Understand the rules of a plan; raises UserError with the rule that is wrong."""
        rules = cls()
        for line in rename:
            rules._add_rename(line, *parse_rename(line))
        for line in merge:
            tag, values, new = parse_merge(line)
            known = rules.merge.setdefault(rules.name_of(tag), {})
            for value in values:
                if known.setdefault(value, new) != new:
                    why = f"{quoted(value)} is merged into {quoted(known[value])} by another rule."
                    raise wrong("merge", line, why, "Name each value once.")
        for line in exclude:
            tag, left_out = parse_exclude(line)
            if left_out is None:
                rules.without.add(rules.name_of(tag))
            else:
                rules.exclude.setdefault(rules.name_of(tag), set()).update(left_out)
        return rules

    def _add_rename(self, line: str, tag: str, new: str) -> None:
        if problem := _bad_name(new):
            raise wrong("rename", line, problem, "Choose another name.")
        twice = key_of(self.rename, tag)
        if twice is not None and self.rename[twice] != new:
            raise wrong("rename", line, f"{tag} is renamed to {self.rename[twice]} by another rule.", "Keep one.")
        if any(known.casefold() == new.casefold() and old != twice for old, known in self.rename.items()):
            raise wrong("rename", line, f"Another tag is renamed to {new}, too.", "Give each tag its own name.")
        self.rename[twice or tag] = new

    def name_of(self, tag: str) -> str:
        """Return the new name of a tag that is given by its new or its old name."""
        news = key_of(self.rename.values(), tag)
        if news is not None:
            return news
        old = key_of(self.rename, tag)
        return tag if old is None else self.rename[old]

    def found_as(self, tag: str) -> str:
        """Return the name under which a tag was found, given its new or its old name."""
        for old, new in self.rename.items():
            if new.casefold() == tag.casefold():
                return old
        return key_of(self.rename, tag) or tag

    def settings(self) -> TagSettings:
        """Write the rules as the plan's settings."""
        merges = []
        for tag, mapping in self.merge.items():
            for new in dict.fromkeys(mapping.values()):
                merges.append(format_merge(tag, [value for value, into in mapping.items() if into == new], new))
        excludes = [format_exclude(tag, sorted(values)) for tag, values in self.exclude.items() if values]
        excludes += [format_exclude(tag) for tag in sorted(self.without)]
        return TagSettings([format_rename(old, new) for old, new in self.rename.items()], merges, excludes)


def _bad_name(name: str) -> str:
    """Say why a tag may not have this name; "" if it may."""
    if name.casefold() in RESERVED:
        return f"{name} is the name of a column that every table of cells has."
    if name.casefold() in _SETTING_WORDS:
        return f"{name} has a meaning of its own in the settings."
    if len(name) > _LONGEST_NAME or not name.isprintable() or name != name.strip():
        return f"The name must be one line of at most {_LONGEST_NAME} letters, without spaces at its ends."
    return ""


def key_of(names: Iterable[str], name: str) -> str | None:
    """Find a name among others: written exactly so, else in other case, else None."""
    listed = list(names)
    if name in listed:
        return name
    folded = name.casefold()
    return next((other for other in listed if other.casefold() == folded), None)


@dataclass(slots=True)
class Applied:
    """What the rules made of tags: columns of all cells, and `keep`, which of the cells stay.

    `was`: new name → name under which the tag was found; `cues` about rules that fit nothing.
    """

    tags: dict[str, Sequence[str]]
    keep: list[bool]
    was: dict[str, str]
    cues: list[Cue] = field(default_factory=list)


def apply(rules: Rules, tags: Mapping[str, Sequence[str]]) -> Applied:
    """Rename, then merge, then leave out; `tags` has one value per cell, "" = none.

    Columns that no rule changes are handed through as they are. Raises UserError when two tags get one name.
    """
    cues: list[Cue] = []
    names = new_names(rules, tags, cues)
    columns: dict[str, Sequence[str]] = {names[tag]: values for tag, values in tags.items()}
    keep = [True] * min((len(values) for values in columns.values()), default=0)
    for tag, mapping in rules.merge.items():
        name = column_of(tag, names, "Merge values", cues)
        if name is not None and (merged := mapping_of(mapping, set(columns[name]), name, cues)):
            columns[name] = [merged.get(value, value) for value in columns[name]]
    for tag, values in rules.exclude.items():
        name = column_of(tag, names, "Exclude cells", cues)
        if name is not None and (out := matching(values, set(columns[name]), name, "Exclude cells", cues)):
            keep = [kept and value not in out for kept, value in zip(keep, columns[name], strict=True)]
    for tag in sorted(rules.without):
        name = column_of(tag, names, "Exclude cells", cues)
        columns.pop(name or "", None)
    return Applied(columns, keep, {new: old for old, new in names.items()}, cues)


def new_names(rules: Rules, tags: Iterable[str], cues: list[Cue]) -> dict[str, str]:
    """Return tag as found → its name after renaming, for all tags."""
    names = {tag: tag for tag in tags}
    for old, new in rules.rename.items():
        found = key_of(names, old)
        if found is None:
            cues.append(_note(f"Rename tags: no cell has a tag {quoted(old)}, so nothing was renamed to {new}."))
        else:
            names[found] = new
    for old in [old for old, new in names.items() if old != new]:
        rival = next((tag for tag, name in names.items() if tag != old and _same(name, names[old])), None)
        if rival is not None:
            raise UserError(
                f"Rename tags: {old} cannot be renamed to {names[old]}.",
                f"The cells have another tag of that name{'' if rival == names[rival] else f' ({rival})'}.",
                "Choose another name, or rename that tag as well.",
            )
    return names


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def column_of(tag: str, names: Mapping[str, str], title: str, cues: list[Cue]) -> str | None:
    """Return the column that a rule is about: by its new name, else by its old one."""
    name = key_of(names.values(), tag)
    if name is None and (old := key_of(names, tag)) is not None:
        name = names[old]
    if name is None:
        cues.append(_note(f"{title}: no cell has a tag {quoted(tag)}; the rule changes nothing."))
    return name


def mapping_of(wanted: Mapping[str, str], present: set[str], name: str, cues: list[Cue]) -> dict[str, str]:
    """Return value as found → new value; of a value that fits two rules the exact one counts."""
    exact = {value: new for value, new in wanted.items() if value in present}
    rest = {value: new for value, new in wanted.items() if value not in present}
    for value in matching(rest, present, name, "Merge values", cues):
        into = next(new for other, new in rest.items() if _same(other, value))
        exact.setdefault(value, into)
    return {value: new for value, new in exact.items() if value != new}


def matching(wanted: Iterable[str], present: set[str], name: str, title: str, cues: list[Cue]) -> set[str]:
    """Return the values that are meant: written exactly so, else in other case."""
    folded: dict[str, set[str]] = {}
    found: set[str] = set()
    missing = []
    for value in wanted:
        if value in present:
            found.add(value)
            continue
        if not folded:
            for other in present:
                folded.setdefault(other.casefold(), set()).add(other)
        alike = folded.get(value.casefold(), set())
        found |= alike
        if not alike:
            missing.append(quoted(value))
    if missing:
        listed = ", ".join(sorted(missing)[:10]) + (", …" if len(missing) > 10 else "")
        cues.append(_note(f"{title}: no cell has {name} = {listed}.", len(missing)))
    return found


def _note(text: str, count: int = 1) -> Cue:
    return Cue(
        level="note", subject="Tag rules", text=text, count=count,
        action="Remove the rule, or correct its spelling, if these tags are expected.",
    )  # fmt: skip
