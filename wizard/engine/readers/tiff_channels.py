"""One grey TIFF per channel, the channel by `Ch<N>` in the file's name (as IDEAS exports them)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from wizard.engine.readers.base import (
    Cell,
    Contents,
    Lost,
    Reading,
    Source,
    Unreadable,
    planes_of,
    readable,
    register,
    source_name,
)
from wizard.engine.readers.tiff_pages import read, survey
from wizard.results import Channel, Skipped

_CHANNEL = re.compile(r"(?:(?<![A-Za-z])(?i:ch)|Ch)[\s_-]?0*(\d{1,3})(?=$|[\s_.-])")
"""`ch3`, `_Ch_03`, `cellCh3`; not the end of a word such as `batch3`."""

_EXTENSIONS = (".ome.tif", ".ome.tiff", ".tif", ".tiff")


def channel_of(name: str) -> tuple[str, int] | None:
    """Split a file name into (cell, channel number), e.g. `G1_7_Ch3.ome.tif` → ("G1_7", 3); else None.

    The last `Ch<N>` of the name counts; leading zeros, case and a separator before N do not matter.
    """
    lower = name.casefold()
    extension = next((end for end in _EXTENSIONS if lower.endswith(end)), None)
    if extension is None:
        return None
    stem = name[: -len(extension)]
    found = list(_CHANNEL.finditer(stem))
    if not found:
        return None
    before, after = stem[: found[-1].start()], stem[found[-1].end() :]
    return (before.rstrip(" _.-") + after).strip(" _.-"), int(found[-1][1])


@register
class TiffChannels:
    """Groups files of a folder that differ only in their `Ch<N>`.

    Such a group is one cell, or, where the files hold several pages, as many cells: the name says which channel
    a file is, so its pages are never channels.
    """

    name = "TIFF, one file per channel"
    extensions: tuple[str, ...] = (".tif", ".tiff")

    def can_open(self, path: Path) -> bool:
        """Tell by the name."""
        return channel_of(path.name) is not None

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Group the TIFF files with a channel number in their name by folder and cell."""
        groups: dict[tuple[Path, str], dict[int, Path]] = defaultdict(dict)
        skipped: list[Skipped] = []
        for path in files:
            named = channel_of(path.name)
            if named is None:
                continue
            cell, number = named
            channels = groups[path.parent, cell]
            if number in channels:
                twin = channels[number].name
                skipped.append(Skipped(file=readable(path), why=f"Same cell and channel as {readable(twin)}."))
            else:
                channels[number] = path
        folders = {folder: source_name(root, folder / "x")[:-1] for folder in {folder for folder, _ in groups}}
        return [
            Source(
                folders[folder] + readable(cell or "cell"),
                root,
                tuple(path for _, path in sorted(channels.items())),
            )
            for (folder, cell), channels in groups.items()
        ], skipped

    def check(self, source: Source, how: Reading) -> Contents:
        """Tell the cells and sizes from the directories of the files.

        Raises Unreadable when the channels do not fit together.
        """
        files = [survey(path, how.longest, "single") for path in source.files]
        for path, found in zip(source.files, files, strict=True):
            if len(found.channels) > 1:
                kind = "is a colour image" if found.channels[0].name == "Red" else "holds several channels"
                raise Unreadable(f"{readable(path.name)} {kind}; a channel file must be grey.")
        if len({len(found) for found in files}) > 1:
            counts = ", ".join(str(len(found)) for found in files)
            raise Unreadable(f"The channels of these cells differ in their number of pages ({counts}).")
        sizes = {(found.heights.tobytes(), found.widths.tobytes()) for found in files}
        if len(sizes) > 1 and len(files[0]) == 1:
            shown = ", ".join(f"{found.widths[0]}×{found.heights[0]}" for found in files)
            raise Unreadable(f"The channels of this cell differ in size ({shown}).")
        dtype = np.result_type(*(found.dtype for found in files))
        if dtype.itemsize > 4:
            raise Unreadable("The channels have types that do not fit into one image.")
        single = all(isinstance(found.index, int) for found in files)
        return replace(
            files[0],
            channels=channels_of(tuple(path.name for path in source.files)),
            dtype=dtype,
            cues=[cue for found in files for cue in found.cues],
            index=how.longest if single else files,
        )

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Yield the cells, each put together from the same page of every file."""
        planes = planes_of(contents, channels)
        several: list[Contents] | int = contents.index
        with ExitStack() as stack:
            images = [
                read(source.files[n], contents if isinstance(several, int) else several[n], [0], picks) for n in planes
            ]
            for each in images:
                stack.callback(each.close)
            for pick, found in zip(picks, zip(*images, strict=True), strict=True):
                number = int(contents.objects[pick])
                lost = [image for image in found if isinstance(image, Lost)]
                good = [image[0] for image in found if not isinstance(image, Lost)]
                if lost:
                    yield lost[0]
                elif len({image.shape for image in good}) > 1:
                    sizes = ", ".join(f"{image.shape[1]}×{image.shape[0]}" for image in good)
                    yield Lost(number, f"The channels of this cell differ in size ({sizes}).")
                else:
                    yield Cell(number, np.stack(good).astype(contents.dtype, copy=False))


@lru_cache(maxsize=64)
def _channels(numbers: tuple[int, ...]) -> tuple[Channel, ...]:
    return tuple(Channel(name=f"Ch{number}", number=number) for number in numbers)


def channels_of(names: Sequence[str]) -> tuple[Channel, ...]:
    """Return the channels of files by their names."""
    return _channels(tuple(named[1] for named in map(channel_of, names) if named))
