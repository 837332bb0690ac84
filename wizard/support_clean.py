"""Takes names out of texts that leave the computer: people, files, folders, tags and their values."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

NAME, PATH, FILE, TEXT = "<name>", "<path>", "<file>", "<text>"

_TELLING = {"tags", "raw_tags", "populations", "classes", "sources", "source", "skipped", "file", "target", "group",
            "targets", "labels", "samples", "cell_id", "per_class", "input", "notices"}  # fmt: skip
"""Parts of results below which every text may be a name from the user's own files."""

_EVERYDAY = set(
    "home users user root tmp temp var data documents desktop downloads projects project images cells class population "
    "file folder day time dose batch group train holdout parse predict evaluate extract visualize level none unknown "
    "auto true false error warning info c: d: private mnt media volumes".split()
)
"""Words that say nothing about anybody; without them logs would be unreadable."""

_SOURCE = re.compile(r'^(\s*File )"([^"]+)"(.*)$')
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|\u201c[^\u201d\n]*\u201d|`[^`\n]*`")
_WINDOWS = re.compile(r"(?:\b[A-Za-z]:|\\)\\[^\n\"'<>|*?]*")
_UNIX = re.compile(r"(?:file://)?(?<![\w.<])~?/[^\s\"'<>:,;()]+(?: [^\s\"'<>:,;()/]*/[^\s\"'<>:,;()]+)*")
_WITH_ENDING = re.compile(
    r"[^\s\"'<>/\\:;,()]+\.(?:cif|rif|daf|fcs|ist|cytomodel|cells|zarr|parquet|tiff?|png|jpe?g|bmp|czi|nd2|lif|rtdc|h5|"
    r"hdf5|npy|npz|csv|tsv|xlsx?|txt|zip|toml|json|log)\b", re.IGNORECASE,
)  # fmt: skip
_MAIL = re.compile(r"[\w.+-]+@[\w.-]+")
_INSIDE = re.compile(r"(?<=[a-z0-9,;] )[A-Z][a-z\u00c0-\u024f-]+\b(?!\()|\b\w*[^\x00-\x7f\u2013\u2019\u2026]\w*")
"""A capital in the middle of a sentence, or a letter that English lacks: most likely a name."""
_KNOWN = {"Python", "Keras", "Tensor", "Tk", "Windows", "Linux", "Traceback", "None", "True", "False", "Train", "Parse"}
_LIBRARIES = ("site-packages", "dist-packages")
_PARTS = ("engine", "reports", "steps", "widgets", "words", "help")
"""The packages of the program: a folder of the user may be called like the program itself."""


class Cleaner:
    """Removes known names wherever they stand, and all that looks like a path, a file or a quotation."""

    def __init__(self, names: Iterable[str]) -> None:
        parts = {part.strip() for name in names for part in _parts(name)}
        kept = {part for part in parts if len(part) > 1 and part.lower() not in _EVERYDAY and not _is_number(part)}
        self._names = sorted({part.lower() for part in kept}, key=len, reverse=True)

    def known(self, text: str) -> str:
        """Take out the names that are known."""
        present = self._present(text)
        return re.sub("|".join(map(_anywhere, present)), NAME, text, flags=re.IGNORECASE) if present else text

    def _present(self, text: str) -> list[str]:
        """There may be thousands of file names; a pattern of all of them would take minutes."""
        low = text.lower()
        return [name for name in self._names if name in low]

    def text(self, text: str) -> str:
        """Take out of a sentence what is known, quoted, a path or a file, or looks like a name."""
        for pattern, word in ((_MAIL, NAME), (_QUOTED, TEXT), (_WINDOWS, PATH), (_UNIX, PATH), (_WITH_ENDING, FILE)):
            text = pattern.sub(word, text)
        text = self.known(text)
        return _INSIDE.sub(lambda found: found[0] if found[0] in _KNOWN else NAME, text)

    def log(self, text: str) -> str:
        """Clean a log line by line; where in the program a mistake happened stays readable."""
        lines, code = [], False
        few = Cleaner([])
        few._names = self._present(text)
        for line in text.splitlines():
            source = _SOURCE.match(line)
            if source is not None:
                place, code = _place(source[2])
                lines.append(few.known(f"{source[1]}{place}{source[3]}"))
            elif code and line.startswith("    "):
                lines.append(few.known(line))
            elif line.startswith("    "):
                lines.append(f"    {TEXT}" if line.strip() else "")
            else:
                code = False
                lines.append(few.text(line))
        return "\n".join(lines)


def _place(path: str) -> tuple[str, bool]:
    """Return a source file as seen from its package, and whether it is one of the program or of a library."""
    if path.startswith("<"):
        return path, False
    parts = re.split(r"[/\\]", path)
    for index in range(len(parts) - 2, -1, -1):
        part, after = parts[index], parts[index + 1]
        own = part == "wizard" and (after in _PARTS or index == len(parts) - 2)
        standard = part == "lib" and after.startswith("python3")
        if own or standard or part in _LIBRARIES:
            return "/".join(parts[index:]), True
    return FILE, False


def _anywhere(name: str) -> str:
    """Return the pattern of a name: long ones also inside words, short ones only by themselves."""
    return re.escape(name) if len(name) > 3 else rf"(?<!\w){re.escape(name)}(?!\w)"


def _parts(name: str) -> Iterator[str]:
    """Yield a name, and the parts of a path or of a file name by themselves."""
    yield name
    pieces = [piece for piece in re.split(r"[/\\]", name) if piece]
    for piece in pieces:
        yield piece
        yield piece.rpartition(".")[0]
        yield from (word for word in re.split(r"[\s_.,;=:|()\[\]\"']+|-(?=\D)", piece) if len(word) > 2)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d\s.,:+-]*", text))


def names_here() -> set[str]:
    """Return the names of the user and of this computer."""
    found = {Path.home().name, platform.node(), platform.node().partition(".")[0]}
    found.update(os.environ.get(name, "") for name in ("USER", "USERNAME", "LOGNAME", "COMPUTERNAME", "HOSTNAME"))
    with contextlib.suppress(OSError, KeyError, ImportError):
        found.add(getpass.getuser())
    return {name for name in found if name}


def names_of_project(root: Path, plan: Iterable[object]) -> set[str]:
    """Return every name that the project's own files hold: folders, sources, tags and their values."""
    found = {str(root), root.name, *_texts(list(plan))}
    for path in (*root.glob("results/*/result.json"), *root.glob("data/*.cells/dataset.json")):
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        found.update(_telling(stored))
    return found


def _telling(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part) if key in _TELLING else _telling(part)
    elif isinstance(value, list):
        for part in value:
            yield from _telling(part)


_OURS = {"path", "name", "count", "text", "level", "why", "reason", "train", "holdout", "excluded", "file", "hash",
         "sha256", "size", "cells", "precision", "recall", "f1", "support", "auc", "value", "low", "high"}  # fmt: skip


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if str(key) not in _OURS:
                yield str(key)
            if key not in ("text", "reason", "why", "level", "hash", "sha256"):
                yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
