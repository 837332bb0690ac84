"""What an OME-Zarr folder (NGFF 0.1 to 0.5) or a bare Zarr array says of itself: images, axes, channels, labels.

Source: ngff.openmicroscopy.org, versions 0.4 and 0.5; the layout of several images is that of bioformats2raw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.array_axes import axes_of
from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.zarr_array import Cache, ZarrArray, open_array
from wizard.engine.readers.zarr_folder import Folder
from wizard.results import Channel

MOST_CHANNELS, _MOST_FIELDS = 256, 200_000
_MICROMETRES = {
    "angstrom": 1e-4, "picometer": 1e-6, "nanometer": 1e-3, "micrometer": 1.0, "millimeter": 1e3,
    "centimeter": 1e4, "meter": 1e6, "µm": 1.0, "um": 1.0, "nm": 1e-3, "mm": 1e3,
}  # fmt: skip
_LONG_NAMES = {"cell": "n", "cells": "n", "time": "t", "channel": "c", "channels": "c", "height": "y", "width": "x"}


@dataclass(frozen=True, slots=True)
class Picture:
    """An array whose axes are known: `axes` has one letter of `n t z c y x` for each of them."""

    array: ZarrArray
    axes: str

    def length(self, axis: str) -> int:
        """Return the length of an axis, 1 for one that is not there."""
        return self.array.shape[self.axes.index(axis)] if axis in self.axes else 1

    def plane(self, place: dict[str, int], cache: Cache) -> tuple[NDArray[Any], bool]:
        """Return the (y, x) plane at the given positions along the other axes, and whether it is stored."""
        start = [0 if axis in "yx" else place.get(axis, 0) for axis in self.axes]
        stop = [side if axis in "yx" else first + 1
                for axis, side, first in zip(self.axes, self.array.shape, start, strict=True)]  # fmt: skip
        pixels, stored = self.array.read(start, stop, cache)
        flat = pixels.reshape([side for axis, side in zip(self.axes, pixels.shape, strict=True) if axis in "yx"])
        return (flat if self.axes.index("y") < self.axes.index("x") else flat.T), stored


def fields_of(folder: Folder) -> Iterator[tuple[str, str] | None]:
    """Yield (path below the folder, what is wrong with it or "") for every image of a plate or a set of images.

    Yields None once when the folder is a single image or array.
    """
    found = folder.attributes()
    if folder.is_array() or "multiscales" in found:
        yield None
    elif isinstance(found.get("plate"), dict):
        yield from _of_plate(folder, found["plate"])
    elif found.get("bioformats2raw.layout") == 3:
        yield from _of_series(folder)
    else:
        yield None


def _of_plate(folder: Folder, plate: dict[str, Any]) -> Iterator[tuple[str, str]]:
    count = 0
    for well in _objects(plate.get("wells"), "wells"):
        try:
            place = folder.into(well.get("path"))
            if not place.exists():
                raise Unreadable("The well is missing.")
            images = _objects((place.attributes().get("well") or {}).get("images"), "images of a well")
            paths = [(place.into(image.get("path")), f"{well['path']}/{image['path']}") for image in images]
        except (Unreadable, AttributeError) as error:
            yield str(well.get("path"))[:100], str(error)
            continue
        for _, path in paths:
            count += 1
            if count > _MOST_FIELDS:
                raise Unreadable("The plate names too many images.")
            yield path.rstrip("/"), ""


def _of_series(folder: Folder) -> Iterator[tuple[str, str]]:
    series = folder.into("OME").attributes().get("series") if folder.into("OME").exists() else None
    if not isinstance(series, list):
        series = []
        while len(series) < _MOST_FIELDS and folder.into(str(len(series))).exists():
            series.append(str(len(series)))
    for path in series[:_MOST_FIELDS]:
        try:
            folder.into(path)
            yield path.rstrip("/"), ""
        except Unreadable as error:
            yield str(path)[:100], str(error)


def _objects(found: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Unreadable(f"The list of {what} is missing or damaged.")
    return found


def multiscale(folder: Folder) -> dict[str, Any]:
    """Return the first multiscale image that a group describes; raises Unreadable when there is none."""
    found = folder.attributes().get("multiscales")
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        raise Unreadable("The Zarr folder describes no image (it is no array and names no multiscales).")
    return found[0]


def picture_of(folder: Folder, about: dict[str, Any]) -> Picture:
    """Open the largest level of a multiscale image; raises Unreadable when it does not fit its description."""
    levels = _objects(about.get("datasets"), "resolution levels")
    if not levels:
        raise Unreadable("The image names no resolution level.")
    array = open_array(folder.into(levels[0].get("path")))
    found = about.get("axes")
    if found is None and len(array.shape) == 5:
        found = list("tczyx")
    if not isinstance(found, list):
        raise Unreadable("The image names no axes.")
    axes = "".join(_letter(axis.get("name") if isinstance(axis, dict) else axis) for axis in found)
    if len(axes) != len(array.shape) or not _sound(axes):
        raise Unreadable(f"The image's axes {axes!r} are unknown or do not fit its {len(array.shape)} dimensions.")
    return Picture(array, axes)


def _letter(name: Any) -> str:
    text = str(name).casefold()
    short = _LONG_NAMES.get(text, text)
    return short if len(short) == 1 else "?"


def _sound(axes: str) -> bool:
    return len(set(axes)) == len(axes) and {"y", "x"} <= set(axes) <= set("ntzcyx")


def bare_picture(array: ZarrArray, pages: str) -> tuple[Picture, bool]:
    """Tell the axes of an array by their names, else by their lengths; and whether it was the latter.

    The lengths are understood as those of NumPy arrays are. Raises Unreadable for other arrays.
    """
    named = "".join(_letter(name) for name in array.names)
    if len(named) == len(array.shape) and _sound(named):
        return Picture(array, named), False
    found = axes_of(array.shape, pages)
    rest = iter("yx")
    letters = {found.cells: "n", found.channel: "c"}
    return Picture(array, "".join(letters.get(axis) or next(rest) for axis in range(len(array.shape)))), True


def channels_of(folder: Folder, count: int) -> tuple[tuple[Channel, ...], bool]:
    """Return the channels with the labels and colours of `omero`, and False where those do not fit."""
    omero = folder.attributes().get("omero")
    told = omero.get("channels") if isinstance(omero, dict) else None
    fits = told is None or (isinstance(told, list) and len(told) == count)
    made = []
    for number in range(1, count + 1):
        about = told[number - 1] if isinstance(told, list) and fits else None
        about = about if isinstance(about, dict) else {}
        label = " ".join(str(about.get("label") or "").split())[:60]
        colour = str(about.get("color") or "").removeprefix("#")
        made.append(
            Channel(name=f"Ch{number}", number=number, label="".join(sign for sign in label if sign.isprintable()),
                    colour=f"#{colour.lower()}" if re.fullmatch("[0-9A-Fa-f]{6}", colour) else "")
        )  # fmt: skip
    return tuple(made), fits


def pixel_size(about: dict[str, Any], axes: str) -> float:
    """Return the width of a pixel of the largest level in µm, 0 when it is unknown or differs from its height."""
    try:
        units = [_MICROMETRES.get(str(axis.get("unit", "")).casefold(), 0.0) for axis in about["axes"]]
        sizes = np.asarray(units)
        for steps in (about["datasets"][0].get("coordinateTransformations"), about.get("coordinateTransformations")):
            for step in steps or []:
                if step["type"] == "scale":
                    sizes = sizes * np.asarray(step["scale"], float)
        height, width = float(sizes[axes.index("y")]), float(sizes[axes.index("x")])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        return 0.0
    alike = 0 < width < 1e6 and abs(height - width) <= 0.01 * width
    return width if alike else 0.0


def labels_of(folder: Folder, image: Picture) -> tuple[Picture | None, list[str], str]:
    """Return the first label image that fits the image, the names of all of them, and why none fits ("" = fits)."""
    place = folder.into("labels")
    if not place.exists():
        return None, [], ""
    names = place.attributes().get("labels")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None, [], "The list of label images is missing or damaged." if names is not None else ""
    why = ""
    for name in names[:50]:
        try:
            found = picture_of(place.into(name), multiscale(place.into(name)))
            found.array.check_pieces(image.length("y") * image.length("x"))
            if found.array.dtype.kind not in "ui":
                raise Unreadable("Its pixels are no whole numbers.")
            differ = [axis for axis in "tzyx" if found.length(axis) != image.length(axis)]
            if differ or found.length("c") not in (1, image.length("c")):
                raise Unreadable("Its size differs from the image's.")
        except Unreadable as error:
            why = why or f"{name[:60]}: {error}"
            continue
        return found, names, ""
    return None, names, why
