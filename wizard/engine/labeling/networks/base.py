"""The contract of a network from pictures to pictures, and the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.labeling.heads import Head, head

Sides = tuple[int | None, int | None]
"""Height and width; None = any that the network can take."""


@dataclass(frozen=True)
class Wanted:
    """What a network is to be built for: planes in, labels out, and what is told of each label's pixels."""

    planes: int
    labels: tuple[str, ...]
    head: Head
    sides: Sides = (None, None)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PictureNetwork:
    """A family of networks.

    `build` returns an uncompiled `keras.Model` from (picture, y, x, plane), 0 to 1, to the heads' raw channels
    (picture, y, x, label * channel), all those of the first label first. The sides of a picture are
    `smallest` + n * `step`; `lost` px at each border get no answer (convolutions without padding).
    """

    name: str
    title: str
    help: str
    build: Callable[[Wanted], Any]
    smallest: int
    step: int
    lost: int = 0
    halo: int = 0
    """Pixels at each border whose answers suffer because the surroundings are not seen."""
    trunk: str = "trunk"
    """The layer whose output all heads share: the features of a pixel."""

    def side(self, least: int) -> int:
        """Return the smallest possible side of at least `least` px."""
        return self.smallest + -(-max(0, least - self.smallest) // self.step) * self.step


NETWORKS: dict[str, PictureNetwork] = {}


def register(entry: PictureNetwork) -> PictureNetwork:
    """Add a network to the registry."""
    NETWORKS[entry.name] = entry
    return entry


def network(name: str) -> PictureNetwork:
    """Return a registered network; raises UserError for an unknown name."""
    if name not in NETWORKS:
        raise UserError(
            f"There is no network called {name!r}.", f"Known are: {', '.join(NETWORKS)}.", "Choose one of these."
        )
    return NETWORKS[name]


def build(
    name: str, planes: int, labels: Sequence[str], told: str = "quantiles", sides: Sides = (None, None), **options: Any
) -> Any:
    """Build a network by name; `told` is the head, `sides` the pictures' if all have the same.

    Raises UserError for unknown names, no or double labels, and sides that the network cannot take.
    """
    entry = network(name)
    if planes < 1 or not labels or len(set(map(slug, labels))) < len(labels):
        raise UserError(
            "The stains to predict must be named, each by a name of its own.",
            f"Named are: {', '.join(labels) or 'none'}.",
            "Check the names of the channels.",
        )
    for side in sides:
        if side is not None and (side < entry.smallest or (side - entry.smallest) % entry.step):
            raise UserError(
                f"Pictures of {side} px do not fit {entry.title}.",
                f"It takes sides of {entry.smallest} px and steps of {entry.step} px from there.",
                f"Use {entry.side(side)} px.",
            )
    return entry.build(Wanted(planes, tuple(labels), head(told), sides, options))


def slug(label: str) -> str:
    """Return a label's name as a layer's name can hold it."""
    return re.sub(r"[^A-Za-z0-9]+", "_", label).strip("_").casefold() or "label"


def trunk_of(net: Any, name: str) -> Any:
    """Return the part of a network that makes the features of each pixel, (picture, y, x, feature)."""
    return keras.Model(net.input, net.get_layer(network(name).trunk).output)


def take_over(net: Any, old: Any) -> list[str]:
    """Copy the weights of all layers that two networks share by name and shape; return the layers left as they were.

    So a label is added: build the network with one label more, take over, train (the new head first).
    """
    before = {layer.name: layer for layer in old.layers if layer.weights}
    fresh = []
    for layer in net.layers:
        if not layer.weights:
            continue
        twin = before.get(layer.name)
        if twin is not None and [w.shape for w in twin.weights] == [w.shape for w in layer.weights]:
            layer.set_weights(twin.get_weights())
        else:
            fresh.append(layer.name)
    return fresh


def joined(parts: Sequence[Any]) -> Any:
    """Lay the raw channels of the labels behind each other."""
    return keras.layers.Concatenate(name="raw")(list(parts)) if len(parts) > 1 else parts[0]
