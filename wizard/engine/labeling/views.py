"""Fields of view in memory, ready to be learnt from, and the parts of them that are held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wizard.engine.labeling.fields import Field, chosen_planes, pixels, share, stack
from wizard.engine.labeling.preparing.levels import Levels
from wizard.engine.labeling.preparing.operations import projected

Halves = NDArray[np.float16]
_FEW = 5


class Pixels(Protocol):
    """Pixels that are read where they are asked for, from memory or from the disk."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The size along each axis."""
        ...

    def __getitem__(self, where: Any, /) -> NDArray[Any]: ...


@dataclass
class View:
    """A field of view on the common scale from 0 to 1.

    `light` is (y, x, plane), `stains` and `known` (y, x, label); `known` is 0 where a stain was not taken or is masked.
    `load` keeps them in 16 bits: half the memory of the original's 32.
    """

    name: str
    light: Pixels
    stains: Pixels
    known: Pixels

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in px."""
        return self.light.shape[0], self.light.shape[1]


@dataclass(frozen=True)
class Region:
    """A part of a view: rows `top` to before `bottom`, columns `left` to before `right`."""

    view: int
    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        """Number of pixels."""
        return (self.bottom - self.top) * (self.right - self.left)


def load(field: Field, labels: Sequence[str], planes: int, levels: Mapping[str, Levels]) -> View:
    """Read a field of view; `levels` holds one entry for each label and one called `light`.

    Stains in several planes are projected; a constant stain counts as not taken.
    """
    order = chosen_planes(len(field.inputs), planes)
    height, width = field.shape
    light = np.empty((height, width, planes), np.float16)
    for at, number in enumerate(order):
        light[..., at] = levels["light"].apply(share(pixels(field.inputs[number])))
    stains = np.zeros((height, width, len(labels)), np.float16)
    known = np.zeros((height, width, len(labels)), np.bool_)
    for at, label in enumerate(labels):
        if label not in field.targets:
            continue
        taken = field.targets[label]
        image = share(pixels(taken[0])) if len(taken) == 1 else projected(share(stack(taken)))
        if image.min() == image.max():
            continue
        stains[..., at] = levels[label].apply(image)
        known[..., at] = pixels(field.masks[label]) != 0 if label in field.masks else True
    return View(field.name, light, stains, known)


def divide(
    shapes: Sequence[tuple[int, int]], held: float, gap: int, seed: int = 0, groups: Sequence[str] = ()
) -> tuple[list[Region], list[Region]]:
    """Divide fields of view into those to train on and those held out (about `held` of all pixels).

    With `groups` (one name per field, e.g. the well) whole groups are held out. One field alone (or one group) is cut
    into two strips, the last columns held out, with a gap of `gap` px so that no pixel has seen the other side.
    """
    names = list(groups) or [str(number) for number in range(len(shapes))]
    different = sorted(set(names))
    if len(different) > 1:
        order = np.random.default_rng(seed).permutation(len(different))
        out = {different[at] for at in order[: max(1, round(held * len(different)))]}
        parts = [(name in out, Region(at, 0, 0, *shapes[at])) for at, name in enumerate(names)]
        return [part for away, part in parts if not away], [part for away, part in parts if away]
    train, test = [], []
    for at, (height, width) in enumerate(shapes):
        border = round(width * (1 - held))
        train.append(Region(at, 0, 0, height, max(1, border - gap)))
        test.append(Region(at, 0, border, height, width))
    return train, test


class _Both:
    """The channels of two pictures behind each other, the second in the type of the first."""

    def __init__(self, first: Pixels, second: Pixels) -> None:
        self.first, self.second = first, second

    @property
    def shape(self) -> tuple[int, ...]:
        return (*self.first.shape[:2], self.first.shape[2] + self.second.shape[2])

    def __getitem__(self, where: Any) -> NDArray[Any]:
        if isinstance(where, tuple) and (len(where) == 3 or where[0] is Ellipsis):
            *place, channel = where
            before = self.first.shape[2]
            if channel < before:
                return self.first[where]
            return self.second[(*place, channel - before)].astype(self.first[:1, :1].dtype)
        one, two = self.first[where], self.second[where]
        return np.concatenate([one, two.astype(one.dtype)], axis=-1)


def with_planes(view: View) -> View:
    """Return a view whose planes are stains as well, known everywhere: for autoencoding."""
    known = np.broadcast_to(np.True_, view.light.shape)
    return View(view.name, view.light, _Both(view.stains, view.light), _Both(view.known, known))


def check_part(regions: Sequence[Region], held: float, gap: int, least: int = 1) -> tuple[list[Region], list[Region]]:
    """Divide regions for training into those to learn from and those on which the best weights are chosen.

    Five regions or more give whole ones away; fewer lose their last rows, `gap` px apart, at least `least` px.
    """
    if len(regions) >= _FEW:
        step = max(2, round(1 / held))
        chosen = set(range(step - 1, len(regions), step)) or {len(regions) - 1}
        return ([region for at, region in enumerate(regions) if at not in chosen],
                [region for at, region in enumerate(regions) if at in chosen])  # fmt: skip
    learnt, checked = [], []
    for region in regions:
        border = region.bottom - max(least, round((region.bottom - region.top) * held))
        learnt.append(replace(region, bottom=max(region.top + 1, border - gap)))
        checked.append(replace(region, top=border))
    return learnt, checked
