"""Grey levels of all pictures of a channel brought to one scale from 0 to 1; the constants live in the model.

| name | light | stain |
|---|---|---|
| published | mean 0.5, SD 0.125 | mean 0.25, SD 0.125 |
| percentile | 1st..99th percentile to 0.2..0.8 | 1st..99.8th to 0.1..0.9 |
| none | share of the greatest grey level | the same |

They are measured over the whole data set, never picture by picture, so that an empty field stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError

KINDS = ("published", "percentile", "none")
_GOALS = {"light": (0.5, 0.125), "stain": (0.25, 0.125)}
_SPANS = {"light": (1.0, 99.0, 0.2, 0.8), "stain": (1.0, 99.8, 0.1, 0.9)}
_SAMPLE = 200_000
"""Pixels of each picture that are looked at."""


@dataclass(frozen=True)
class Levels:
    """Grey levels become `grey * gain + shift`, from 0 to 1; `kind` says how the two were found."""

    kind: str
    gain: float
    shift: float

    def apply(self, image: NDArray[Any], clip: bool = True) -> NDArray[np.float32]:
        """Return a picture (shares of the greatest grey level) on the common scale."""
        made = image * np.float32(self.gain) + np.float32(self.shift)
        return np.clip(made, 0, 1).astype(np.float32) if clip else made.astype(np.float32)

    def undo(self, image: NDArray[Any]) -> NDArray[np.float32]:
        """Return the instrument's grey levels (shares of the greatest) for a picture on the common scale."""
        return ((image - self.shift) / self.gain).astype(np.float32)

    def clipped(self, image: NDArray[Any]) -> float:
        """Return the share of pixels that end at 0 or 1."""
        made = self.apply(image, clip=False)
        return float(np.mean((made < 0) | (made > 1)))

    def as_dict(self) -> dict[str, Any]:
        """Return what a model file stores."""
        return asdict(self)


def from_dict(found: Mapping[str, Any]) -> Levels:
    """Return the levels that a model file stores; raises ValueError for damaged ones."""
    kind, gain, shift = found.get("kind"), found.get("gain"), found.get("shift")
    if kind not in KINDS or not isinstance(gain, (int, float)) or not isinstance(shift, (int, float)):
        raise ValueError(f"levels {found!r:.80}")
    if not gain or not np.isfinite([gain, shift]).all():
        raise ValueError(f"levels {found!r:.80}")
    return Levels(str(kind), float(gain), float(shift))


def fit(pictures: Iterable[NDArray[Any]], role: str, kind: str = "published", name: str = "") -> Levels:
    """Measure the pictures of a channel (shares of the greatest grey level); `role` is `light` or `stain`.

    Raises UserError when all pixels are alike; `name` is what the message calls them.
    """
    if kind == "none":
        return Levels(kind, 1.0, 0.0)
    pixels = np.concatenate([_some(picture) for picture in pictures])
    if kind == "percentile":
        low, high, bottom, top = _SPANS[role]
        first, last = (float(value) for value in np.percentile(pixels, (low, high)))
        _check(last - first, name)
        gain = (top - bottom) / (last - first)
        return Levels(kind, gain, bottom - gain * first)
    mean, sd = _GOALS[role]
    spread = float(pixels.std())
    _check(spread, name)
    return Levels(kind, sd / spread, mean - sd / spread * float(pixels.mean()))


def _some(picture: NDArray[Any]) -> NDArray[np.float64]:
    flat = picture.reshape(-1)
    # A stride that is no divisor of common widths meets all columns.
    step = max(1, flat.size // _SAMPLE)
    return flat[:: step | 1].astype(np.float64)


def _check(spread: float, name: str) -> None:
    if not spread > 1e-9:
        raise UserError(
            f"All pixels of {name or 'the pictures'} have the same grey level.",
            "Nothing can be learnt from them.",
            "Check whether the right files were chosen.",
        )
