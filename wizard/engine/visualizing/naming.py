"""Names of columns that Visualize adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def free(name: str, taken: Mapping[str, Any]) -> str:
    """Return `name`, or with a number behind it where a tag is called so."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
