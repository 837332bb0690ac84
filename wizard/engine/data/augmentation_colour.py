"""Saturation and hue of colour pictures, as a linear change of red, green and blue that cannot wrap around."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wizard.results import Channel

_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
"""Brightness and two colour differences of NTSC; grey has no difference, so turning them turns the hue alone."""


def colour_places(channels: Sequence[Channel]) -> tuple[int, int, int] | None:
    """Return where the channels Red, Green and Blue stand, None when the cells have no colour."""
    names = [channel.name.casefold() for channel in channels]
    if not all(names.count(name) == 1 for name in ("red", "green", "blue")):
        return None
    return names.index("red"), names.index("green"), names.index("blue")


def matrices(
    saturation: NDArray[np.float64], turn: NDArray[np.float64], black: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return (n, 3, 4) matrices for `augmentation_fast.recolour`; the last column is added.

    `saturation` (n) are factors, `turn` (n) angles of the colour circle in radians: 0 and any whole turn change
    nothing. `black` (3) is grey level 0 in network input and `step` (3) how much one grey level is there: so the
    change is the same as if it were made before the normalisation.
    """
    number = len(turn)
    mixed = np.zeros((number, 3, 3))
    mixed[:, 0, 0] = 1.0
    cos, sin = np.cos(turn) * saturation, np.sin(turn) * saturation
    mixed[:, 1, 1], mixed[:, 1, 2], mixed[:, 2, 1], mixed[:, 2, 2] = cos, -sin, sin, cos
    change = np.linalg.inv(_TO_YIQ) @ mixed @ _TO_YIQ
    change = change * step[:, None] / step[None, :]
    return np.concatenate([change, (black - change @ black)[..., None]], axis=2).astype(np.float32)
