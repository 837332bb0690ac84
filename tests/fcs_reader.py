"""A plain reader of FCS 3.1 lists of 32-bit floats, written from the standard alone (Spidlen et al. 2010)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np


def read(path: Path) -> SimpleNamespace:
    """Return version, event_count, text (keys in lower case, without $), pnn_labels, pns_labels, events."""
    content = path.read_bytes()
    begin, end = int(content[10:18]), int(content[18:26])
    text = content[begin : end + 1].decode()
    parts = text[1:].removesuffix(text[0]).split(text[0])
    words = {key.lower().removeprefix("$"): value for key, value in zip(parts[::2], parts[1::2], strict=True)}
    columns, number = int(words["par"]), int(words["tot"])
    assert (words["byteord"], words["datatype"], words["mode"]) == ("1,2,3,4", "F", "L")
    assert all(words[f"p{column}b"] == "32" for column in range(1, columns + 1))
    first, last = int(words["begindata"]), int(words["enddata"])
    told = int(content[26:34]), int(content[34:42])
    assert told in ((first, last), (0, 0))
    events = np.frombuffer(content[first : last + 1], "<f4")[: columns * number].reshape(number, columns)
    return SimpleNamespace(
        version=content[3:6].decode(), event_count=number, text=words, events=events,
        pnn_labels=[words[f"p{column}n"] for column in range(1, columns + 1)],
        pns_labels=[words.get(f"p{column}s", "") for column in range(1, columns + 1)],
    )  # fmt: skip
