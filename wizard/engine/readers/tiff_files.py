"""TIFF files that hold whole cells: one image, several pages, OME-TIFF, ImageJ stacks, one file per cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from wizard.engine.readers.base import Cell, Contents, Lost, OneFile, Reading, Source, planes_of, register
from wizard.engine.readers.tiff_channels import channel_of
from wizard.engine.readers.tiff_pages import read, survey


@register
class TiffFiles(OneFile):
    """TIFF files without a channel number in their name.

    What several pages are is taken from the file (OME, ImageJ, tifffile): C axes are channels, all others
    cells. Where it says nothing, up to 16 equal grey pages are the channels of one cell, as imaging flow
    cytometers with one file per cell write them (BD CellView, exports of ImageStream objects); more pages, or
    pages of different size, are cells. `Reading.pages` overrides this.
    """

    name = "TIFF"
    extensions: tuple[str, ...] = (".tif", ".tiff")

    def can_open(self, path: Path) -> bool:
        """Tell by the name."""
        return super().can_open(path) and channel_of(path.name) is None

    def check(self, source: Source, how: Reading) -> Contents:
        """Tell the cells, channels and sizes from the directories of the file."""
        return survey(source.files[0], how.longest, how.pages)

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Yield the cells, decoding only the pages that they need."""
        images = read(source.files[0], contents, planes_of(contents, channels), picks)
        for pick, image in zip(picks, images, strict=True):
            yield image if isinstance(image, Lost) else Cell(int(contents.objects[pick]), image)
