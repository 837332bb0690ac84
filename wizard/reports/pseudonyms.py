"""Stand-ins for the names of files, folders and tags; the key stays in the project and never enters a report."""

from __future__ import annotations

import csv
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wizard import fileio
from wizard.plan import LABEL_MODELS, MODELS, step_settings
from wizard.reports.tables import unguarded

KEY = "pseudonyms.csv"
"""The key, in the project's folder."""

_COLUMNS = ("kind", "original", "pseudonym")
_FOR_CELLS = "number for cell ids"
_PLAIN_TAGS = frozenset(
    "experiment exp day week date sample replicate rep class type label phenotype donor patient subject animal batch "
    "plate well slide run part dose time concentration treatment condition instrument site stain group set fold block "
    "picture image file population origin split object source".split()
)
"""Names of tags that tell nothing of a person or place; they stay."""
_GATHERED = "(all other values)"
"""Stands for the rare values of a tag in the tables of clusters."""
_LEVEL = re.compile(r"level_\d+")
_COMMON = frozenset(
    "data raw image images cell cells home user users tmp temp work files file folder folders channel channels train "
    "training validation test tests holdout hold-out excluded group class classes tag tags results result models model "
    "project input output desktop documents downloads shared media mnt var the and for with yes true false none all "
    "live dead control positive negative healthy sick wrong right high low med medium new old first last other others "
    "picture pictures field fields stain stains plane planes light nucleus nuclei square squares well view "
    "not known unknown left out cytowizard notes note warning problem day donor".split()
)
"""Words that name nobody and would take every other meaning out of a sentence."""


def _vocabulary() -> frozenset[str]:
    """Return the words of the program itself: settings and their choices."""
    found = set(_COMMON)
    for step in (*MODELS, *LABEL_MODELS):
        for item in step_settings(step):
            found |= {item.name, item.title.lower(), step}
            found |= {str(text).lower() for pair in item.choices.items() for text in pair}
    return frozenset(found)


def distinct(name: str) -> bool:
    """Tell whether a name can be found in the middle of a sentence without mistaking a common word or count for it."""
    plain = name.strip().lower()
    if plain.isdigit():
        return len(plain) >= 5
    return len(plain) >= 3 and any(letter.isalpha() for letter in plain) and plain not in _WORDS


_WORDS = _vocabulary()


class Names:
    """Gives out pseudonyms, always the same for the same name; numbers follow a random order that is kept in the key.

    `classes` are the classes of the `target`: they stay, since figures could not be read without them.
    """

    def __init__(self, key: Path, classes: Iterable[str] = (), targets: Iterable[str] = ()) -> None:
        self._key = key
        self._classes, self._targets = set(classes), set(targets)
        self._small_classes = {name.lower() for name in self._classes}
        self._given: dict[str, dict[str, str]] = {}
        self._cells = secrets.token_hex(32)
        self._anywhere: dict[str, str] = {}
        self._lengths: list[int] = []
        self._seen: dict[str, str] = {}
        self.tags: set[str] = set()
        self.changed = False
        self._load()

    def _load(self) -> None:
        if not self._key.is_file():
            self.changed = True
            return
        with self._key.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                kind, original = unguarded(row["kind"] or ""), unguarded(row["original"] or "")
                if kind == _FOR_CELLS:
                    self._cells = row["pseudonym"]
                else:
                    self._given.setdefault(kind, {})[original] = unguarded(row["pseudonym"] or "")

    def save(self) -> None:
        """Write the key, if it has new names."""
        if self.changed:
            rows = [(_FOR_CELLS, "", self._cells)]
            rows += [(kind, *pair) for kind, pairs in self._given.items() for pair in pairs.items()]
            fileio.write_csv(self._key, _COLUMNS, rows)
            self.changed = False

    def add(self, kind: str, originals: Iterable[str], before: str) -> None:
        """Give pseudonyms `before 1`, `before 2` … to names that have none, in random order."""
        given = self._given.setdefault(kind, {})
        new = sorted({plain(name) for name in originals} - set(given) - {""})
        secrets.SystemRandom().shuffle(new)
        for number, name in enumerate(new, len(given) + 1):
            given[name] = f"{before}{number}"
            self.changed = True

    def _of(self, kind: str, name: str, before: str) -> str:
        if not name:
            return ""
        key = plain(name)
        given = self._given.setdefault(kind, {})
        if key not in given:
            self.add(kind, [name], before)
        return given[key]

    def kept(self, tag: str) -> bool:
        """Tell whether the values of a tag stay: those of the target, and splits."""
        return tag in self._targets or tag == "split"

    def keep(self, tag: str) -> None:
        """Let the values of a tag stay, because they are the classes under another name."""
        self._targets.add(tag)

    def tag(self, name: str) -> str:
        """Return what stands for the name of a tag; common names such as `donor` stay."""
        if name in self._targets or name.lower() in _PLAIN_TAGS or _LEVEL.fullmatch(name) or not name:
            return name
        return self._of("tag", name, "tag ")

    def value(self, tag: str, value: str) -> str:
        """Return what stands for the value of a tag."""
        if self.kept(tag) or value == _GATHERED:
            return value
        return self._of(f"value of {tag}", value, self.before(tag))

    def before(self, tag: str) -> str:
        """Return what the number of a value follows: `donor ` for `donor 3`, `tag 2.` for `tag 2.3`."""
        stand_in = self.tag(tag)
        return f"{stand_in} " if stand_in == tag else f"{stand_in}."

    def source(self, name: str) -> str:
        """Return what stands for the source of cells: a file, or a folder of files."""
        return self._of("file", name, "File ")

    def view(self, name: str) -> str:
        """Return what stands for a field of view."""
        return self._of("field", name, "Field ")

    def folder(self, name: str) -> str:
        """Return what stands for a folder."""
        return self._of("folder", name, "Folder ")

    def model(self, name: str) -> str:
        """Return what stands for a model file."""
        return self._of("model", name, "Model ")

    def cell(self, name: str) -> str:
        """Return what stands for a cell's id, which is made of the name of its file."""
        return hmac.new(
            bytes.fromhex(self._cells), name.encode("utf-8", "backslashreplace"), hashlib.sha256
        ).hexdigest()[:16]

    def given(self, kind: str) -> dict[str, str]:
        """Return original → pseudonym of one kind."""
        return self._given.get(kind, {})

    def everywhere(self, name: str, stand_in: str, always: bool = False) -> None:
        """Let a name be replaced wherever it stands in a text, if it is distinct (or `always`)."""
        if name.lower() in self._small_classes or not name.strip() or not (always or distinct(name)):
            return
        self._anywhere.setdefault(name.lower() if len(name.lower()) == len(name) else name, stand_in)
        self._lengths, self._seen = [], {}

    def text(self, text: str) -> str:
        """Return text with all names replaced that are known; classes stay."""
        if not text or text in self._classes:
            return text
        if text not in self._seen:
            if len(self._seen) > 50_000:
                self._seen.clear()
            self._seen[text] = self._replaced(text)
        return self._seen[text]

    def _replaced(self, text: str) -> str:
        if not self._lengths:
            self._lengths = sorted({len(name) for name in self._anywhere}, reverse=True)
        small = text.lower() if len(text.lower()) == len(text) else text
        made: list[str] = []
        place = 0
        while place < len(text):
            found = self._at(small, place) if _begins(small, place) else 0
            made.append(self._anywhere[small[place : place + found]] if found else text[place])
            place += found or 1
        return "".join(made)

    def _at(self, text: str, place: int) -> int:
        """Return the length of the longest known name that begins here and ends at the end of a word, or 0."""
        for length in self._lengths:
            end = place + length
            if end <= len(text) and text[place:end] in self._anywhere and _ends(text, end):
                return length
        return 0

    def any_of(self, values: Iterable[Any], tag: str) -> list[str]:
        """Return the values of a tag as a list of what stands for them."""
        return [self.value(tag, str(value)) for value in values]


def plain(name: str) -> str:
    """Return a name as the key can hold it."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _begins(text: str, place: int) -> bool:
    return place == 0 or not (text[place - 1].isalnum() and text[place].isalnum())


def _ends(text: str, end: int) -> bool:
    return end == len(text) or not (text[end].isalnum() and text[end - 1].isalnum())
