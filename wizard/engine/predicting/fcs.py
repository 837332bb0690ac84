"""FCS 3.1 files of 32-bit floats, written in pieces (Spidlen et al., Cytometry A 2010)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio

_TEXT_START = 256
_LARGEST_IN_HEADER = 99_999_999
_DELIMITER = "|"


def write(
    path: Path,
    columns: Sequence[tuple[str, str, float]],
    events: int,
    pieces: Iterable[NDArray[np.float32]],
    keywords: Mapping[str, str],
) -> Path:
    """Write one data set: `columns` are short name, label and largest value, `pieces` are (event, column).

    `keywords` are added to the text part; the characters that FCS does not allow in them are replaced. Raises
    ValueError when the pieces do not hold `events` events.
    """
    size = 4 * events * len(columns)
    text, start = _text(columns, events, size, keywords)
    end = start + max(size, 1) - 1

    def fill(place: Path) -> None:
        with place.open("wb") as stream:
            in_header = end <= _LARGEST_IN_HEADER and size
            bounds = [_TEXT_START, _TEXT_START + len(text) - 1, *((start, end) if in_header else (0, 0)), 0, 0]
            head = b"FCS3.1    " + b"".join(b"%8d" % number for number in bounds)
            stream.write(head.ljust(_TEXT_START) + text)
            stream.write(b" " * (start - _TEXT_START - len(text)))
            written = 0
            for piece in pieces:
                stream.write(np.ascontiguousarray(piece, "<f4").tobytes())
                written += len(piece)
            if written != events:
                raise ValueError(f"{written} events were given, not {events}")

    return fileio.write_with(path, fill)


def _text(
    columns: Sequence[tuple[str, str, float]], events: int, size: int, keywords: Mapping[str, str]
) -> tuple[bytes, int]:  # fmt: skip
    """Return the text part and where the data begin; the places that it names have a fixed width."""
    pairs: dict[str, str] = {
        "$BEGINANALYSIS": "0", "$ENDANALYSIS": "0", "$BEGINSTEXT": "0", "$ENDSTEXT": "0", "$BYTEORD": "1,2,3,4",
        "$DATATYPE": "F", "$MODE": "L", "$NEXTDATA": "0", "$PAR": str(len(columns)), "$TOT": str(events),
    }  # fmt: skip
    taken: set[str] = set()
    for number, (name, label, largest) in enumerate(columns, 1):
        pairs |= {
            f"$P{number}B": "32", f"$P{number}E": "0,0", f"$P{number}G": "1.0",
            f"$P{number}R": str(max(1, int(np.ceil(largest)))), f"$P{number}N": _short(name, taken),
            f"$P{number}S": _value(label),
        }  # fmt: skip
    pairs |= {_value(key).upper(): _value(value) for key, value in keywords.items()}
    body = "".join(f"{key}{_DELIMITER}{value}{_DELIMITER}" for key, value in pairs.items())
    found = _places(0, 0)
    length = len((_DELIMITER + found + body).encode())
    start = _TEXT_START + length + (-length) % 8
    return (_DELIMITER + _places(start, start + max(size, 1) - 1) + body).encode(), start


def _places(start: int, end: int) -> str:
    """Return where the data begin and end, always in the same number of letters."""
    return f"$BEGINDATA{_DELIMITER}{start:020d}{_DELIMITER}$ENDDATA{_DELIMITER}{end:020d}{_DELIMITER}"


def _short(name: str, taken: set[str]) -> str:
    """Return a name for $PnN: no comma, plain letters, none twice."""
    plain = re.sub(r"[^A-Za-z0-9_. -]+", "_", name).strip() or "column"
    wish, number = plain, 1
    while plain.casefold() in taken:
        number += 1
        plain = f"{wish}_{number}"
    taken.add(plain.casefold())
    return plain


def _value(text: Any) -> str:
    """Return text without the delimiter and control characters; FCS allows no empty value."""
    return re.sub(r"[\x00-\x1f|]+", "_", str(text)).encode("utf-8", "replace").decode("utf-8").strip() or "-"
