"""File formats: one module each, registered by a decorator."""

from importlib import metadata

from wizard.engine.readers import pictures, tiff_channels  # noqa: F401 registration
from wizard.engine.readers.base import READERS, Cell, Reader, Source, register

for _found in metadata.entry_points(group="cytowizard.readers"):
    register(_found.load())

__all__ = ["READERS", "Cell", "Reader", "Source"]
