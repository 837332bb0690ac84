"""Grey levels to network input; the constants come from the training cells and live in the model.

Every normalisation is x' = (x - offset) / scale with one offset and scale per channel, or per cell and channel
where a cell is measured by itself; so it can be undone (`undo`), and a grey level has a place in network input.

| name | x' | from |
|---|---|---|
| mean_sd | (x - mean) / SD of the channel over the training cells | default |
| percentile | 1st..99th percentile of the channel to -1..1, clipped | |
| per_cell | darkest..brightest pixel of the cell's channel to -1..1 | |
| deepometry | (s - mean + 255) / 510, s = the same stretch to 0..255, mean of s over the training cells | Deepometry |
| none | x | AIDeveloper, "None" |
| by_255 | x / 255 | AIDeveloper, "Div. by 255" |
| image_sd | (x - mean) / SD over all pixels and channels of the cell | AIDeveloper |
| all_sd | (x - mean) / SD over all pixels and channels of the training cells | AIDeveloper |

AIDeveloper's last one averages the means and SDs of its files, so that a file of ten cells counts as much as one
of ten thousand; here all cells count alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data import normalisation_fast as fast

Constants = dict[str, Any]
Floats = NDArray[np.float32]
Affine = tuple[NDArray[Any], NDArray[Any]]
"""Offset and scale, each (cell, channel) or (1, channel)."""

_CELLS = 4000
"""Cells from which the constants are taken: enough for four digits, little memory."""
_FEW = 256
"""Cells from which `Greys` are taken: they need two digits only."""
_LEAST, _LEAST_IMAGE = 1e-6, 1e-4
"""Smallest SD; AIDeveloper's is the second."""
_MOST = float(np.finfo(np.float32).max)
"""Larger numbers are none in network input."""
_TINY = 1e-30
_GREYS = ("mean", "sd", "black", "step")


@dataclass(frozen=True)
class Kind:
    """From images (cell, channel, y, x): `fit` gives the constants of training cells, `affine` offset and scale."""

    fit: Callable[[NDArray[Any]], Constants]
    affine: Callable[[NDArray[Any], Constants], Affine]
    clip: bool = False
    """True when the network input ends at -1 and 1."""
    per_channel: tuple[str, ...] = ()
    """Names of the constants: one number for each channel."""


NORMALISATIONS: dict[str, Kind] = {}
"""Every normalisation by its name."""


@dataclass(frozen=True)
class Greys:
    """Where grey levels lie in network input, by channel.

    `mean` and `sd` of the training cells, `black` is where grey level 0 lies, `step` how much one grey level is.
    Where each cell is measured by itself, the last two are those of the middle cell.
    """

    mean: tuple[float, ...]
    sd: tuple[float, ...]
    black: tuple[float, ...]
    step: tuple[float, ...]


def fit(kind: str, images: NDArray[Any]) -> Constants:
    """Return {"kind", constants..., "greys"} for training images (cell, channel, y, x)."""
    sample = images[:: max(1, len(images) // _CELLS)]
    constants = {"kind": kind, **NORMALISATIONS[kind].fit(sample)}
    return constants | {"greys": _greys(sample[:: max(1, len(sample) // _FEW)], constants)}


def apply(images: NDArray[Any], constants: Constants) -> Floats:
    """Return network input (cell, y, x, channel), float32, from images (cell, channel, y, x)."""
    images = fast.plain(images)
    kind = NORMALISATIONS[constants["kind"]]
    offset, scale = _affine(kind, images, constants)
    made = np.empty((len(images), *images.shape[2:], images.shape[1]), np.float32)
    fast.scale_into(images, offset, scale, kind.clip, made)
    return made


def undo(made: Floats, constants: Constants, originals: NDArray[Any]) -> Floats:
    """Return grey levels (cell, channel, y, x) from network input (cell, y, x, channel).

    `originals` (cell, channel, y, x) are the images before `apply`: where each cell was measured by itself, its own
    figures are used. What `percentile` clipped stays clipped.
    """
    offset, scale = _affine(NORMALISATIONS[constants["kind"]], fast.plain(originals), constants)
    return np.moveaxis(made * scale[:, None, None] + offset[:, None, None], -1, 1)


def greys(constants: Constants, channels: int) -> Greys:
    """Return where grey levels lie in network input; constants that do not tell get mean 0, SD 1, black 0, step 1."""
    known = constants.get("greys") or {
        name: [value] * channels for name, value in zip(_GREYS, (0.0, 1.0, 0.0, 1.0), strict=True)
    }
    return Greys(**{name: tuple(known[name]) for name in _GREYS})


def check(constants: object, channels: int) -> None:
    """Refuse constants that are unknown, damaged, or not for that number of channels; raises ValueError.

    `wizard.engine.model` calls this for a file from elsewhere and names the file in its UserError.
    """
    name = constants.get("kind") if isinstance(constants, dict) else None
    if not isinstance(constants, dict) or not isinstance(name, str) or name not in NORMALISATIONS:
        raise ValueError(f"its normalisation {str(name)[:40]!r} is unknown")
    for name in NORMALISATIONS[constants["kind"]].per_channel:
        _check_numbers(constants.get(name), channels, positive=name == "scale")
    if "greys" in constants:
        parts = constants["greys"]
        if not isinstance(parts, dict) or set(parts) != set(_GREYS):
            raise ValueError("the grey levels of its normalisation are damaged")
        for name, values in parts.items():
            _check_numbers(values, channels, positive=name in ("sd", "step"))


def _check_numbers(values: object, channels: int, positive: bool) -> None:
    if not isinstance(values, list) or len(values) != channels:
        raise ValueError(f"its normalisation does not have one number for each of its {channels} channels")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= _MOST:
            raise ValueError("its normalisation holds values that are not numbers")
        if positive and value < _TINY:
            raise ValueError("its normalisation divides by zero or less")


def _affine(kind: Kind, images: NDArray[Any], constants: Constants) -> tuple[Floats, Floats]:
    offset, scale = (np.atleast_2d(np.asarray(part, np.float32)) for part in kind.affine(images, constants))
    every = (max(len(offset), len(scale)), images.shape[1])
    return np.array(np.broadcast_to(offset, every)), np.array(np.broadcast_to(scale, every))


def _greys(images: NDArray[Any], constants: Constants) -> dict[str, list[float]]:
    made = apply(images, constants)
    parts = NORMALISATIONS[constants["kind"]].affine(fast.plain(images), constants)
    offset, scale = (np.broadcast_to(np.asarray(part, np.float64), images.shape[:2]) for part in parts)
    return {
        "mean": made.mean(axis=(0, 1, 2), dtype=np.float64).tolist(),
        "sd": np.maximum(made.std(axis=(0, 1, 2), dtype=np.float64), _LEAST).tolist(),
        "black": np.median(-offset / scale, axis=0).tolist(),
        "step": np.median(1 / scale, axis=0).tolist(),
    }


# Fitted constants.


def _mean_sd(images: NDArray[Any]) -> Constants:
    means = images.mean(axis=(0, 2, 3), dtype=np.float64)
    deviations = images.std(axis=(0, 2, 3), dtype=np.float64)
    return {"offset": means.tolist(), "scale": np.maximum(deviations, _LEAST).tolist()}


def _all_sd(images: NDArray[Any]) -> Constants:
    mean, deviation = float(images.mean(dtype=np.float64)), float(images.std(dtype=np.float64))
    channels = images.shape[1]
    return {"offset": [mean] * channels, "scale": [max(deviation, _LEAST_IMAGE)] * channels}


def _percentile(images: NDArray[Any]) -> Constants:
    ends = np.array([np.percentile(images[:, channel], (1, 99)) for channel in range(images.shape[1])])
    return {"offset": ends[:, 0].tolist(), "scale": np.maximum(ends[:, 1] - ends[:, 0], _LEAST).tolist()}


def _stretched_mean(images: NDArray[Any]) -> Constants:
    low, span = _ends(fast.plain(images))
    means = images.mean(axis=(2, 3), dtype=np.float64)
    return {"offset": ((means - low) / span * 255).mean(axis=0).tolist()}


# Offset and scale.


def _as_fitted(images: NDArray[Any], constants: Constants) -> Affine:
    return np.asarray(constants["offset"]), np.asarray(constants["scale"])


def _to_both_sides(images: NDArray[Any], constants: Constants) -> Affine:
    low, half = np.asarray(constants["offset"]), np.asarray(constants["scale"]) / 2
    return low + half, half


def _measured(images: NDArray[Any]) -> NDArray[np.float64]:
    found = np.empty((*images.shape[:2], 4))
    fast.measure(images, found)
    return found


def _ends(images: NDArray[Any]) -> Affine:
    """Return the least value and the span of each cell and channel; a flat one gets the span 1."""
    found = _measured(images)
    span = found[..., 1] - found[..., 0]
    return found[..., 0], np.where(span > 0, span, 1.0)


def _stretch(images: NDArray[Any], constants: Constants) -> Affine:
    low, span = _ends(images)
    return low + span / 2, span / 2


def _deepometry(images: NDArray[Any], constants: Constants) -> Affine:
    # (255 (x - low) / span - mean + 255) / 510, solved for offset and scale.
    low, span = _ends(images)
    return low + (np.asarray(constants["offset"]) / 255 - 1) * span, 2 * span


def _image_sd(images: NDArray[Any], constants: Constants) -> Affine:
    found = _measured(images)
    mean = found[..., 2].mean(axis=1, keepdims=True)
    variance = (found[..., 3] + (found[..., 2] - mean) ** 2).mean(axis=1, keepdims=True)
    return mean, np.maximum(np.sqrt(variance), _LEAST_IMAGE)


def _fixed(divisor: float) -> Kind:
    return Kind(lambda images: {}, lambda images, constants: (np.zeros(1), np.full(1, divisor)))


NORMALISATIONS["mean_sd"] = Kind(_mean_sd, _as_fitted, per_channel=("offset", "scale"))
NORMALISATIONS["percentile"] = Kind(_percentile, _to_both_sides, clip=True, per_channel=("offset", "scale"))
NORMALISATIONS["per_cell"] = Kind(lambda images: {}, _stretch)
NORMALISATIONS["deepometry"] = Kind(_stretched_mean, _deepometry, per_channel=("offset",))
NORMALISATIONS["none"] = _fixed(1.0)
NORMALISATIONS["by_255"] = _fixed(255.0)
NORMALISATIONS["image_sd"] = Kind(lambda images: {}, _image_sd)
NORMALISATIONS["all_sd"] = Kind(_all_sd, _as_fitted, per_channel=("offset", "scale"))
