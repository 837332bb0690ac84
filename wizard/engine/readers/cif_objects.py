"""The objects of an ImageStream file: images paired with masks, checked by their tables, with cues.

Source: fact sheet ifc_formats.md, sections 2 to 4 and 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers import cif_chain as tags
from wizard.engine.readers.base import Contents, Reading, Unreadable
from wizard.engine.readers.cif_chain import Chain
from wizard.engine.readers.cif_metadata import About
from wizard.results import Cue

_PER_CHANNEL = {
    tags.BACKGROUND_MEAN: "Bkgd Mean", tags.BACKGROUND_SD: "Bkgd StdDev",
    tags.SATURATED: "Saturation Count", tags.SATURATED_PERCENT: "Saturation Percent",
}  # fmt: skip
_WHOLE_NUMBERS = {
    tags.CAMERA_LINE: "Camera Line Number", tags.CAMERA_TIMER: "Camera Timer",
    tags.ORIGINAL_OBJECT: "Object Number in Acquisition",
}  # fmt: skip
_CENTRES = (
    ("Object Center X", tags.FINE_CENTRE_X, tags.CENTRE_X), ("Object Center Y", tags.FINE_CENTRE_Y, tags.CENTRE_Y)
)  # fmt: skip
_Said = tuple[Literal["problem", "warning", "note"], str, str, str, int]
"""Level, subject, text, action and count of a cue."""


@dataclass(frozen=True, slots=True)
class Strips:
    """Where the pixel data of n cells lie: `place` (n, 2) offset, length (-1 = none); `packed` (n,) compression."""

    place: NDArray[np.int64]
    packed: NDArray[np.int64]
    pieces: dict[int, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Index:
    """What `cells` needs of a file; `swapped` = high byte first."""

    images: Strips
    masks: Strips
    channels: int
    swapped: bool


@dataclass(frozen=True)
class Objects:
    """The objects of a chain that can be read (n of m images).

    `kept` (n,) are their positions among the images, `rows` (n,) their tables, `masks` (n,) the tables of their masks
    (-1 = none), `numbers` (n,) the file's object numbers (-1 = none); `dropped` why others are left out → how many.
    """

    chain: Chain
    about: About
    channels: int
    kept: NDArray[np.int64]
    rows: NDArray[np.int64]
    masks: NDArray[np.int64]
    dropped: dict[str, int]

    @classmethod
    def of(cls, chain: Chain, about: About, how: Reading) -> Objects:
        """Pair images with their masks and leave out what cannot be read; raises Unreadable if that is everything."""
        images = np.flatnonzero(chain.kind == tags.IMAGE)
        if not len(images):
            if chain.ended:
                raise Unreadable("The file is cut off or damaged before its first object.")
            known = (chain.kind == tags.ABOUT).any()
            raise Unreadable("The file holds no objects." if known else "This is not an ImageStream file.")
        masks = np.append(chain.kind == tags.MASK, False)[images + 1]
        masks = np.where(masks, images + 1, -1)
        channels = _channel_count(chain, about, chain.numbers[tags.WIDTH][images])
        dropped: dict[str, int] = {}
        good = np.ones(len(images), np.bool_)
        for why, wrong in _wrong(chain, images, masks, channels, how.longest):
            count = int((good & wrong).sum())
            if count:
                dropped[why] = count
            good &= ~wrong
        if not good.any():
            raise Unreadable(f"None of its {len(images):,} objects can be read: {' '.join(dropped)}")
        kept = np.flatnonzero(good)
        return cls(chain, about, channels, kept, images[kept], masks[kept], dropped)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The file's own object numbers."""
        return self.chain.numbers[tags.OBJECT][self.rows]

    @property
    def numbered(self) -> bool:
        """True when the file's object numbers tell all its objects apart."""
        found = self.chain.numbers[tags.OBJECT][self.chain.kind == tags.IMAGE]
        return bool((found >= 0).all()) and len(np.unique(found)) == len(found)

    def contents(self, path: Path) -> Contents:
        """Describe the objects; the numbers are positions in the chain where the file's own repeat."""
        chain, rows = self.chain, self.rows
        channels = self.about.channels(self.channels)
        facts = dict(self.about.facts)
        labels = ", ".join(channel.shown for channel in channels if channel.label)
        if labels:
            facts["Channel names"] = labels
        return Contents(
            channels,
            self.numbers if self.numbered else self.kept,
            chain.numbers[tags.HEIGHT][rows].astype(np.int32),
            (chain.numbers[tags.WIDTH][rows] // self.channels).astype(np.int32),
            np.dtype(np.int16),
            masks=bool((self.masks >= 0).any()),
            measurements=self._measurements([channel.name for channel in channels]),
            pixel_size=self.about.pixel_size,
            facts=facts,
            index=Index(_strips(chain, rows), _strips(chain, self.masks), self.channels, swapped=chain.order == ">"),
        )

    def _measurements(self, channels: list[str]) -> dict[str, NDArray[np.float64]]:
        """Return the figures that the file keeps of every object, without those that it does not tell at all."""
        chain = self.chain
        found: dict[str, NDArray[np.float64]] = {}
        if not self.numbered:
            found["Object Number"] = _known(self.numbers)
        for tag, name in _WHOLE_NUMBERS.items():
            found[name] = _known(chain.numbers[tag][self.rows])
        found["Flow Speed"] = chain.measured[tags.FLOW_SPEED][self.kept, 0]
        for name, fine, coarse in _CENTRES:
            exact = chain.measured[fine][self.kept, 0]
            found[name] = np.where(np.isfinite(exact), exact, _known(chain.numbers[coarse][self.rows]))
        for tag, name in _PER_CHANNEL.items():
            values = chain.measured[tag][self.kept]
            if values.shape[1] == len(channels):
                found.update({f"{name} {channel}": values[:, at] for at, channel in enumerate(channels)})
        finite = {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}
        return {name: values for name, values in finite.items() if not np.isnan(values).all()}

    def cues(self, name: str, path: Path) -> list[Cue]:
        """Say what is amiss with a file, and what is good to know."""
        return [
            Cue(level=level, subject=subject, text=text, action=action, files=[name], count=count)
            for level, subject, text, action, count in (
                *self._damage(), *self._doubts(), *self._notes(path.suffix.casefold() == ".rif")
            )
        ]  # fmt: skip

    def _damage(self) -> Iterator[_Said]:
        """Tell what is lost."""
        chain, declared = self.chain, self.about.declared
        images, kept = int((chain.kind == tags.IMAGE).sum()), len(self.kept)
        if chain.ended:
            how = "is cut off" if chain.ended == "cut" else "is damaged"
            text = f"The file {how}; {kept:,}{f' of {declared:,}' if declared > kept else ''} objects can be read."
            yield "warning", "Truncated file", text, "Copy the file again from the instrument.", kept
        elif declared and declared != images:
            text = f"The file says {declared:,} objects but holds {images:,}."
            yield "warning", "Object count", text, "", images
        for why, count in self.dropped.items():
            yield "warning", "Damaged objects", f"{count:,} objects are left out: {why}", "", count

    def _doubts(self) -> Iterator[_Said]:
        """Tell what may not be as expected."""
        chain, used = self.chain, len(self.about.used)
        without = int((self.masks < 0).sum())
        if 0 < without < len(self.masks):
            yield "warning", "Objects without mask", f"{without:,} objects have no mask.", "", without
        masks = chain.kind == tags.MASK
        stray = int((masks & ~np.append(False, chain.kind[:-1] == tags.IMAGE)).sum() + (chain.kind == 0).sum())
        if stray:
            yield "warning", "Damaged tables", f"{stray:,} tables belong to no object.", "", stray
        counted = chain.measured[tags.BACKGROUND_MEAN].shape[1]
        if not used:
            text = "The file does not tell which channels are in use; they are numbered by position."
            yield "warning", "Channels", text, "", 0
        elif self.channels != used or counted not in (0, self.channels):
            text = (
                f"The settings name {used} channels, the objects {counted or self.channels}; {self.channels} are read."
            )
            yield "warning", "Channels", text, "Look at the channels in the preview.", 0

    def _notes(self, raw: bool) -> Iterator[_Said]:
        """Tell what is good to know."""
        if not self.numbered:
            text = "Object numbers repeat or are missing (a merged file); objects are numbered by their position."
            yield "note", "Object numbers", text, "", 0
        if raw:
            text = "A raw acquisition file: the images are not compensated and the channels not aligned."
            yield "note", "Raw file", text, "", 0
        elif not self.about.compensated:
            text = "The images are not compensated for spill-over between channels."
            yield "note", "Compensation", text, "", 0


def _known(values: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(values < 0, np.nan, values.astype(np.float64))


def _strips(chain: Chain, rows: NDArray[np.int64]) -> Strips:
    """Gather where the pixel data of tables lie; row -1 = none."""
    places = np.where((rows >= 0)[:, None], chain.strip[rows], -1)
    position = {int(row): at for at, row in enumerate(rows.tolist()) if row in chain.pieces} if chain.pieces else {}
    pieces = {position[row]: pieces for row, pieces in chain.pieces.items() if row in position}
    return Strips(places, chain.numbers[tags.COMPRESSION][rows], pieces)


def _channel_count(chain: Chain, about: About, widths: NDArray[np.int64]) -> int:
    """Return the number of stored channels; of the words of the file the one that divides most widths.

    Most objects' own figures per channel are asked first, then the settings. Raises Unreadable when nothing tells it.
    """
    figures = chain.measured[tags.BACKGROUND_MEAN]
    counted = figures.shape[1] if np.isfinite(figures).any(axis=1).mean() > 0.5 else 0
    told = [count for count in (counted, len(about.used), figures.shape[1], about.stored) if 0 < count <= 64]
    if not told:
        raise Unreadable("The file does not tell how many channels it has.")
    return max(told, key=lambda count: int((widths % count == 0).sum()))


def _wrong(
    chain: Chain, images: NDArray[np.int64], masks: NDArray[np.int64], channels: int, longest: int
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield what can be wrong with objects, in words, and with which of them it is."""
    width, height = chain.numbers[tags.WIDTH], chain.numbers[tags.HEIGHT]
    bits, packed, pixels = chain.numbers[tags.BITS], chain.numbers[tags.COMPRESSION], width * height
    begin, length = chain.strip.T
    missing = (begin < 8) | (length < 1)
    outside = begin + length > chain.size
    for row, pieces in chain.pieces.items():
        outside[row] = (pieces.sum(axis=1) > chain.size).any()
        missing[row] |= bool((pieces < 1).any())
    no_image = ~((packed == tags.GREYSCALE) | ((packed == tags.PLAIN) & (bits == 16)))
    no_mask = ~((packed == tags.RUNS) | ((packed == tags.PLAIN) & (bits == 8)))
    odd = (width < 1) | (height < 1) | (width % channels > 0)
    big = (width // channels > longest) | (height > longest)
    unlikely = ~_plausible(packed, length, pixels)
    has = masks >= 0
    other = has & ((width[masks] != width[images]) | (height[masks] != height[images]))
    yield "their images have no size or one that does not fit the channels.", odd[images]
    yield f"their images are larger than {longest} px.", big[images]
    yield "their images are cut off at the end of the file.", (outside & ~missing)[images]
    yield "their images are stored in an unknown way.", no_image[images]
    yield "their pixel data are missing or do not fit their size.", (missing | unlikely)[images]
    yield "their masks have another size than their images.", other
    yield "their masks are cut off at the end of the file.", has & (outside & ~missing)[masks]
    yield "their masks are damaged.", has & (no_mask | missing | unlikely)[masks]


def _plausible(packed: NDArray[Any], length: NDArray[Any], pixels: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell by its length whether a strip can hold so many pixels; guards memory before anything is decoded."""
    runs = (packed == tags.RUNS) & (2 * ((pixels + 255) // 256) <= length) & (length <= 2 * pixels)
    grey = (packed == tags.GREYSCALE) & ((pixels + 1) // 2 <= length) & (length <= 3 * pixels)
    return runs | grey | ((packed == tags.PLAIN) & ((length == pixels) | (length == 2 * pixels)))
