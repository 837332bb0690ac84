"""One grey TIFF per cell and channel, the channel by `Ch<N>` in the file's name (as IDEAS exports them)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from wizard.engine.readers.base import Cell, Source, Unreadable, readable, register
from wizard.engine.readers.tiff import read_tiff
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
    """Groups files of a folder that differ only in their `Ch<N>` into one cell."""

    name = "TIFF, one file per channel"

    def claim(self, root: Path, files: Sequence[Path]) -> tuple[list[Source], list[Skipped]]:
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
        return [self._source(root, folder, cell, channels) for (folder, cell), channels in groups.items()], skipped

    def _source(self, root: Path, folder: Path, cell: str, channels: dict[int, Path]) -> Source:
        numbers = sorted(channels)
        return Source(
            name=readable(folder.relative_to(root) / (cell or "cell")),
            root=root,
            files=tuple(channels[number] for number in numbers),
            channels=tuple(Channel(name=f"Ch{number}", number=number) for number in numbers),
        )

    def cells(self, source: Source, channels: Sequence[int]) -> Iterator[Cell]:
        """Yield the one cell of these files."""
        files = dict(zip((channel.number for channel in source.channels), source.files, strict=True))
        planes = []
        for number in channels:
            image = read_tiff(files[number])
            if image.ndim != 2:
                raise Unreadable(f"{files[number].name} is a colour image; a channel file must be grey.")
            planes.append(image)
        if len({plane.shape for plane in planes}) > 1:
            sizes = ", ".join(f"{plane.shape[1]}×{plane.shape[0]}" for plane in planes)
            raise Unreadable(f"The channels of this cell differ in size ({sizes}).")
        yield Cell(source, 0, np.stack(planes))
