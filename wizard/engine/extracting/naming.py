"""Names, units and meanings of the columns of a table of features."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

FIXED = ("cell_id", "source", "object")
"""First columns of the table; behind them come the tags, `split`, and the features."""
MOST_PAIRED = 16
"""Channels up to which the correlation of every two of them is measured."""

SHAPE = {
    "area": ("px", "Pixels of the cell"),
    "area um2": ("µm²", "Area of the cell; only when the size of a pixel is known"),
    "perimeter": ("px", "Length of the cell's outline"),
    "eccentricity": ("", "0 for a circle, towards 1 for a line (of the ellipse with the same second moments)"),
    "solidity": ("", "Area as a share of the area of the convex hull: 1 without dents"),
    "major axis": ("px", "Length of the ellipse with the same second moments"),
    "minor axis": ("px", "Width of the ellipse with the same second moments"),
}
"""Features of the cell's outline: name → unit, meaning."""

CHANNEL = {
    "mean": ("grey levels", "Mean of the cell over the background"),
    "median": ("grey levels", "Median of the cell over the background"),
    "SD": ("grey levels", "Standard deviation within the cell"),
    "max": ("grey levels", "Brightest pixel of the cell over the background"),
    "sum": ("grey levels", "Sum of the cell's pixels over the background"),
    "background": ("grey levels", "Median of the pixels that are at least 2 px away from the cell"),
    "gradient": ("grey levels/px", "Root mean square of the slope of the intensity within the cell"),
    "focus": ("", "Variance of the Laplacian divided by the variance of the intensity: high when sharp (or noisy)"),
    "contrast": (
        "",
        "Texture: mean square difference of neighbouring pixels, in 16 levels between darkest and brightest",
    ),
    "homogeneity": ("", "Texture: 1 when neighbouring pixels are alike"),
    "energy": ("", "Texture: 1 when all pixels are alike, small when many pairs of levels occur"),
    "correlation": ("", "Texture: correlation of neighbouring pixels"),
    "centre": ("SD", "Innermost third (by distance to the outline): mean, minus the cell's mean, in SDs of the cell"),
    "middle": ("SD", "The same for the middle third"),
    "rim": ("SD", "The same for the outer third"),
}
"""Features of every channel: name behind that of the channel → unit, meaning."""

_PAIR = "Correlation of the two channels over the pixels of the cell"
_FEATURE = re.compile(r"f\d{4,}")


@dataclass(frozen=True)
class Feature:
    """A column with numbers: its name, where it comes from, its unit ("" = none) and meaning."""

    name: str
    kind: str
    """`network`, `classical` or `measured`."""
    unit: str = ""
    meaning: str = ""


@dataclass
class Columns:
    """The columns of a table of features, in their order; `renamed` maps a tag to its column where that differs."""

    tags: list[str]
    features: list[Feature]
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The columns that describe a cell."""
        return [*FIXED, *(self.renamed.get(tag, tag) for tag in self.tags), "split"]

    def of(self, kind: str) -> list[str]:
        """Return the names of the features of a kind."""
        return [feature.name for feature in self.features if feature.kind == kind]


def columns(
    tags: Sequence[str], number: int, classical: Sequence[Feature] = (), measured: Iterable[str] = ()
) -> Columns:
    """Name all columns so that no two are the same.

    The network's features are always f0000, f0001 …; a tag of such a name (or of one that every table has)
    gets `_2` behind it. Classical and measured features give way to tags in the same manner.
    """
    taken = {*FIXED, "split"}
    renamed = {}
    for tag in tags:
        name = _free(f"{tag}_2" if _FEATURE.fullmatch(tag) else tag, taken | set(tags) - {tag})
        taken.add(name)
        if name != tag:
            renamed[tag] = name
    made = [Feature(f"f{index:04d}", "network", "", f"Output {index} of the layer") for index in range(number)]
    for feature in (*classical, *(Feature(name, "measured", "", "Of the instrument's file") for name in measured)):
        wanted = f"{feature.name}_2" if _FEATURE.fullmatch(feature.name) else feature.name
        name = _free(wanted, taken)
        taken.add(name)
        made.append(Feature(name, feature.kind, feature.unit, feature.meaning))
    return Columns(list(tags), made, renamed)


def _free(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken or not found.strip():
        found = f"{name}_{number}"
        number += 1
    return found


def classical(channels: Sequence[str]) -> list[Feature]:
    """Return the classical features of cells with these channels, in the order in which they are measured."""
    names = channel_names(channels)
    found = [Feature(name, "classical", *about) for name, about in SHAPE.items()]
    for channel in names:
        found += [Feature(f"{channel} {name}", "classical", *about) for name, about in CHANNEL.items()]
    if len(names) <= MOST_PAIRED:
        found += [Feature(f"{one} {two} correlation", "classical", "", _PAIR) for one, two in combinations(names, 2)]
    return found


def channel_names(channels: Sequence[str]) -> list[str]:
    """Return one name for each channel, no two the same."""
    names: list[str] = []
    for name in channels:
        names.append(_free(name, set(names)))
    return names
