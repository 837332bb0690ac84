"""Makes a set of fields of view: prepares the pictures, stores them, measures their grey levels, divides them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.labeling.field_set import TOP, Entry, FieldSet
from wizard.engine.labeling.fields import Field, Plane, chosen_planes, pixels, share, stack
from wizard.engine.labeling.mosaics import Mosaic
from wizard.engine.labeling.preparing import levels as scales
from wizard.engine.labeling.preparing import quality
from wizard.engine.labeling.preparing.levels import Levels
from wizard.engine.labeling.preparing.operations import Preparation, measure, projected
from wizard.results import Cue

Floats = NDArray[np.float32]
_SAMPLED, _PIXELS = 64, 4_000_000
_DONE_BEFORE = {"light": (0.5, 0.03, 0.09, 0.16), "stain": (0.25, 0.05, 0.06, 0.2)}
"""Mean, how far it may be off, and least and greatest SD of pictures that were brought to the published levels."""


@dataclass
class Pictures:
    """How pictures are read: the number of planes, the stains, and what is done to each channel (`light`, stains)."""

    planes: int
    labels: tuple[str, ...]
    how: Mapping[str, Preparation]

    def shape(self, field: Field) -> tuple[int, int]:
        """Return a field's size after the preparation."""
        if isinstance(field, Mosaic):
            return field.whole
        return self.how["light"].shape(*field.shape)

    def light(self, field: Field) -> Iterator[Floats]:
        """Yield the chosen planes of a field, prepared."""
        for number in chosen_planes(len(field.inputs), self.planes):
            yield (
                field.lay(partial(self.plane, number=number))
                if isinstance(field, Mosaic)
                else self.plane(field, number)
            )

    def plane(self, field: Field, number: int) -> Floats:
        """Return one plane of a field (or of a tile), prepared."""
        return self.how["light"].apply(share(pixels(field.inputs[number])))

    def centre(self, field: Field) -> Floats:
        """Return the centre plane of a field (or of a tile), prepared."""
        return self.plane(field, (len(field.inputs) - 1) // 2)

    def stain(self, field: Field, label: str) -> tuple[Floats, NDArray[np.bool_]] | None:
        """Return a stain, prepared, and where it is known; None where it was not taken or is constant."""
        if label not in field.targets:
            return None
        if isinstance(field, Mosaic):
            return self._laid(field, label)
        image = taken(field.targets[label])
        if image.min() == image.max():
            return None
        made = self.how[label].apply(image)
        if label not in field.masks:
            return made, np.ones(made.shape, np.bool_)
        known = pixels(field.masks[label]) != 0
        step = max(1, known.shape[0] // made.shape[0])
        high, wide = made.shape
        # A pixel made of several is known where all of them are.
        return made, known[: high * step, : wide * step].reshape(high, step, wide, step).all(axis=(1, 3))

    def _laid(self, field: Mosaic, label: str) -> tuple[Floats, NDArray[np.bool_]] | None:
        parts = {id(tile): self.stain(tile, label) for tile in field.tiles}
        there = {key: part for key, part in parts.items() if part is not None}
        if not there:
            return None
        nothing = np.zeros(field.sizes, np.float32), np.zeros(field.sizes, np.bool_)
        image = field.lay(lambda tile: there.get(id(tile), nothing)[0])
        return image, field.known(lambda tile: there.get(id(tile), nothing)[1])


def taken(planes: Sequence[Plane]) -> Floats:
    """Return a stain's one picture, or its planes projected, as shares of the greatest grey level."""
    return share(pixels(planes[0])) if len(planes) == 1 else projected(share(stack(planes)))


def reading(fields: Sequence[Field], planes: int, labels: Sequence[str], chosen: Sequence[str]) -> Pictures:
    """Measure what the chosen operations need, on at most 64 pictures of each channel."""
    found = {"light": _measured([plane for field in fields for plane in _spread(field, planes)], "light", chosen)}
    for label in labels:
        found[label] = _measured([field.targets[label] for field in fields if label in field.targets], label, chosen)
    return Pictures(planes, tuple(labels), found)


def _spread(field: Field, planes: int) -> list[tuple[Plane, ...]]:
    return [(field.inputs[number],) for number in chosen_planes(len(field.inputs), planes)]


def _measured(pictures: Sequence[tuple[Plane, ...]], channel: str, chosen: Sequence[str]) -> Preparation:
    if not chosen:
        return Preparation()
    at = np.unique(np.linspace(0, len(pictures) - 1, min(len(pictures), _SAMPLED)).round().astype(int))
    role = "light" if channel == "light" else "stain"
    how = measure([taken(pictures[number]) for number in at], role, chosen, channel)
    return how


class _Planes(Sequence[Floats]):
    """The stored planes of a field, read one at a time: a stack may be larger than the memory."""

    def __init__(self, light: NDArray[np.uint16]) -> None:
        self._light = light

    def __len__(self) -> int:
        return self._light.shape[-1]

    def __getitem__(self, at: Any) -> Any:
        if at >= len(self):
            raise IndexError
        return self._light[..., at].astype(np.float32) / TOP


def store(
    folder: Path, fields: Sequence[Field], how: Pictures, tell: Callable[[float, str], None], cues: list[Cue]
) -> list[Entry]:
    """Write the pixels of all fields; what is amiss with them is added to `cues`."""
    made = []
    for number, field in enumerate(fields):
        tell(number / len(fields), f"Reading {field.name}")
        made.append(_stored(folder, f"{number:04}", field, how, cues))
    return made


def _stored(folder: Path, name: str, field: Field, how: Pictures, cues: list[Cue]) -> Entry:
    place = folder / name
    place.mkdir(parents=True)
    shape = how.shape(field)
    light = _empty(place / "light.npy", (*shape, how.planes), np.uint16)
    stains = _empty(place / "stains.npy", (*shape, len(how.labels)), np.uint16)
    known = _empty(place / "known.npy", (*shape, len(how.labels)), np.bool_)
    for at, plane in enumerate(how.light(field)):
        light[..., at] = _levels(plane)
    found = {}
    for at, label in enumerate(how.labels):
        stain = how.stain(field, label)
        if stain is not None:
            stains[..., at], known[..., at] = _levels(stain[0]), stain[1]
        if label in field.targets:
            found[label] = stains[..., at].astype(np.float32) / TOP
    order = chosen_planes(len(field.inputs), how.planes)
    seen = Field(field.name, tuple(field.inputs[number] for number in order), field.targets)
    cues += quality.cues(seen, _Planes(light), found)
    centre = light[..., (how.planes - 1) // 2].astype(np.float32) / TOP
    entry = Entry(
        field.name, name, *shape, [label for at, label in enumerate(how.labels) if known[..., at].any()],
        dict(field.tags), field.pixel_size * _shrunk(field, how), field.inputs[0].file,
        asdict(quality.figures(centre)),
    )  # fmt: skip
    for array in (light, stains, known):
        if isinstance(array, np.memmap):
            array.flush()
    return entry


def _shrunk(field: Field, how: Pictures) -> int:
    """Return how many original pixels make the side of a stored one."""
    return max(1, round(field.shape[0] / how.how["light"].shape(*field.shape)[0]))


def _empty(path: Path, shape: tuple[int, ...], kind: Any) -> Any:
    if not all(shape):
        # Nothing cannot be mapped.
        np.save(path, np.zeros(shape, kind), allow_pickle=False)
        return np.zeros(shape, kind)
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)


def _levels(image: Floats) -> NDArray[np.uint16]:
    return np.round(np.clip(image, 0, 1) * TOP).astype(np.uint16)


def fit_levels(made: FieldSet, kind: str) -> dict[str, Levels]:
    """Measure the grey levels of all channels of a set; `auto` leaves them where they are the published ones."""
    samples = {"light": _sampled(made, "light", made.planes)}
    for at, label in enumerate(made.labels):
        samples[label] = _sampled(made, "stains", len(made.labels), at)
    there = {name: sample for name, sample in samples.items() if sample.size}
    if kind == "auto":
        kind = "none" if all(_is_scaled(sample, name) for name, sample in there.items()) else "published"
    return {
        name: scales.fit([sample], "light" if name == "light" else "stain", kind, name)
        if name in there else Levels("none", 1.0, 0.0)
        for name, sample in samples.items()
    }  # fmt: skip


def _is_scaled(sample: Floats, name: str) -> bool:
    goal, off, least, most = _DONE_BEFORE["light" if name == "light" else "stain"]
    return abs(float(sample.mean()) - goal) < off and least < float(sample.std()) < most


def _sampled(made: FieldSet, name: str, channels: int, at: int | None = None) -> Floats:
    """Return some pixels of a channel from all fields that have it, as shares of the greatest grey level."""
    parts = []
    total = sum(entry.height * entry.width for entry in made.fields) * (channels if at is None else 1)
    # An odd step meets all columns and planes.
    step = max(1, total // _PIXELS) | 1
    for entry in made.fields:
        if at is not None and made.labels[at] not in entry.taken:
            continue
        pixels_ = np.load(made.path / entry.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        flat = pixels_.reshape(-1) if at is None else pixels_[..., at].reshape(-1)
        if at is not None:
            known = np.load(made.path / entry.folder / "known.npy", mmap_mode="r", allow_pickle=False)
            flat = flat[known[..., at].reshape(-1)]
        parts.append(flat[::step].astype(np.float32) / TOP)
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def groups_of(fields: Iterable[Entry], wanted: str) -> tuple[list[str], str]:
    """Return the group of each field and what they are called; `auto` takes the well where it tells fields apart."""
    entries = list(fields)
    if wanted == "auto":
        wells = {entry.tags.get("well", "") for entry in entries}
        wanted = "well" if len(wells) > 1 and "" not in wells else ""
    if not wanted:
        return [], "field"
    counts: dict[str, int] = defaultdict(int)
    names = [entry.tags.get(wanted, "") for entry in entries]
    for name in names:
        counts[name] += 1
    return (names, wanted) if len(counts) > 1 else ([], "field")
