"""File formats: one module each, registered by a decorator."""

from wizard.engine.readers import pictures, tiff_channels  # noqa: F401 registration
from wizard.engine.readers.base import READERS, Cell, Reader, Source

__all__ = ["READERS", "Cell", "Reader", "Source"]
