"""Folder names to tags: every level is kept, with or without a prefix."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SEPARATOR = re.compile(r"(?<!\d)[\s,._-]+|[\s,._-]+(?!\d)")
"""White space or one of `, . _ -`, unless digits stand on both sides (Deepometry's rule)."""

KNOWN_PREFIXES = frozenset(
    "experiment exp day week hour time timepoint date sample replicate rep class type label phenotype donor patient "
    "subject animal mouse individual batch plate well slide run part dose concentration treatment condition "
    "instrument site stain passage cohort group set fold block image photo photograph field file".split()
)
"""Words that are a prefix even where a single folder carries them."""

GROUP_TAGS = tuple(
    "donor patient subject individual animal mouse cohort day date week batch experiment exp plate slide sample "
    "replicate rep run part block photograph photo image field file".split()
)
"""Tags that hold what must stay together, the most important first."""


def split_name(name: str) -> tuple[str, str] | None:
    """Split a folder name into (prefix in lower case, value); None when it has no prefix.

    The prefix is the text before the first separator and must hold a letter:
    `Day 7` → ("day", "7"), `Donor-A` → ("donor", "A"), `2020-05-01` → None.
    """
    match = _SEPARATOR.search(name)
    if match is None:
        return None
    prefix, value = name[: match.start()], name[match.end() :]
    if not value or not any(letter.isalpha() for letter in prefix):
        return None
    return prefix.casefold(), value


def _prefixes(names: set[str]) -> set[str]:
    """Return the prefixes that count: shared by all folder names of a level, or a known word."""
    parts = [split_name(name) for name in names]
    found = {part[0] for part in parts if part}
    if len(found) == 1 and None not in parts and len(names) > 1:
        return found
    return {prefix for prefix in found if prefix in KNOWN_PREFIXES}


def tags_of(folders: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """Turn folder levels (top first) of many files into one dictionary of tags per file.

    A level with a prefix becomes the tag `prefix`; the others are `level_1`, `level_2` …
    from the top, the innermost of them `class` (unless a prefix already gives that name).
    A prefix that occurs twice in one path keeps the inner value under its name and the outer
    one under `prefix_1`.
    """
    distinct = {tuple(levels) for levels in folders}
    depth = max((len(levels) for levels in distinct), default=0)
    counted = [_prefixes({levels[d] for levels in distinct if len(levels) > d}) for d in range(depth)]
    named = {levels: _name_levels(levels, counted) for levels in distinct}
    return [dict(named[tuple(levels)]) for levels in folders]


def _name_levels(levels: Sequence[str], counted: Sequence[set[str]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    plain: list[str] = []
    for depth, name in enumerate(levels):
        part = split_name(name)
        if part is None or part[0] not in counted[depth]:
            plain.append(name)
            continue
        prefix, value = part
        if prefix in tags:
            tags[f"{prefix}_1"] = tags[prefix]
        tags[prefix] = value
    named = plain if "class" in tags else plain[:-1]
    tags.update({f"level_{index}": name for index, name in enumerate(named, start=1)})
    if plain and "class" not in tags:
        tags["class"] = plain[-1]
    return tags


def choose_target(tags: dict[str, dict[str, int]], wanted: str) -> str:
    """Return the tag to learn: the wanted one, else `class`, else the first with two values, else ""."""
    if wanted != "auto":
        return wanted
    usable = [name for name, values in tags.items() if len(values) > 1]
    for name in ("class", "phenotype", "type", "label"):
        if name in usable:
            return name
    return usable[0] if usable else ""


def choose_group(tags: dict[str, dict[str, int]], wanted: str, target: str) -> str:
    """Return the tag that a split keeps whole: the wanted one, else the first known one; "" for none."""
    if wanted not in ("auto", ""):
        return "" if wanted == "none" else wanted
    for name in GROUP_TAGS:
        if name != target and len(tags.get(name, {})) > 1:
            return name
    return ""
