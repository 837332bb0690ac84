"""A data set of which only some channels are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from wizard.engine.data.dataset import DataSet


class SomeChannels:
    """Stored images (cell, channel, y, x) without the other channels; read slice by slice, as Zarr arrays are."""

    def __init__(self, images: Any, keep: Sequence[int]) -> None:
        self._images, self._keep = images, list(keep)
        self.shape = (images.shape[0], len(self._keep), *images.shape[2:])
        self.chunks = (images.chunks[0], *self.shape[1:])
        self.dtype = images.dtype

    def __getitem__(self, some: slice) -> NDArray[Any]:
        return np.asarray(self._images[some])[:, self._keep]


@dataclass(frozen=True)
class ChannelView(DataSet):
    """A data set with the channels at the positions `keep` only."""

    keep: tuple[int, ...] = ()
    whole: DataSet | None = None

    @classmethod
    def of(cls, data: DataSet, keep: Sequence[int]) -> ChannelView:
        """Return a view of some channels of a data set; nothing is copied."""
        values = {one.name: getattr(data, one.name) for one in fields(data)}
        channels = [data.info["channels"][place] for place in keep]
        return cls(whole=data, keep=tuple(keep), **{**values, "info": {**data.info, "channels": channels}})

    @cached_property
    @override
    def images(self) -> Any:
        return SomeChannels(self.whole.images if self.whole is not None else super().images, self.keep)
