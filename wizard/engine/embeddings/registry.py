"""The registry of maps: each a function by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wizard.engine.embeddings.space import Floats, Space
from wizard.visualize_plan import VisualizePlan

Report = Callable[[float, str], None]
Method = Callable[[Space, tuple[int, ...], VisualizePlan, Report], dict[int, Floats]]
"""(space, dimensions wanted, settings, progress) → dimensions → coordinates (cell, dimensions) float32."""


@dataclass(frozen=True)
class Entry:
    """A method: its title, the name of its axes, its function, and what to say about its settings."""

    title: str
    axis: str
    make: Method
    note: Callable[[Space, int, VisualizePlan], str]


METHODS: dict[str, Entry] = {}


def register(
    name: str, title: str, axis: str, note: Callable[[Space, int, VisualizePlan], str]
) -> Callable[[Method], Method]:
    """Add a method to the registry."""

    def add(method: Method) -> Method:
        METHODS[name] = Entry(title, axis, method, note)
        return method

    return add
