"""What the tags tell: too few cells, uneven classes, groups that give the class away, values typed in two ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from wizard.engine.data.checks_names import discreet
from wizard.engine.data.checks_words import cells, has_have, is_are, listed
from wizard.engine.data.roster import Roster
from wizard.engine.data.tags import GROUP_TAGS, alike
from wizard.results import Cue

_FEW, _FEWEST, _UNEVEN, _FEW_GROUPS = 20, 2, 10, 3
_FILE = "file"
"""The tag that holds the name of a file with many cells."""


def tag_cues(roster: Roster, target: str, group: str) -> Iterator[Cue]:
    """Yield the cues about classes, groups and values; `target` and `group` "" = none."""
    tags = roster.counts()
    named = {value: count for value, count in tags.get(target, {}).items() if value}
    yield from _classes(tags, target, named)
    if len(named) > 1:
        yield from _sizes(named)
        yield from _nested(roster, target, group)
    yield from _groups(tags, target, group)
    for name, values in tags.items():
        for group_of_values in alike(values):
            shown = ", ".join(f"“{discreet(value)}” ({values[value]:,})" for value in group_of_values)
            yield Cue(
                level="warning",
                subject="Similar names",
                text=f"The tag {name} has values that differ only in capital letters, separators or leading zeros: "
                f"{shown}. They are kept apart.",
                action="Merge them in the tag table if they mean the same.",
                count=sum(values[value] for value in group_of_values),
            )


def _classes(tags: Mapping[str, Mapping[str, int]], target: str, named: Mapping[str, int]) -> Iterator[Cue]:
    if len(named) < 2:
        only = discreet(next(iter(named), ""))
        yield Cue(
            level="warning",
            subject="Classes",
            text=f"All cells have the same {target} ({only}), so there is nothing to tell apart."
            if only else "There is no tag with two values, so nothing can be learned yet.",
            action="Sort the images into one folder per class, name a label table, or use the cells for prediction "
            "only.",
        )  # fmt: skip
    blank = tags.get(target, {}).get("", 0)
    if named and blank:
        yield Cue(
            level="warning",
            subject="Cells without a class",
            text=f"{cells(blank)} {has_have(blank)} no value of {target}.",
            action=f"Give them one, or leave them out with the rule  {target}: \"\"  under Exclude cells.",
            count=blank,
        )  # fmt: skip


def _sizes(named: Mapping[str, int]) -> Iterator[Cue]:
    single = [discreet(name) for name, count in named.items() if count < _FEWEST]
    few = [f"{discreet(name)} ({count})" for name, count in named.items() if _FEWEST <= count < _FEW]
    if single:
        yield Cue(
            level="problem",
            subject="Too few cells",
            text=f"{listed(single, 10)} {has_have(len(single))} one cell only; a class needs one cell to learn from "
            "and another one to check, so it cannot be trained.",
            action="Add cells of this class, or merge or exclude it in the tag table.",
            count=len(single),
        )
    if few:
        yield Cue(
            level="warning",
            subject="Too few cells",
            text=f"Fewer than {_FEW} cells: {listed(few, 10)}. Figures of such classes are rough.",
            action="Add cells, or merge the classes with others.",
            count=len(few),
        )
    (most, high), (least, low) = max(named.items(), key=lambda item: item[1]), min(named.items(), key=lambda i: i[1])
    if high >= _UNEVEN * low:
        yield Cue(
            level="note",
            subject="Uneven classes",
            text=f"{discreet(most)} has {high / low:,.0f} times as many cells as {discreet(least)} "
            f"({high:,} and {low:,}).",
            action="Training weighs rare classes up; a limit per class (Most cells per class) saves time.",
        )


def _groups(tags: Mapping[str, Mapping[str, int]], target: str, group: str) -> Iterator[Cue]:
    values = [value for value in tags.get(group, {}) if value]
    what = "file" if group == _FILE else group
    if group and len(values) == 1:
        yield Cue(
            level="warning",
            subject="One group only",
            text=f"All cells have the same {what} ({discreet(values[0])}), so no whole group can be held out.",
            action="Choose another tag as group, or add cells of other groups.",
        )
    elif group and len(values) < _FEW_GROUPS:
        yield Cue(
            level="note",
            subject="Few groups",
            text=f"There are only {len(values)} groups ({what}); figures on held-out groups will be rough.",
            action="Three groups or more are better.",
        )
    elif not group:
        one = [f"{name} {discreet(next(iter(tags[name])))}" for name in GROUP_TAGS
               if name != target and len(tags.get(name, {})) == 1]  # fmt: skip
        text = f"All cells come from {listed(one, 3)}: " if one else "No donor, day or other group was found: "
        yield Cue(
            level="note",
            subject="One group only" if one else "No groups",
            text=f"{text}hold-out cells are drawn one by one, so figures hold for these same samples only.",
            action="Put cells of each donor, day or sample into folders of their own (Donor A, Day 7), if there are "
            "several.",
        )
    blank = tags.get(group, {}).get("", 0) if group else 0
    if blank:
        yield Cue(
            level="note",
            subject="Cells without a group",
            text=f"{cells(blank)} {has_have(blank)} no value of {what} and {is_are(blank)} held together as one group.",
            count=blank,
        )


def _nested(roster: Roster, target: str, group: str) -> Iterator[Cue]:
    """Warn where a class comes from one group only: then the group gives the class away."""
    name = group or (_FILE if _FILE in roster.tags else "")
    if name not in roster.tags or name == target:
        return
    pairs = set(zip(roster.tags[target].tolist(), roster.tags[name].tolist(), strict=True))
    groups_of = Counter(label for label, _ in pairs if label)
    if len({value for _, value in pairs}) < 2:
        return
    alone = sorted(discreet(label) for label, number in groups_of.items() if number == 1)
    if len(alone) == len(groups_of):
        yield Cue(
            level="warning",
            subject="Classes and groups",
            text=f"Each {target} comes from one {name} only, so the network may learn to tell the {name} instead of "
            f"the {target}, and no figure would show it.",
            action=f"Add cells so that each {target} comes from several values of {name}.",
            count=len(alone),
        )
    elif alone and group:
        yield Cue(
            level="warning",
            subject="Classes and groups",
            text=f"{listed(alone)} {'comes' if len(alone) == 1 else 'come'} from one {name} only; if that one is held "
            "out, nothing of the class is left to learn from.",
            action=f"Add cells of other values of {name}, or choose another group.",
            count=len(alone),
        )
