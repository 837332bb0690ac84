"""The contract of a network, and the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from wizard.engine.errors import UserError

Shape = tuple[int, int, int]
"""Height, width, channels."""

STAGES = ("stage 4", "stage 5", "pool")
"""Layers that every network offers for features, by Deepometry's names."""


@dataclass(frozen=True)
class Network:
    """A family of networks.

    `build(shape, classes, options)` returns an uncompiled `keras.Model` from (cell, y, x, channel)
    to logits (cell, class); `stages` maps each of `STAGES` to the name of the layer whose output it is.
    """

    name: str
    title: str
    help: str
    smallest: int
    """Smallest frame in pixels."""
    build: Callable[[Shape, int, Mapping[str, Any]], Any]
    stages: Mapping[str, str]


NETWORKS: dict[str, Network] = {}


def register(entry: Network) -> Network:
    """Add a network to the registry."""
    NETWORKS[entry.name] = entry
    return entry


def network(name: str) -> Network:
    """Return a registered network, or one installed under the entry point `cytowizard.networks`.

    Raises UserError for an unknown name.
    """
    if name not in NETWORKS:
        for found in metadata.entry_points(group="cytowizard.networks", name=name):
            register(found.load())
    if name not in NETWORKS:
        raise UserError(
            f"There is no network called {name!r}.", f"Known are: {', '.join(NETWORKS)}.", "Choose one of these."
        )
    return NETWORKS[name]


def build(name: str, shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
    """Build a network for frames of `shape`; raises UserError when the frame is too small for it."""
    entry = network(name)
    if min(shape[:2]) < entry.smallest:
        raise UserError(
            f"The frame of {shape[1]}×{shape[0]} px is too small for {entry.title}.",
            f"It needs at least {entry.smallest} px.",
            "Parse again with a larger frame size, or choose another network.",
        )
    return entry.build(shape, classes, options)
