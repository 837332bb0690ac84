"""File formats: one module each, registered by a decorator."""

from importlib import metadata

from wizard.engine.readers import (  # noqa: F401 registration
    arrays,
    cells_folder,
    cif,
    ideas,
    mat,
    ome_zarr,
    pictures,
    rtdc,
    tiff_channels,
    tiff_files,
)
from wizard.engine.readers.base import READERS, Cell, Reader, Source, register

for _found in metadata.entry_points(group="cytowizard.readers"):
    register(_found.load())

__all__ = ["READERS", "Cell", "Reader", "Source"]
