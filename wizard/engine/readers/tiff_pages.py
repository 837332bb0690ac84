"""Tells which images of a TIFF file are the channels of which cell, and reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import Contents, Lost, Unreadable, check_size, uniform
from wizard.engine.readers.pictures import COLOUR, GREY
from wizard.engine.readers.tiff import COMPRESSIONS, Page, Tiff, opened
from wizard.engine.readers.tiff_axes import MOST_CHANNELS, Axes, axes_of
from wizard.engine.readers.tiff_pixels import Decoder, is_plain
from wizard.results import Channel, Cue

_MOST_PLANES = 256


@dataclass(slots=True)
class Index:
    """Where the cells of a file lie, for `read`.

    `directories` and `shifts` (one per page): offset of the directory, and how many bytes behind its own image
    the page's data lie; `grid` (cells, pages of a cell) positions of pages; `planes` channels of a page;
    `rows` see `Axes`; `lost` cell → why it cannot be read.
    """

    longest: int
    directories: NDArray[np.int64]
    shifts: NDArray[np.int64]
    grid: NDArray[np.int64]
    planes: int
    rows: int
    lost: dict[int, str]


@dataclass(slots=True)
class _Pages:
    """The pages of a file side by side; `trouble` is page → why it cannot be read."""

    directories: NDArray[np.int64]
    shifts: NDArray[np.int64]
    looks: list[tuple[int, int, int, str]]
    """(height, width, planes, type) of each page, (0, 0, 0, "") where it cannot be read."""
    trouble: dict[int, str]
    first: Page
    copies: list[int]
    ignored: int
    broken: bool


def survey(path: Path, longest: int, pages: str) -> Contents:
    """Return what a TIFF file holds, told from its directories alone.

    `longest` is the longest side in px, `pages` what the pages are where the file does not say it (`auto`,
    `channels`, `cells`); `single`: each page is a cell whatever the file says. Raises Unreadable when none of
    its images can be read.
    """
    with opened(path) as tiff:
        entries, following = tiff.entries(tiff.first)
        if not following:
            page = tiff.page(entries)
            axes = _axes(tiff, page, path.name, 1, pages)
            if axes.expected < 2:
                return _single(page, longest, axes)
        found = _pages(tiff)
        axes = _axes(tiff, found.first, path.name, len(found.looks), pages)
        _unfold(tiff, found, axes)
        if pages == "single" and axes.grid is not None and not axes.rows:
            axes.grid, axes.labels = axes.grid.reshape(-1, 1), []
        if not axes.counts_copies:
            # Only OME-XML counts the small copies of images that some programs put between them.
            _drop_copies(found)
        return _contents(found, axes, longest, pages)


def _axes(tiff: Tiff, page: Page, name: str, number: int, pages: str) -> Axes:
    entries = page.entries
    if 270 not in entries:
        return Axes()
    shape = (page.height, page.width, page.samples, int(page.planar))
    axes = axes_of(tiff.text(entries), name, shape, number, pages)
    if axes.per_pixel and not axes.pixel_size:
        per_unit = tiff.fraction(entries, 282)
        size = axes.per_pixel / per_unit if per_unit else 0.0
        axes.pixel_size = size if 0 < size < 1e6 else 0.0
    return axes


def _single(page: Page, longest: int, axes: Axes) -> Contents:
    """Return the contents of a file with one image; `index` is then just `longest`."""
    check_size((page.height, page.width), longest)
    names = channels_for(page.planes, page.colour, tuple(axes.labels))
    contents = uniform(names, 1, page.height, page.width, page.shown_dtype, index=longest)
    contents.pixel_size = axes.pixel_size
    contents.facts = _facts(page, axes)
    contents.cues += [_remark(text) for text in axes.remarks]
    return contents


def _facts(page: Page, axes: Axes) -> dict[str, str]:
    facts = dict(axes.facts)
    if page.compression == 7:
        facts["Compression"] = COMPRESSIONS[7]
    if page.bits not in (1, 8, 16, 32, 64):
        facts["Bits per pixel"] = str(page.bits)
    if page.photometric == 0:
        facts["Grey levels"] = "0 is white"
    return facts


def _remark(text: str) -> Cue:
    return Cue(level="note", subject="TIFF pages", text=text)


@lru_cache(maxsize=256)
def channels_for(number: int, colour: bool, labels: tuple[str, ...] = ()) -> tuple[Channel, ...]:
    """Return the channels of `number` planes: grey, red green blue, or Ch1, Ch2 … with the file's names."""
    if number == 1:
        return (GREY[0].model_copy(update={"label": labels[0]}),) if labels and labels[0] else GREY
    if colour and number == 3:
        return COLOUR
    given = labels if len(labels) == number else ("",) * number
    return tuple(Channel(name=f"Ch{n + 1}", number=n + 1, label=label) for n, label in enumerate(given))


def _pages(tiff: Tiff) -> _Pages:
    offsets: list[int] = []
    looks: list[tuple[int, int, int, str]] = []
    copies: list[int] = []
    trouble: dict[int, str] = {}
    first: Page | None = None
    for position, (offset, entries) in enumerate(tiff.directories()):
        offsets.append(offset)
        try:
            page = tiff.page(entries)
        except Unreadable as error:
            looks.append((0, 0, 0, ""))
            trouble[position] = str(error)
            continue
        first = first or page
        looks.append((page.height, page.width, page.planes, page.shown_dtype.str))
        if page.reduced:
            copies.append(position)
    if first is None:
        raise Unreadable(trouble.get(0, "The file holds no image."))
    shifts = np.zeros(len(offsets), np.int64)
    return _Pages(np.array(offsets, np.int64), shifts, looks, trouble, first, copies, 0, tiff.broken)


def _unfold(tiff: Tiff, found: _Pages, axes: Axes) -> None:
    """Find the images that follow the first one without directories of their own.

    ImageJ writes stacks above 4 GiB in this way, tifffile truncated ones.
    """
    page = found.first
    if len(found.looks) != 1 or axes.expected < 2 or not is_plain(page):
        return
    joined = all(a + n == b for a, n, b in zip(page.offsets, page.counts, page.offsets[1:], strict=False))
    size = page.height * page.width * page.samples * page.dtype.itemsize
    if not joined or sum(page.counts) < size:
        return
    there = min(axes.expected, (tiff.size - page.offsets[0]) // size)
    if there < 2:
        return
    found.directories = np.repeat(found.directories, there)
    found.shifts = np.arange(there) * size
    found.looks *= there


def _drop_copies(found: _Pages) -> None:
    """Leave out reduced copies and transparency masks, which some programs put between the images."""
    dropped = set(found.copies)
    if not dropped or len(dropped) == len(found.looks):
        return
    kept = [position for position in range(len(found.looks)) if position not in dropped]
    now = {old: new for new, old in enumerate(kept)}
    found.ignored = len(dropped)
    found.directories, found.shifts = found.directories[kept], found.shifts[kept]
    found.looks = [found.looks[position] for position in kept]
    found.trouble = {now[old]: why for old, why in found.trouble.items() if old in now}


def _contents(found: _Pages, axes: Axes, longest: int, pages: str) -> Contents:
    grid = _grid(found, axes, pages)
    planes = Counter(look[2] for look in found.looks if look[0]).most_common(1)[0][0]
    if grid.shape[1] * planes > _MOST_PLANES and not axes.rows:
        raise Unreadable(f"The file holds {grid.shape[1]} pages, too many to be channels; set Parse to read cells.")
    keys = np.array(
        [look if axes.rows else (*look[:2], look[2] * (look[2] == planes), look[3]) for look in found.looks],
        [("h", "i8"), ("w", "i8"), ("p", "i8"), ("t", "U4")],
    )
    lost = _lost(found, grid, keys, planes, longest)
    if len(lost) == len(grid):
        raise Unreadable(next(iter(lost.values())))
    there = np.where((grid >= 0) & (grid < len(keys)), grid, 0)
    good = np.setdiff1d(np.arange(len(grid)), list(lost))
    sizes = keys[there[:, 0]]
    dtype = np.result_type(*(np.dtype(text) for text in np.unique(sizes["t"][good])))
    if dtype.itemsize > 4:
        raise Unreadable("Its images have types that do not fit into one data set.")
    if axes.rows:
        heights, widths, number = np.full(len(grid), axes.rows), sizes["h"], int(sizes["w"][good[0]])
    else:
        heights, widths, number = sizes["h"], sizes["w"], grid.shape[1] * planes
    labels = tuple(axes.labels) if planes == 1 and not axes.rows else ()
    index = Index(longest, found.directories, found.shifts, grid, planes, axes.rows, lost)
    return Contents(
        channels_for(number, found.first.colour, labels), np.arange(len(grid)), heights.astype(np.int32),
        widths.astype(np.int32), dtype, pixel_size=axes.pixel_size, facts=_facts(found.first, axes),
        cues=_cues(found, axes, grid, lost), index=index,
    )  # fmt: skip


def _grid(found: _Pages, axes: Axes, pages: str) -> NDArray[np.int64]:
    """Return the file's own order of pages, or that of the setting."""
    number = len(found.looks)
    if axes.grid is not None and axes.expected >= number - found.ignored:
        return axes.grid
    if axes.grid is not None:
        axes.remarks.append(f"The file speaks of {axes.expected} images but holds {number}; the others were ignored.")
        return axes.grid
    equal = len({look for look in found.looks if look[0]}) == 1 and found.looks[0][2] == 1
    if pages == "channels" and not equal and len({look[:2] for look in found.looks}) > 1:
        raise Unreadable("Its pages differ in size and cannot be channels of one cell; set Parse to read cells.")
    if pages == "channels" or (pages == "auto" and equal and number <= MOST_CHANNELS):
        if found.broken:
            raise Unreadable("The file ends early: some of its pages are missing.")
        return np.arange(number).reshape(1, -1)
    return np.arange(number).reshape(-1, 1)


def _lost(found: _Pages, grid: NDArray[np.int64], keys: NDArray[Any], planes: int, longest: int) -> dict[int, str]:
    """Return the cells that cannot be read and why."""
    absent = (grid < 0) | (grid >= len(keys))
    pages = np.where(absent, 0, grid)
    rows = keys[pages]
    unequal = (rows != rows[:, :1]).any(axis=1)
    long = np.maximum(keys["h"], keys["w"]) > longest
    bad = absent.any(axis=1) | unequal | (rows["p"] != planes).any(axis=1) | long[pages].any(axis=1)
    bad |= np.isin(pages, list(found.trouble)).any(axis=1)
    lost = {}
    for row in np.flatnonzero(bad).tolist():
        why = next((found.trouble[page] for page in pages[row].tolist() if page in found.trouble), "")
        if absent[row].any():
            why = "One of its channels is missing in the file."
        elif not why and unequal[row]:
            why = "Its channels differ in size or type."
        elif not why and long[pages[row]].any():
            why = _too_long(rows[row][0], longest)
        lost[row] = why or f"Its number of colours is not {planes}, as in the other images of the file."
    return lost


def _too_long(page: Any, longest: int) -> str:
    try:
        check_size((int(page["h"]), int(page["w"])), longest)
    except Unreadable as error:
        return str(error)
    return "One of its channels is too large."


def _cues(found: _Pages, axes: Axes, grid: NDArray[np.int64], lost: dict[int, str]) -> list[Cue]:
    cues = [_remark(text) for text in axes.remarks]
    if found.ignored:
        cues.append(_remark(f"{found.ignored} reduced copies of images in the file were left out."))
    if found.broken or (lost and axes.expected > len(found.looks)):
        text = f"The file ends early; {len(grid) - len(lost)} cells of it can be read."
        cues.append(Cue(level="warning", subject="Damaged file", text=text, action="Copy the file again.", count=1))
    elif lost:
        text = f"{len(lost)} of {len(grid)} cells of the file cannot be read: {next(iter(lost.values()))}"
        cues.append(Cue(level="warning", subject="Damaged file", text=text, count=len(lost)))
    return cues


def read(
    path: Path, contents: Contents, planes: Sequence[int], picks: Sequence[int]
) -> Generator[NDArray[Any] | Lost, None, None]:
    """Yield the images of cells, as (plane, y, x) in the planes' order, or `Lost`, one for each pick."""
    with opened(path) as tiff:
        index: Index | int = contents.index
        decoder = Decoder(tiff, index if isinstance(index, int) else index.longest)
        try:
            for pick in picks:
                yield _cell(decoder, tiff.first, contents, planes, int(pick))
        finally:
            decoder.close()


def _cell(
    decoder: Decoder, first: int, contents: Contents, planes: Sequence[int], pick: int
) -> NDArray[np.generic] | Lost:
    index: Index | int = contents.index
    number = int(contents.objects[pick])
    try:
        if isinstance(index, int):
            image = decoder.planes(first, planes)
        elif pick in index.lost:
            return Lost(number, index.lost[pick])
        elif index.rows:
            lines = [
                decoder.planes(int(index.directories[page]), [0], int(index.shifts[page]))[0]
                for page in index.grid[pick]
            ]
            image = np.moveaxis(np.stack(lines), -1, 0)[list(planes)]
        else:
            image = _channels(decoder, index, pick, planes)
    except Unreadable as error:
        return Lost(number, str(error))
    if image.shape[1:] != (contents.heights[pick], contents.widths[pick]):
        return Lost(number, "The file has changed since it was checked.")
    return image.astype(contents.dtype, copy=False)


def _channels(decoder: Decoder, index: Index, pick: int, planes: Sequence[int]) -> NDArray[np.generic]:
    """Read every page of a cell once, with the planes that are wanted of it."""
    wanted: dict[int, list[int]] = {}
    for plane in planes:
        wanted.setdefault(plane // index.planes, []).append(plane % index.planes)
    found: dict[int, NDArray[np.generic]] = {}
    for place, parts in wanted.items():
        page = int(index.grid[pick, place])
        image = decoder.planes(int(index.directories[page]), parts, int(index.shifts[page]))
        found |= {place * index.planes + part: plane for part, plane in zip(parts, image, strict=True)}
    return np.stack([found[plane] for plane in planes])
