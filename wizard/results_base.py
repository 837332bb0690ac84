"""What all results share: estimates, notices, channels, cues, galleries, and the record of a step."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

SCHEMA = 1


class Estimate(BaseModel):
    """A figure with its 95 % interval (fractions 0..1); None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


class NoticeText(BaseModel):
    """A sentence said during the step, with the file it is about (or "")."""

    level: Literal["info", "warning", "error"]
    text: str
    file: str = ""


class Skipped(BaseModel):
    """An input that was left out, and why."""

    file: str
    why: str


class Channel(BaseModel):
    """A channel by its name and the instrument's own number (from 1).

    `label` is what the user or the analysis calls it (e.g. "DNA"; "" = none), `colour` is `#rrggbb`
    for coloured pictures ("" = chosen by the program). Name and number alone say whether two channels
    are the same.
    """

    name: str
    number: int
    label: str = ""
    colour: str = ""

    @property
    def shown(self) -> str:
        """The name for the user, e.g. `Ch4 DNA`."""
        return f"{self.name} {self.label}" if self.label and self.label != self.name else self.name


class Cue(BaseModel):
    """What a look at the images found: a `problem` to mend first, a `warning` to look at, a `note` good to know.

    `subject` is two or three words (e.g. "Frame size"), `files` the first files that it is about,
    `count` how many cells or files.
    """

    level: Literal["problem", "warning", "note"]
    subject: str
    text: str
    action: str = ""
    files: list[str] = []
    count: int = 0


class GalleryCell(BaseModel):
    """One tile of a gallery: `label` groups the tiles, `caption` is shown under one."""

    cell_id: str
    label: str
    caption: str


class Gallery(BaseModel):
    """Sprite sheets (PNG) of cells: tile i is at column i % columns, row i // columns.

    `sheets` maps a channel name (or "all channels") to a file beside result.json;
    `tile` is (height, width) in pixels.
    """

    sheets: dict[str, str]
    tile: tuple[int, int]
    columns: int
    cells: list[GalleryCell]


class StepResult(BaseModel):
    """What every step stores: who, when, from what, with which settings."""

    model_config = ConfigDict(extra="ignore")

    schema_version: int = SCHEMA
    step: str = ""
    id: str = ""
    created: str = ""
    seconds: float = 0.0
    stopped: bool = False
    settings: dict[str, Any] = {}
    settings_hash: str = ""
    upstream: dict[str, str] = {}
    versions: dict[str, str] = {}
    notices: list[NoticeText] = []
    files: dict[str, str] = {}
    """Title of each file for the user → name beside result.json."""


class PreviewCell(BaseModel):
    """A cell of the preview: arrays `raw_I`, `framed_I` and perhaps `mask_I`, `framed_mask_I` in the preview's file.

    I is its position in the list; the arrays are (channels, y, x).
    """

    label: str
    source: str
    object: int
