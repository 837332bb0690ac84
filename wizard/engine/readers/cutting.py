"""Cuts large pictures of any reader into single cells: montage sheets, tiles of fields, marked cells.

A cell keeps its place in the picture (`boxes`), so that results can be drawn back onto it. Tiles of
fields follow AIDeveloper's protocol for adipocytes (Kräter et al., Adv Sci 2021).
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.roster import Entry
from wizard.engine.errors import UserError
from wizard.engine.readers import cutting_cells
from wizard.engine.readers.base import Cell, Contents, Lost, Reading, Source, Unreadable, planes_of
from wizard.engine.readers.cutting_cells import Cutouts, cue
from wizard.engine.readers.cutting_marks import Mark, Marks, Mask, labels_of, open_mask, painted, read_marks
from wizard.parse_plan import ParsePlan
from wizard.results import Skipped

_MOST_BYTES = 2**30
"""Decoded pixels of one picture; larger ones are refused."""
_CACHE_BYTES = 128 * 2**20


@dataclass(frozen=True)
class Cutting:
    """How large pictures are cut; the settings of the plan's section."""

    kind: Literal["montage", "tiles", "cells"]
    tile: int
    marks: tuple[Path, ...] = ()
    mark_colour: tuple[int, int, int] | None = None
    mark_pixels: int = 10
    extra_tiles: int = 0
    seed: int = 1

    @cached_property
    def found(self) -> Marks:
        """The marks, read once; `found.files` are the files that are no pictures to be cut. Raises UserError."""
        return read_marks(self.marks, masks_only=self.kind == "tiles")


def cutting_of(plan: ParsePlan) -> Cutting | None:
    """Return how the plan cuts pictures, None when each image is one cell.

    Raises UserError for marks that are missing or cannot be used.
    """
    if plan.cut == "no":
        return None
    paths = [] if plan.cut == "montage" else [Path(item).expanduser() for item in plan.marks]
    for path in paths:
        if not path.exists():
            raise UserError(f"The marks {path} do not exist.", "", "Check parse.marks, or whether the drive is there.")
    if plan.cut == "cells" and not paths:
        raise UserError(
            "No marks were given.", "To cut out cells, their places must be known.",
            "Give a table of centres or boxes, or label masks (parse.marks).",
        )  # fmt: skip
    cutting = Cutting(
        plan.cut, plan.tile, tuple(paths), colour_of(plan.mark_colour), plan.mark_pixels, plan.extra_tiles, plan.seed
    )
    if paths and not cutting.found.by_name:
        wanted = "label masks or painted pictures" if plan.cut == "tiles" else "tables, boxes or label masks"
        raise UserError("No marks were found.", f"{paths[0]} holds no {wanted}.", "Check parse.marks.")
    return cutting


def colour_of(text: str) -> tuple[int, int, int] | None:
    """Read a colour as #rrggbb or red,green,blue; None for empty text. Raises UserError for others."""
    if not text.strip():
        return None
    try:
        values = list(bytes.fromhex(text[1:])) if text.startswith("#") else [int(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != 3 or max(values) > 255 or min(values) < 0:
        raise UserError(f"Marking colour: {text!r} is no colour.", "", "Give it as #ff0000 or as 255,0,0.")
    return values[0], values[1], values[2]


def cut(entry: Entry, cutting: Cutting) -> Entry:
    """Return the entry of a source's cut-outs, with a reader that cuts them out of its pictures.

    Objects are numbered from 0 over all tiles or marks of the source. Montage sheets and masks are decoded
    here, other pictures are not. Raises Unreadable when the source or its marks cannot be used.
    """
    contents = entry.contents
    for height, width in zip(contents.heights.tolist(), contents.widths.tolist(), strict=True):
        if height * width * len(contents.channels) * contents.dtype.itemsize > _MOST_BYTES:
            raise Unreadable("The picture has more than 1 GB of pixels; save it in smaller parts.")
    cutter = Cutter(entry)
    mark = cutting.found.of(entry.source) if cutting.marks else None
    if cutting.kind == "montage":
        parts = [_sheet(cutter, number, cutting) for number in range(len(contents))]
    elif cutting.kind == "tiles":
        parts = _fields(entry, cutting, mark)
    else:
        parts = _cells(cutter, cutting, mark)
    return Entry(cutter, entry.source, _joined(entry, parts, cutting.kind == "cells" and cutter.masks is not None))


def _sheet(cutter: Cutter, number: int, cutting: Cutting) -> Cutouts:
    contents = cutter.original

    def sheet() -> NDArray[np.generic]:
        answer = cutter.picture(number, [channel.number for channel in contents.channels])
        if isinstance(answer, Lost):
            raise Unreadable(answer.why)
        return answer.image

    height, width = int(contents.heights[number]), int(contents.widths[number])
    return cutting_cells.sheet_tiles(sheet, height, width, cutting.tile)


def _fields(entry: Entry, cutting: Cutting, mark: Mark | None) -> list[Cutouts]:
    contents = entry.contents
    masks = open_mask(mark.what, contents) if mark and isinstance(mark.what, Path) else None
    parts = []
    for number in range(len(contents)):
        part = cutting_cells.field_tiles(int(contents.heights[number]), int(contents.widths[number]), cutting.tile)
        if cutting.marks:
            marked = painted(masks[number], cutting.mark_colour) if masks else None
            cutting_cells.classify(
                part, marked, cutting.tile, cutting.mark_pixels, cutting.extra_tiles, cutting.seed,
                _name(entry, number),
            )  # fmt: skip
        elif cutting.extra_tiles:
            part.cues.append(cue("note", "Extra tiles", "Without marks there are no extra tiles."))
        parts.append(part)
    return parts


def _cells(cutter: Cutter, cutting: Cutting, mark: Mark | None) -> list[Cutouts]:
    contents = cutter.original
    if mark is None:
        part = cutting_cells.field_tiles(0, 0, cutting.tile)
        part.cues = [cue("warning", "Marks", "The picture has no marks; nothing is cut out of it.",
                         "Check that the marks name it as its file is called.")]  # fmt: skip
        return [part]
    if isinstance(mark.what, Path):
        cutter.masks = open_mask(mark.what, contents)
        return [cutting_cells.label_cells(cutter.labels(number)) for number in range(len(contents))]
    if len(contents) != 1:
        raise Unreadable("The file holds several pictures; save each as a file of its own to cut out marked cells.")
    assert not isinstance(mark.what, str)
    height, width = int(contents.heights[0]), int(contents.widths[0])
    return [cutting_cells.marked_cells(mark.what, height, width, cutting.tile)]


def _name(entry: Entry, number: int) -> str:
    """Return the name of a picture for the tag `picture`."""
    one = len(entry.contents) == 1
    return entry.source.name if one else f"{entry.source.name} {int(entry.contents.objects[number])}"


@dataclass
class _Index:
    """Which picture each cut-out is from, and its label in the picture's mask (-1 = none)."""

    pictures: NDArray[np.int64]
    labels: NDArray[np.int64]


def _joined(entry: Entry, parts: Sequence[Cutouts], masked: bool) -> Contents:
    """Lay the cut-outs of all pictures of a source end to end."""
    before = entry.contents
    sizes = [len(part.boxes) for part in parts]
    if sum(sizes) > cutting_cells.MOST:
        raise Unreadable(f"It would be cut into more than {cutting_cells.MOST:,} cells.")
    pictures = np.repeat(np.arange(len(parts)), sizes)
    firsts = np.cumsum([0, *(part.count for part in parts)])[:-1]
    boxes = np.concatenate([part.boxes for part in parts])
    names = [_name(entry, number) for number in range(len(parts))]
    of_cells = pictures.tolist()
    tags: dict[str, Sequence[str]] = {name: [texts[at] for at in of_cells] for name, texts in before.tags.items()}
    for name in dict.fromkeys(name for part in parts for name in part.tags):
        tags[name] = [text for part in parts for text in part.tags.get(name, [""] * len(part.boxes))]
    tags["picture"] = [names[at] for at in of_cells]
    figures = {name: values[pictures] for name, values in before.measurements.items()}
    for name in dict.fromkeys(name for part in parts for name in part.figures):
        figures[name] = np.concatenate([
            part.figures.get(name, np.full(len(part.boxes), np.nan)) for part in parts
        ])  # fmt: skip
    cues = [found.model_copy(update={"files": [entry.source.name]}) for part in parts for found in part.cues]
    labels = [np.full(len(part.boxes), -1) if part.labels is None else part.labels for part in parts]
    centres = [part.centres for part in parts if part.centres is not None]
    return Contents(
        before.channels, np.concatenate([part.numbers + first for part, first in zip(parts, firsts, strict=True)]),
        boxes[:, 2].copy(), boxes[:, 3].copy(), before.dtype, before.masks or masked, tags, figures,
        np.concatenate(centres) if len(centres) == len(parts) else None, None, boxes, before.pixel_size,
        dict(before.facts), [*before.cues, *cues], _Index(pictures, np.concatenate(labels)),
    )  # fmt: skip


class Cutter:
    """A reader that cuts the cells out of the pictures of another one."""

    def __init__(self, entry: Entry) -> None:
        self.name = entry.reader.name
        self.extensions = entry.reader.extensions
        self.original = entry.contents
        self.masks: list[Mask] | None = None
        self._reader, self._source = entry.reader, entry.source
        self._token = object()
        weakref.finalize(self, _CACHE.forget, self._token)

    def can_open(self, path: Path) -> bool:
        """Tell what the original reader tells."""
        return self._reader.can_open(path)

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Claim what the original reader claims."""
        return self._reader.claim(root, files, how)

    def check(self, source: Source, how: Reading) -> Contents:
        """Tell what the original reader tells: the pictures, not yet cut."""
        return self._reader.check(source, how)

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Yield the cut-outs at `picks`; every picture is decoded once for all of them."""
        assert isinstance(contents.index, _Index) and contents.boxes is not None
        by_picture: dict[int, list[int]] = {}
        for place, pick in enumerate(picks):
            by_picture.setdefault(int(contents.index.pictures[pick]), []).append(place)
        answers: dict[int, Cell | Lost] = {}
        for number, places in by_picture.items():
            picture = self.picture(number, channels)
            for place in places:
                pick = picks[place]
                answers[place] = self._cut_out(picture, number, contents, pick)
        for place in range(len(picks)):
            yield answers.pop(place)

    def _cut_out(self, picture: Cell | Lost, number: int, contents: Contents, pick: int) -> Cell | Lost:
        label = int(contents.objects[pick])
        if isinstance(picture, Lost):
            return Lost(label, picture.why)
        assert contents.boxes is not None
        top, left, height, width = contents.boxes[pick].tolist()
        part = (slice(None), slice(top, top + height), slice(left, left + width))
        mask = None if picture.mask is None else picture.mask[part].copy()
        code = int(contents.index.labels[pick])
        if self.masks is not None and code >= 0:
            mask = cutting_cells.mask_of(self.labels(number), (top, left, height, width), code, len(picture.image))
        return Cell(label, picture.image[part].copy(), mask)

    def picture(self, number: int, channels: Sequence[int]) -> Cell | Lost:
        """Return a whole picture with some channels, from memory if it was used last. Raises Unreadable."""
        return _CACHE.get((self._token, number, tuple(channels)), lambda: self._decode(number, channels))

    def _decode(self, number: int, channels: Sequence[int]) -> Cell | Lost:
        answer = next(iter(self._reader.cells(self._source, self.original, channels, [number])))
        if isinstance(answer, Lost):
            return answer
        wanted = len(planes_of(self.original, channels)), self.original.heights[number], self.original.widths[number]
        if answer.image.shape != wanted:
            return Lost(answer.object, "The picture changed while it was read.")
        return answer

    def labels(self, number: int) -> NDArray[Any]:
        """Return the label mask of a picture (y, x). Raises Unreadable."""
        assert self.masks is not None
        mask = self.masks[number]

        def decode() -> NDArray[Any]:
            labels = labels_of(mask)
            if labels.shape != (self.original.heights[number], self.original.widths[number]):
                raise Unreadable(f"Its mask {mask.path.name} changed while it was read.")
            return labels

        return _CACHE.get((self._token, number, "labels"), decode)


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    bytes: int = 0


class _Cache:
    """The pictures used last, bounded in bytes; threads that want the same one wait for its decoding."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._slots: OrderedDict[tuple[Any, ...], _Slot] = OrderedDict()

    def get(self, key: tuple[Any, ...], decode: Callable[[], Any]) -> Any:
        """Return what belongs to a key, decoded now or before."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
        with slot.lock:
            if slot.value is None:
                slot.value = decode()
                slot.bytes = _bytes(slot.value)
            value = slot.value
        with self._lock:
            self._evict()
        return value

    def forget(self, token: object) -> None:
        """Drop everything whose key begins with `token`."""
        # A finalizer may run in a thread that holds the lock: only single steps that need none.
        for key in list(self._slots):
            if key[0] is token:
                self._slots.pop(key, None)

    def _evict(self) -> None:
        """Drop the oldest until the rest fits; a large picture and its mask, used last, stay in any case."""
        held = sum(slot.bytes for slot in list(self._slots.values()))
        for key, slot in list(self._slots.items())[:-2]:
            if held <= self._most:
                return
            if slot.value is not None:
                held -= slot.bytes
                self._slots.pop(key, None)


def _bytes(value: Any) -> int:
    if isinstance(value, Cell):
        return value.image.nbytes + (0 if value.mask is None else value.mask.nbytes)
    return int(getattr(value, "nbytes", 0))


_CACHE = _Cache(_CACHE_BYTES)
