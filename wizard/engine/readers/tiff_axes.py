"""What the images of a TIFF file are, where the file says it: OME-XML, ImageJ's and tifffile's descriptions.

OME-TIFF: OME data model 2016-06, Pixels, Channel and TiffData. ImageJ: lines `name=value`, images in the order
channels, slices, frames. tifffile: JSON with the shape of the array and perhaps its axes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # noqa: S405 the types; parsing is defusedxml's

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable

_MOST_TEXT = 16 * 2**20
_MOST_PLANES = 2_000_000
MOST_CHANNELS = 16
"""Up to so many pages are channels where nothing else is said."""

_MICROMETRES = {"µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "\\u00b5m": 1.0, "nm": 1e-3,
                "mm": 1e3, "cm": 1e4, "m": 1e6, "inch": 25400.0, "pm": 1e-6, "Å": 1e-4}  # fmt: skip


@dataclass(slots=True)
class Axes:
    """`grid` (cells, channels) says which page is which, -1 = not there; None = the file does not say it.

    `rows` is not 0 where each image lies across so many pages, its channels last. `expected` is the number
    of pages that the file speaks of.
    """

    grid: NDArray[np.int64] | None = None
    labels: list[str] = field(default_factory=list)
    rows: int = 0
    expected: int = 0
    pixel_size: float = 0.0
    per_pixel: float = 0.0
    """µm of the unit of the file's resolution, 0 = unknown."""
    facts: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    counts_copies: bool = False
    """Whether pages of the grid are counted with the reduced copies between them."""


def arrange(sizes: Sequence[int], letters: str, pages: str) -> NDArray[np.int64]:
    """Return the grid of pages that lie in the order of axes `sizes`, the last one fastest.

    `letters` are the axes' names: C and S are channels, the others cells, unless `pages` says `channels`.
    """
    order = np.arange(math.prod(sizes)).reshape(sizes)
    channels = [axis for axis, letter in enumerate(letters) if letter in "CS" or pages == "channels"]
    others = [axis for axis in range(len(sizes)) if axis not in channels]
    width = math.prod(sizes[axis] for axis in channels)
    return order.transpose(others + channels).reshape(-1, width)


def axes_of(text: str, name: str, page: Sequence[int], number: int, pages: str) -> Axes:
    """Return what the description of a file's first page says of the others.

    `name` is the file's, `page` (height, width, samples, planar) the first page's, `number` that of the
    pages, `pages` the setting. Raises Unreadable for XML that defines entities.
    """
    if "<OME" in text[:4096]:
        return _ome(text, name, number, pages)
    if text.startswith("ImageJ="):
        return _imagej(text, number, pages)
    if text.startswith("{") and '"shape"' in text and len(text) < 65536:
        return _shaped(text, page, number, pages)
    return Axes()


def _imagej(text: str, number: int, pages: str) -> Axes:
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    try:
        images, channels, slices, frames = (
            int(values.get(key, "1")) for key in ("images", "channels", "slices", "frames")
        )
    except ValueError:
        return Axes(remarks=["ImageJ's description of the pages is damaged and was not used."])
    axes = Axes(per_pixel=_MICROMETRES.get(values.get("unit", "").strip(), 0.0))
    if not 1 < images <= _MOST_PLANES:
        return axes
    axes.expected = images
    # A stack that is no hyperstack always says "slices", whatever its images are.
    told = values.get("hyperstack") == "true" or channels > 1 or frames > 1
    if told and min(channels, slices, frames) > 0 and channels * slices * frames == images:
        axes.grid = arrange((frames, slices, channels), "TZC", pages)
    return axes


def _shaped(text: str, page: Sequence[int], number: int, pages: str) -> Axes:
    try:
        found = json.loads(text)
        shape = [int(side) for side in found["shape"]]
        letters = str(found.get("axes", "")).upper()
    except (ValueError, TypeError, KeyError, RecursionError):
        return Axes()
    height, width, samples, planar = page
    own = [height, width] if samples == 1 else [samples, height, width] if planar else [height, width, samples]
    if samples == 1 and shape[-3:] == [height, width, 1]:
        own = shape[-3:]
    if len(shape) <= len(own) or shape[-len(own) :] != own or not 1 < math.prod(shape[: -len(own)]) <= _MOST_PLANES:
        return Axes()
    lead = shape[: -len(own)]
    letters = letters if len(letters) == len(shape) else ""
    axes = Axes(expected=math.prod(lead))
    last = width <= MOST_CHANNELS and width < min(height, lead[-1]) if not letters else letters[-1] in "CS"
    if last and samples == 1 and len(own) == 2:
        axes.rows = lead[-1]
        axes.grid = np.arange(axes.expected).reshape(-1, axes.rows)
    elif letters:
        axes.grid = arrange(lead, letters[: len(lead)], pages)
    elif len([side for side in lead if side > 1]) > 1 and pages != "cells" and samples == 1:
        axes.grid = arrange(lead, "T" * (len(lead) - 1) + ("C" if lead[-1] <= MOST_CHANNELS else "T"), pages)
    return axes


def _ome(text: str, name: str, number: int, pages: str) -> Axes:
    if len(text) > _MOST_TEXT:
        return Axes(remarks=["The OME description is too long and was not used."])
    try:
        root = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable("Its OME description defines entities, which are not allowed.") from None
    except (ParseError, ValueError):
        return Axes(remarks=["The OME description is damaged and was not used."])
    axes = Axes(expected=0)
    images = [pixels for pixels in root.iter() if _local(pixels) == "Pixels"]
    if not images:
        return axes
    _ome_facts(root, images[0], axes)
    others = _elsewhere(root, images, name)
    if others:
        axes.remarks.append("The OME description also speaks of other files; each file is read on its own.")
    cells: dict[tuple[int, int, int], dict[int, int]] = {}
    cursor, left = 0, max(100_000, 4 * number)
    try:
        for series, pixels in enumerate(images):
            for c, z, t, ifd in _ome_planes(pixels, others, cursor):
                left -= 1
                if left < 0:
                    raise Unreadable(f"Its OME description speaks of far more images than the {number} in the file.")
                cells.setdefault((series, t, z), {})[c] = ifd
                cursor = max(cursor, ifd + 1)
    except (ValueError, ArithmeticError):
        return Axes(remarks=["The OME description is damaged and was not used."])
    if not cells:
        return axes
    axes.expected = cursor
    numbers = sorted({c for planes in cells.values() for c in planes})
    grid = np.array([[planes.get(c, -1) for c in numbers] for _, planes in sorted(cells.items())], np.int64)
    names = [channel.get("Name", "")[:60] for channel in images[0] if _local(channel) == "Channel"]
    axes.labels = [names[c] if c < len(names) else "" for c in numbers]
    if pages == "channels" and len(grid) > 1:
        grid, axes.labels = grid.reshape(1, -1), []
    axes.grid, axes.counts_copies = grid, True
    return axes


def _ome_facts(root: Element, pixels: Element, axes: Axes) -> None:
    factor = _MICROMETRES.get(pixels.get("PhysicalSizeXUnit", "µm"), 0.0)
    try:
        size = float(pixels.get("PhysicalSizeX", "0")) * factor
        axes.pixel_size = size if 0 < size < 1e6 else 0.0
        zoom = next((item.get("NominalMagnification") for item in root.iter() if _local(item) == "Objective"), None)
        if zoom and 0 < float(zoom) < 1e4:
            axes.facts["Magnification"] = f"{float(zoom):g}×"
    except ValueError:
        axes.remarks.append("The OME description holds a damaged size.")


def _elsewhere(root: Element, images: Sequence[Element], name: str) -> set[int]:
    """Return the ids of the TiffData elements that speak of other files."""
    files: dict[int, tuple[str, str]] = {}
    for pixels in images:
        for data in pixels:
            marks = [mark for mark in data if _local(mark) == "UUID"]
            if _local(data) == "TiffData" and marks:
                files[id(data)] = (marks[0].get("FileName", ""), (marks[0].text or "").strip())
    if len({file for file, _ in files.values()}) < 2:
        return set()
    mark = root.get("UUID", "")
    others = {key for key, (file, text) in files.items() if file != name and not (mark and text == mark)}
    return others if len(others) < len(files) else set()


def _ome_planes(pixels: Element, others: set[int], cursor: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (c, z, t, page) for the planes of one image that lie in this file."""
    channels = [channel for channel in pixels if _local(channel) == "Channel"]
    sizes: dict[str, int] = {axis: int(pixels.get(f"Size{axis}", "1")) for axis in "CZT"}
    sizes["C"] = len(channels) or sizes["C"]
    order = pixels.get("DimensionOrder", "XYCZT")[2:]
    if sorted(order) != ["C", "T", "Z"] or min(sizes.values()) < 1:
        raise ValueError
    total = math.prod(sizes.values())
    blocks: list[Any] = [data for data in pixels if _local(data) == "TiffData"] or [Element("TiffData")]
    for data in blocks:
        if id(data) in others:
            continue
        first = {axis: int(data.get(f"First{axis}", "0")) for axis in "CZT"}
        if any(not 0 <= first[axis] < sizes[axis] for axis in "CZT"):
            raise ValueError
        start = first[order[0]] + sizes[order[0]] * (first[order[1]] + sizes[order[1]] * first[order[2]])
        ifd = int(data.get("IFD", cursor))
        count = int(data.get("PlaneCount", "1" if "IFD" in data.attrib else total - start))
        if ifd < 0 or count < 0 or count > total - start:
            raise ValueError
        for step in range(count):
            place = {}
            left = start + step
            for axis in order:
                left, place[axis] = divmod(left, sizes[axis])
            yield place["C"], place["Z"], place["T"], ifd + step


def _local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
