"""The contract of a network, and the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from wizard.engine.errors import UserError
from wizard.train_plan import TrainPlan

Shape = tuple[int, int, int]
"""Height, width, channels."""

STAGES = ("stage 4", "stage 5", "pool")
"""Layers that every network offers for features, by Deepometry's names."""

MOMENTUM = 0.9
"""Of the batch-norm averages: Keras' 0.99 is useless after a few hundred steps."""

_LARGEST = 512
"""Frame sides up to which possible ones are listed in a message."""


@dataclass(frozen=True)
class Network:
    """A family of networks.

    `build(shape, classes, options)` returns an uncompiled `keras.Model` from (cell, y, x, channel)
    to logits (cell, class); `stages` maps each of `STAGES` to the name of the layer whose output it is.
    Layers with weights must have names of their own: Keras numbers its automatic ones anew in every process.
    """

    name: str
    title: str
    help: str
    smallest: int
    """Smallest frame in pixels."""
    build: Callable[[Shape, int, Mapping[str, Any]], Any]
    stages: Mapping[str, str]
    group: str = ""
    """Heading under which a form lists it; empty for the user's own."""
    side: Callable[[int], bool] | None = None
    """Tells whether a side of the frame (px) is possible, for networks that take but some of them."""
    pretrained: bool = False
    """Whether the option `imagenet` (a file of published weights) is understood."""
    intensities: bool = False
    """Whether the option `intensities` is understood: figures of each channel's grey levels beside the convolutions."""


NETWORKS: dict[str, Network] = {}

FAMILIES: dict[str, Callable[[str], Network | None]] = {}
"""Prefix of a name → maker of networks that are understood by name, such as `MLP_24_16_24`."""


def register(entry: Network) -> Network:
    """Add a network to the registry."""
    NETWORKS[entry.name] = entry
    return entry


def network(name: str) -> Network:
    """Return a registered network, one understood by its name, or one of the entry point `cytowizard.networks`.

    Raises UserError for an unknown name.
    """
    if name not in NETWORKS:
        for found in metadata.entry_points(group="cytowizard.networks", name=name):
            register(found.load())
    if name in NETWORKS:
        return NETWORKS[name]
    for prefix, maker in FAMILIES.items():
        made = maker(name) if name.startswith(prefix) else None
        if made is not None:
            return made
    raise UserError(
        f"There is no network called {name!r}.", f"Known are: {', '.join(NETWORKS)}.", "Choose one of these."
    )


def options_of(plan: TrainPlan) -> dict[str, Any]:
    """Return the options with which a plan's network is built."""
    options: dict[str, Any] = {"imagenet": plan.imagenet} if plan.imagenet else {}
    return options | ({"intensities": True} if plan.intensities and network(plan.network).intensities else {})


def lasting(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that a model file must keep: all but those that only choose the first weights."""
    return {name: value for name, value in options.items() if name != "imagenet"}


def build(name: str, shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
    """Build a network for frames of `shape`; raises UserError when it cannot take such a frame or option."""
    entry = network(name)
    frame = f"{shape[1]}×{shape[0]} px"
    if min(shape[:2]) < entry.smallest:
        raise UserError(
            f"The frame of {frame} is too small for {entry.title}.",
            f"It needs at least {entry.smallest} px.",
            "Parse again with a larger frame size, or choose another network.",
        )
    if entry.side is not None and not all(entry.side(side) for side in shape[:2]):
        possible = [side for side in range(entry.smallest, _LARGEST) if entry.side(side)]
        raise UserError(
            f"The frame of {frame} does not fit {entry.title}.",
            f"Its branches meet only at sides of {_spans(possible)} px.",
            "Parse again with such a frame size, or choose another network.",
        )
    if options.get("imagenet") and not entry.pretrained:
        raise UserError(
            f"There are no ImageNet weights for {entry.title}.",
            "They are published for the networks of Keras only, such as ResNet50 or MobileNet V2.",
            "Leave ImageNet weights empty, or choose one of those networks.",
        )
    return entry.build(shape, classes, options)


def _spans(numbers: list[int]) -> str:
    """Write 32, 34, 35, 36 as `32 or 34-36`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    words = [str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans]
    return re.sub(r", ([^,]*)$", r" or \1", ", ".join(words))
