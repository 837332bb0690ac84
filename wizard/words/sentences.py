"""Texts cut into sentences, the units of the catalogue; light, shared by the window and the collector."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r'(?<=[.!?\u2026;])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?<!\d\.)(\s+)(?=[A-Z0-9{"\'(\u201c\[])')
_LOOSE = re.compile(r"(?<=[.!?\u2026:;])(\s+)")


def split(text: str) -> list[str]:
    """Return the sentences of a text, without the space between them."""
    return [part for part in _BETWEEN.split(text)[::2] if part.strip()]


def cut(text: str) -> list[str]:
    """Return pieces and the space between them in turns, cut wherever a sentence might end."""
    return _LOOSE.split(text)
