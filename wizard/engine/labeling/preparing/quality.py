"""Quality control: pictures that are constant, saturated, blurred, shifted or unlike the others, by file name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from wizard.engine.labeling.fields import Field, Plane
from wizard.engine.labeling.preparing.stitching import correlation
from wizard.results import Cue

_SATURATED = 0.01
_FEW_FIELDS, _SPREADS = 5, 5.0
_WORDS = {
    "mean": ("darker", "brighter"),
    "sd": ("flatter", "richer in contrast"),
    "sharpness": ("more blurred", "grainier"),
}
_LOOKED = 1536
_SEARCH, _SHIFTED, _ALIKE = 24, 8, 0.3
"""Px; in the published sample, which is registered, nuclei lie 4 px from where the light varies most."""


@dataclass(frozen=True)
class Figures:
    """What a picture (shares of the greatest grey level) looks like.

    `sharpness` is the spread of fine detail over that of the whole picture; `full` the share of pixels at its own
    greatest level, 0 when that is a single level of many.
    """

    mean: float
    sd: float
    sharpness: float
    full: float


def figures(image: NDArray[Any]) -> Figures:
    """Measure a picture (y, x)."""
    image = image.astype(np.float32)
    sd = float(image.std())
    if sd < 1e-9:
        return Figures(float(image.mean()), 0.0, 0.0, 0.0)
    fine = image - ndimage.uniform_filter(image, 3)
    return Figures(float(image.mean()), sd, float(fine.std()) / sd, float(np.mean(image >= image.max())))


def cues(
    field: Field, light: Sequence[NDArray[Any]] | NDArray[Any], stains: Mapping[str, NDArray[Any]]
) -> Iterator[Cue]:
    """Yield what is amiss with the pixels of a field: `light` (plane, y, x) and stains (y, x)."""
    for plane, image in zip(field.inputs, light, strict=True):
        if _constant(image):
            yield _cue("problem", "Constant picture", plane, "All its pixels have the same grey level.")
    for label, image in stains.items():
        plane = field.targets[label][0]
        if _constant(image):
            yield _cue(
                "problem", "Constant picture", plane, "All its pixels have the same grey level; it is not learnt."
            )
            continue
        full = figures(image).full
        if full > _SATURATED:
            yield _cue("warning", "Saturated stain", plane,
                       f"{100 * full:.1f} % of its pixels have the greatest grey level; their differences are lost.",
                       "Expose shorter, or leave this picture out.")  # fmt: skip
        away, score = shift_between(light, image)
        if score > _ALIKE and max(map(abs, away)) >= _SHIFTED:
            yield _cue("warning", "Shifted pictures", plane,
                       f"It seems to lie {away[0]} px lower and {away[1]} px further right than the transmitted light.",
                       "Register the channels to each other.")  # fmt: skip


def _constant(image: NDArray[Any]) -> bool:
    return bool(image.min() == image.max())


def shift_between(light: Sequence[NDArray[Any]] | NDArray[Any], stain: NDArray[Any]) -> tuple[tuple[int, int], float]:
    """Return how far (y, x in px) a stain lies from where the transmitted light varies, and how alike the two are.

    Cells make the light vary, so the local spread of the centre plane is a crude stain. Only shifts up to 24 px are
    looked for, in the middle of large pictures; a score under 0.3 says nothing.
    """
    part = tuple(slice(max(0, (side - _LOOKED) // 2), max(0, (side - _LOOKED) // 2) + _LOOKED) for side in stain.shape)
    centre, stain = light[(len(light) - 1) // 2][part].astype(np.float32), stain[part]
    squares = ndimage.gaussian_filter(centre**2, 4.0) - ndimage.gaussian_filter(centre, 4.0) ** 2
    spread = np.sqrt(np.maximum(squares, 0))
    away, score = correlation(ndimage.gaussian_filter(stain.astype(np.float32), 2.0), spread, _SEARCH)
    return away, score


def odd_ones(measured: Sequence[Figures]) -> list[tuple[int, str]]:
    """Return the pictures of a channel that are unlike the others, with the reason; needs five pictures or more."""
    found: dict[int, str] = {}
    if len(measured) < _FEW_FIELDS:
        return []
    for name, (less, more) in _WORDS.items():
        values = np.array([getattr(item, name) for item in measured])
        middle = float(np.median(values))
        spread = max(1.4826 * float(np.median(np.abs(values - middle))), 0.02 * abs(middle), 1e-9)
        for at in np.flatnonzero(np.abs(values - middle) > _SPREADS * spread):
            found.setdefault(int(at), less if values[at] < middle else more)
    return sorted(found.items())


@dataclass(frozen=True)
class Ranges:
    """What the pictures of transmitted light looked like in training: least and greatest of each figure."""

    low: Figures
    high: Figures

    @classmethod
    def of(cls, measured: Sequence[Figures]) -> Ranges:
        """Return the ranges, widened by half because a few fields do not show all."""
        ends = []
        for name in ("mean", "sd", "sharpness", "full"):
            values = [getattr(item, name) for item in measured]
            room = 0.5 * (max(values) - min(values)) + 0.25 * abs(float(np.median(values)))
            ends.append((min(values) - room, max(values) + room))
        return cls(Figures(*(low for low, _ in ends)), Figures(*(high for _, high in ends)))

    def outside(self, found: Figures) -> list[str]:
        """Return in words what is unlike the training pictures, [] when nothing is."""
        said = []
        for name, (less, more) in _WORDS.items():
            value = getattr(found, name)
            if value < getattr(self.low, name):
                said.append(less)
            elif value > getattr(self.high, name):
                said.append(more)
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return what a model file stores."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Ranges:
        """Return the ranges that a model file stores."""
        return cls(Figures(**found["low"]), Figures(**found["high"]))


def _cue(level: str, subject: str, plane: Plane, text: str, action: str = "") -> Cue:
    return Cue.model_validate(
        {"level": level, "subject": subject, "text": f"{plane.file}: {text}", "action": action, "files": [plane.file],
         "count": 1}
    )  # fmt: skip
