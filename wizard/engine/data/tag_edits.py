"""Changes of the tag rules by hand: what a table of tags shows, and the rules after each edit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from wizard.engine.data.tag_rules import Rules, TagSettings, column_of, key_of, mapping_of, matching, new_names
from wizard.results import Cue


class ValueLine(NamedTuple):
    """One value of a tag: as found, as it will be, whether its cells are left out, number of cells."""

    found: str
    shown: str
    excluded: bool
    cells: int


class TagLine(NamedTuple):
    """One tag: as found, as it will be called, whether it is left out, and its values."""

    found: str
    shown: str
    excluded: bool
    values: list[ValueLine]


def table(rules: Rules, raw_tags: Mapping[str, Mapping[str, int]]) -> list[TagLine]:
    """Return what the rules make of each tag and value; `raw_tags` is tag as found → value → cells.

    Raises UserError when two tags get one name.
    """
    unheard: list[Cue] = []
    names = new_names(rules, raw_tags, unheard)

    def by_column(kind: Iterable[str]) -> dict[str, list[str]]:
        keys: dict[str, list[str]] = {}
        for tag in kind:
            keys.setdefault(column_of(tag, names, "", unheard) or "", []).append(tag)
        return keys

    merges, excludes, without = by_column(rules.merge), by_column(rules.exclude), by_column(rules.without)
    lines = []
    for tag, counts in raw_tags.items():
        name = names[tag]
        shown = {value: value for value in counts}
        for key in merges.get(name, []):
            merged = mapping_of(rules.merge[key], set(shown.values()), name, unheard)
            shown = {value: merged.get(now, now) for value, now in shown.items()}
        out: set[str] = set()
        for key in excludes.get(name, []):
            out |= matching(rules.exclude[key], set(shown.values()), name, "", unheard)
        values = [ValueLine(value, shown[value], shown[value] in out, count) for value, count in counts.items()]
        lines.append(TagLine(tag, name, name in without, values))
    return lines


def with_rename(rules: Rules, tag: str, new: str) -> TagSettings:
    """Name a tag `new`, in its other rules as well; its name as found, or "", takes the renaming back.

    Raises UserError when the name cannot be used.
    """

    def change(copy: Rules) -> None:
        old, before = rules.found_as(tag), rules.name_of(tag)
        name = new.strip() or old
        copy.rename.pop(old, None)
        if name != old:
            copy.rename[old] = name
        if (key := key_of(copy.merge, before)) is not None:
            copy.merge[name] = copy.merge.pop(key)
        if (key := key_of(copy.exclude, before)) is not None:
            copy.exclude[name] = copy.exclude.pop(key)
        if (key := key_of(copy.without, before)) is not None:
            copy.without.remove(key)
            copy.without.add(name)

    return _edited(rules, change)


def with_merge(
    rules: Rules, tag: str, values: Collection[str], new: str, known: Collection[str] | None = None
) -> TagSettings:
    """Make values of a tag one; `values` are as shown, so they may be the result of earlier merging.

    `known` are the values as found: what is not among them needs no rule of its own.
    """

    def change(copy: Rules) -> None:
        mapping = copy.merge.setdefault(_own_key(copy.merge, rules, tag), {})
        made = set(mapping.values())
        for value in [value for value, into in mapping.items() if into in values]:
            mapping[value] = new
        for value in values:
            if value not in made or known is None or value in known:
                mapping[value] = new
        mapping.pop(new, None)
        left_out = copy.exclude.get(_own_key(copy.exclude, rules, tag), set())
        left_out.difference_update(set(values) - {new})

    return _edited(rules, change)


def without_merge(rules: Rules, tag: str, new: str) -> TagSettings:
    """Take back the merging of values of a tag into `new`."""

    def change(copy: Rules) -> None:
        mapping = copy.merge.get(_own_key(copy.merge, rules, tag), {})
        for value in [value for value, into in mapping.items() if into == new]:
            del mapping[value]

    return _edited(rules, change)


def with_exclude(rules: Rules, tag: str, values: Collection[str], on: bool = True) -> TagSettings:
    """Leave the cells with these values (as shown) of a tag out, or take them in again."""

    def change(copy: Rules) -> None:
        left_out = copy.exclude.setdefault(_own_key(copy.exclude, rules, tag), set())
        if on:
            left_out.update(values)
            return
        for value in values:
            if (key := key_of(left_out, value)) is not None:
                left_out.remove(key)

    return _edited(rules, change)


def without_tag(rules: Rules, tag: str, on: bool = True) -> TagSettings:
    """Leave a whole tag out, or take it in again; its cells stay."""

    def change(copy: Rules) -> None:
        key = _own_key(copy.without, rules, tag)
        copy.without.discard(key)
        if on:
            copy.without.add(key)

    return _edited(rules, change)


def _own_key(kind: Iterable[str], rules: Rules, tag: str) -> str:
    """Return the name under which rules of one kind stand, or would stand, for a tag."""
    name = rules.name_of(tag)
    return key_of(kind, name) or name


def _edited(rules: Rules, change: Callable[[Rules], None]) -> TagSettings:
    """Change a copy of the rules and write it down; raises UserError when that gives no valid rules."""
    copy = Rules(
        dict(rules.rename),
        {tag: dict(mapping) for tag, mapping in rules.merge.items()},
        {tag: set(values) for tag, values in rules.exclude.items()},
        set(rules.without),
    )
    change(copy)
    settings = copy.settings()
    Rules.of(*settings)
    return settings
