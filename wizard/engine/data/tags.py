"""Folder names to tags: every level is kept, with or without a prefix."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_SEPARATORS = re.compile(r"[\s,._-]+")
"""White space and `, . _ -`; they separate unless digits stand on both sides (Deepometry's rule)."""
_ENDS = re.compile(r"^[\s,._-]+|[\s,._-]+$")
_INNER = re.compile(r"(?<!\d)[\s,._-]+|[\s,._-]+(?!\d)")

KNOWN_PREFIXES = frozenset(
    "experiment exp day week hour time timepoint date sample replicate rep class type label phenotype donor patient "
    "subject animal mouse individual batch plate well slide run part dose concentration treatment condition "
    "instrument site stain passage cohort group set fold block image picture photo photograph field file".split()
)
"""Words that are a prefix even where a single folder carries them."""

GROUP_TAGS = tuple(
    "donor patient subject individual animal mouse cohort day date week batch experiment exp plate slide sample "
    "replicate rep run part block well photograph photo picture image field origin file".split()
)
"""Tags that hold what must stay together, the most important first."""

_SETS = frozenset("train training learn valid validation val dev test testing holdout hold-out hold_out".split())
"""Folders in which others keep their cells to train on and to test with: no classes to learn."""


def split_name(name: str) -> tuple[str, str] | None:
    """Split a folder name into (prefix in lower case, value); None when it has no prefix.

    The prefix is the text before the first separator and must hold a letter:
    `Day 7` → ("day", "7"), `Donor-A` → ("donor", "A"), `2020-05-01` → None.
    """
    for match in _SEPARATORS.finditer(name):
        prefix, value = name[: match.start()], name[match.end() :]
        if not (prefix[-1:].isdigit() and value[:1].isdigit()):
            break
    else:
        return None
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
    A prefix that occurs more than once in one path keeps the innermost value under its name and
    the outer ones, from the top, under `prefix_1`, `prefix_2` …. Letters that are stored in two
    ways (ü as one sign or as u with dots) become one.
    """
    folders = [tuple(_composed(name) for name in levels) for levels in folders]
    distinct = set(folders)
    depth = max((len(levels) for levels in distinct), default=0)
    counted = [_prefixes({levels[d] for levels in distinct if len(levels) > d}) for d in range(depth)]
    named = {levels: _name_levels(levels, counted) for levels in distinct}
    return [dict(named[tuple(levels)]) for levels in folders]


def _composed(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFC", name)


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
            tags[_free(prefix, 1, tags)] = tags[prefix]
        tags[prefix] = value
    named = plain if "class" in tags else plain[:-1]
    for index, name in enumerate(named, start=1):
        tags[_free("level", index, tags)] = name
    if plain and "class" not in tags:
        tags["class"] = plain[-1]
    return tags


def _free(stem: str, index: int, tags: Mapping[str, str]) -> str:
    """Return `stem_index`, or with the next index that is not taken."""
    while f"{stem}_{index}" in tags:
        index += 1
    return f"{stem}_{index}"


def plain_value(value: str) -> str:
    """Return a value without what people type differently by mistake: case, separators, zeros before a number."""
    text = _INNER.sub(" ", _ENDS.sub("", unicodedata.normalize("NFKC", value).casefold()))
    return re.sub(r"(?<![\d.,])0+(?=\d)", "", text)


def alike(values: Iterable[str]) -> list[list[str]]:
    """Return groups of values that differ only in case, separators or leading zeros, e.g. [["G1", "g1"]]."""
    groups: dict[str, list[str]] = {}
    for value in sorted(set(values) - {""}):
        groups.setdefault(plain_value(value), []).append(value)
    return [group for group in groups.values() if len(group) > 1]


def choose_target(tags: Mapping[str, Mapping[str, int]], wanted: str) -> str:
    """Return the tag to learn: the wanted one, else `class`, else the first with two values, else "".

    A tag whose values are only `train`, `validation`, `test` and the like is left to be wanted.
    """
    if wanted != "auto":
        return _as_known(wanted, tags)
    usable = [name for name in tags if _several(tags, name) and not _are_sets(tags[name])]
    for name in ("class", "phenotype", "type", "label"):
        if name in usable:
            return name
    return usable[0] if usable else ""


def choose_group(tags: Mapping[str, Mapping[str, int]], wanted: str, target: str) -> str:
    """Return the tag that a split keeps whole: the wanted one, else the first known one; "" for none."""
    if wanted not in ("auto", ""):
        return "" if wanted == "none" else _as_known(wanted, tags)
    for name in GROUP_TAGS:
        if name != target and _several(tags, name):
            return name
    return ""


def _are_sets(values: Iterable[str]) -> bool:
    return all(value.casefold() in _SETS for value in values)


def _several(tags: Mapping[str, Mapping[str, int]], name: str) -> bool:
    """Tell whether a tag has at least two values; "" (none) is no value."""
    return sum(1 for value in tags.get(name, ()) if value) > 1


def _as_known(wanted: str, tags: Iterable[str]) -> str:
    """Return the tag that is meant by a name in upper or lower case; the name itself when there is none."""
    known = list(tags)
    if wanted in known:
        return wanted
    return next((name for name in known if name.casefold() == wanted.casefold()), wanted)
