"""What may be done to the pictures of a channel before they are used, one by one, each to be switched on or off.

The order is that of the published preparation: median, dust, half size, even light, dust in the light.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.labeling.preparing import shading
from wizard.engine.labeling.preparing.median import median_to_rest
from wizard.results import Cue

Floats = NDArray[np.float32]
_CONE = 90.0


@dataclass(frozen=True)
class Operation:
    """`on` tells whether it suits `light` or `stain`; `fit` measures what all pictures share, `apply` uses it.

    `least` pictures of a channel are needed; with fewer the cells themselves would be taken for dust.
    """

    name: str
    title: str
    help: str
    on: tuple[str, ...]
    apply: Callable[[NDArray[Any], Any], Floats]
    fit: Callable[[Sequence[NDArray[Any]], str], Any] | None = None
    least: int = 1


@dataclass
class Prepared:
    """Pictures after the operations, and what could not be done."""

    pictures: list[Floats]
    cues: list[Cue] = field(default_factory=list)


def halved(image: NDArray[Any], _: Any = None) -> Floats:
    """Return a picture at half its size: the mean of 2 x 2 px; an odd row or column at the end is left out."""
    high, wide = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * high, : 2 * wide].astype(np.float32).reshape(high, 2, wide, 2).mean(axis=(1, 3))


def projected(planes: NDArray[Any], percentile: float = _CONE) -> Floats:
    """Return one picture of a stained stack (plane, y, x): each pixel's 90th percentile."""
    return np.percentile(planes, percentile, axis=0).astype(np.float32)


def _even_light(pictures: Sequence[NDArray[Any]], role: str) -> Floats:
    return shading.evenness(pictures, shading.LIGHT_SHARE if role == "light" else shading.STAIN_SHARE)


OPERATIONS: dict[str, Operation] = {
    made.name: made
    for made in (
        Operation(
            "median", "Median filter", "Takes single bright pixels away; 5 x 5 px, repeated until nothing changes.",
            ("stain",), lambda image, _: median_to_rest(image.astype(np.float32)),
        ),
        Operation(
            "dust", "Dust on the camera", "Subtracts discs that are at the same place in all pictures of a stain.",
            ("stain",), shading.subtracted, lambda pictures, role: shading.stain_dust(pictures), least=8,
        ),
        Operation(
            "half", "Half size", "Makes one pixel of 2 x 2: less noise, four times faster.", ("light", "stain"), halved,
        ),
        Operation(
            "even", "Even light", "Divides by the brightness that all pictures share, blurred.", ("light", "stain"),
            shading.divided, _even_light, least=4,
        ),
        Operation(
            "light_dust", "Dust in the light", "Divides by what all pictures of transmitted light share, sharp.",
            ("light",), shading.divided, lambda pictures, role: shading.light_dust(pictures), least=8,
        ),
    )
}  # fmt: skip
"""Every operation by its name, in order."""


@dataclass(frozen=True)
class Preparation:
    """The operations chosen for one channel, each with what was measured for it."""

    steps: tuple[tuple[Operation, Any], ...] = ()
    cues: tuple[Cue, ...] = ()

    def apply(self, image: NDArray[Any]) -> Floats:
        """Return one picture after all operations."""
        made = np.asarray(image, np.float32)
        for operation, found in self.steps:
            made = operation.apply(made, found)
        return made

    def shape(self, height: int, width: int) -> tuple[int, int]:
        """Return the size that a picture of this size has afterwards."""
        halvings = sum(operation.apply is halved for operation, _ in self.steps)
        return height >> halvings, width >> halvings


def measure(pictures: Sequence[NDArray[Any]], role: str, chosen: Collection[str], name: str = "") -> Preparation:
    """Measure what the chosen operations need, on some pictures of one channel.

    `role` is `light` or `stain`, `name` the channel's. Operations that need more pictures, or pictures of one size,
    are left out with a cue.
    """
    made = [np.asarray(picture, np.float32) for picture in pictures]
    steps: list[tuple[Operation, Any]] = []
    cues: list[Cue] = []
    for operation in OPERATIONS.values():
        if operation.name not in chosen or role not in operation.on or not made:
            continue
        found = None
        if operation.fit is not None:
            if len(made) < operation.least or len({picture.shape for picture in made}) > 1:
                cues.append(_left_out(operation, len(made), name))
                continue
            found = operation.fit(made, role)
        steps.append((operation, found))
        made = [operation.apply(picture, found) for picture in made]
    return Preparation(tuple(steps), tuple(cues))


def prepare(pictures: Sequence[NDArray[Any]], role: str, chosen: Collection[str], name: str = "") -> Prepared:
    """Return the pictures of one channel after the chosen operations (see `measure`).

    A preview is this with one operation more and one less.
    """
    how = measure(pictures, role, chosen, name)
    return Prepared([how.apply(picture) for picture in pictures], list(how.cues))


def _left_out(operation: Operation, count: int, name: str) -> Cue:
    return Cue(
        level="note", subject=operation.title, count=count,
        text=f"{operation.title} was left out for {name or 'a channel'}: it needs {operation.least} pictures of one "
        f"size, there are {count}.",
    )  # fmt: skip
