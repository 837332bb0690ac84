"""Refuses pictures that are too small for a network, by the file's name."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.engine.errors import UserError
from wizard.engine.labeling.field_set import Entry
from wizard.engine.labeling.fields import Field
from wizard.engine.labeling.networks.base import PictureNetwork


def refuse_small(fields: Sequence[Field | Entry], entry: PictureNetwork, crop: int = 0) -> None:
    """Raise UserError, with the file's name, when a field is smaller than a network's window or a training crop."""
    least = max(entry.smallest, crop)
    for field in fields:
        height, width = field.shape if isinstance(field, Field) else (field.height, field.width)
        if min(height, width) < least:
            file = field.inputs[0].file if isinstance(field, Field) else field.file
            raise UserError(
                f"{file} is {width}×{height} px, too small for {entry.title}.",
                f"It needs at least {least} px on each side.",
                "Leave the file out, or choose another network or smaller training crops.",
            )
