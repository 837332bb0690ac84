"""Uses a model for stains: pictures opened as the model needs them, and its answer for pictures of any size."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.labeling import making
from wizard.engine.labeling.answering import fastest
from wizard.engine.labeling.field_set import Entry, FieldSet, open_set
from wizard.engine.labeling.finding import Survey, Wish, find_fields
from wizard.engine.labeling.heads import decoded
from wizard.engine.labeling.model import StainModel, decoded_order, entry_of
from wizard.engine.labeling.names import normal
from wizard.engine.labeling.preparing.quality import Figures
from wizard.engine.labeling.sizes import refuse_small
from wizard.engine.labeling.tiling import Floats, Net, Tiles, Write, all_ways, predict_into, tiles_for
from wizard.engine.labeling.views import Pixels, Region, View
from wizard.project import Project
from wizard.results import Cue, Skipped

NUCLEI = ("dapi", "hoechst", "nuclei", "nucleus", "draq5", "nuc")
DEAD = ("nucgreendead", "dead", "propidium", "sytox", "nucgreen")


class Predictor:
    """A model as a function; networks are made for each size of tiles once."""

    def __init__(self, model: StainModel, most: int = 640, ways: bool = False) -> None:
        self.model, self.entry, self._most, self._ways = model, entry_of(model), most, ways
        self.engine = ""
        self._made: dict[int, Net] = {}
        order = decoded_order(model)
        self._used = sorted({member for members, _ in order for member in members})
        gives, labels = len(model.head.gives), model.labels
        self._places = [
            [(self._used.index(member) * len(labels) + labels.index(label)) * gives + what for member in members]
            for members, label in order for what in range(gives)
        ]  # fmt: skip

    @property
    def gives(self) -> tuple[str, ...]:
        """What each stain's channels are, e.g. median, low, high."""
        return self.model.head.gives

    def tiles(self, shape: tuple[int, int]) -> Tiles:
        """Return how a picture is cut."""
        return tiles_for(self.entry, shape, self._most)

    def net(self, tile: int) -> Net:
        """Return the function from tiles to the channels of all stains in order."""
        if tile not in self._made:
            parts = []
            for member in self._used:
                part, self.engine = fastest(decoded(self.model.network(member, (tile, tile)), self.model.head.name))
                parts.append(part)
            whole = _joined(parts, self._places)
            if len(self.gives) == 3:
                whole = _widened(whole, self.model.widths)
            self._made[tile] = all_ways(whole) if self._ways else whole
        return self._made[tile]

    def into(self, light: Pixels, region: Region, write: Write, tell: Callable[[float], None] | None = None) -> None:
        """Predict a region of a picture part by part; it is mirrored at the region's borders."""
        shape = region.bottom - region.top, region.right - region.left
        how = self.tiles(shape)

        def read(top: int, left: int, bottom: int, right: int) -> NDArray[np.float32]:
            return light[region.top + top : region.top + bottom, region.left + left : region.left + right]

        predict_into(self.net(how.tile), read, shape, write, how, tell)

    def middle(self, light: Pixels, region: Region, around: Region | None = None) -> Floats:
        """Return the grey levels (y, x, stain) for a region, without intervals."""
        return self.whole(light, region, len(self.gives), around)

    def whole(self, light: Pixels, region: Region, step: int = 1, around: Region | None = None) -> Floats:
        """Return the answer (y, x, stain * given) for a region, or every `step`-th channel of it, in memory.

        `around` holds the region and light beside it that may be looked at; without, the region's borders are mirrored.
        """
        if around is not None and around != region:
            return within(self.whole(light, around, step), region, around)
        count = len(self.model.stains) * len(self.gives) // step
        made = np.empty((region.bottom - region.top, region.right - region.left, count), np.float32)

        def write(top: int, left: int, part: Floats) -> None:
            made[top : top + part.shape[0], left : left + part.shape[1]] = part[..., ::step]

        self.into(light, region, write)
        return made


def with_gap(region: Region, trained: Sequence[Region]) -> Region:
    """Return a held-out region, as far to the left as no training saw the same picture."""
    same = [one.right for one in trained if one.view == region.view and one.right <= region.left]
    return replace(region, left=max(same, default=region.left))


def grown(part: Region, by: int, limits: Region) -> Region:
    """Return a part with `by` px more on each side, inside of the limits."""
    return Region(
        part.view, max(limits.top, part.top - by), max(limits.left, part.left - by),
        min(limits.bottom, part.bottom + by), min(limits.right, part.right + by),
    )  # fmt: skip


def within(found: NDArray[Any], region: Region, around: Region) -> NDArray[Any]:
    """Return the part of a picture of `around` that shows `region`."""
    rows = slice(region.top - around.top, region.bottom - around.top)
    return found[rows, region.left - around.left : region.right - around.left]


def _joined(parts: Sequence[Net], places: Sequence[Sequence[int]]) -> Net:
    """Return a network whose channels are each the mean of the parts' channels at some places."""

    def answer(pictures: Floats) -> Floats:
        found = np.concatenate([np.asarray(part(pictures)) for part in parts], axis=-1)
        made: Floats = np.stack([found[..., list(each)].mean(axis=-1) for each in places], axis=-1)
        return made

    return answer


def _widened(net: Net, widths: Sequence[float]) -> Net:
    """Return a network whose intervals are as wide as the check pixels asked for."""

    def answer(pictures: Floats) -> Floats:
        found = np.array(net(pictures), np.float32)
        for at, width in enumerate(widths):
            middle = found[..., 3 * at]
            for end in (1, 2):
                found[..., 3 * at + end] = np.clip(middle + width * (found[..., 3 * at + end] - middle), 0, 1)
        return found

    return answer


@dataclass
class Opened:
    """A field of view as a model needs it; `stains` that it does not have are unknown."""

    entry: Entry
    view: View
    regions: list[Region]
    """Its parts that are held out; the whole field where it was not used for training."""
    trained: list[Region] = field(default_factory=list)
    """Its parts that were trained on."""

    def around(self, region: Region) -> Region:
        """Return a held-out strip with the gap before it, whose light no training saw, either."""
        return with_gap(region, self.trained)

    @property
    def whole(self) -> Region:
        """All of the field."""
        return whole_of(self.entry)

    @property
    def figures(self) -> Figures:
        """What its transmitted light looks like."""
        return Figures(**self.entry.figures)


def whole_of(entry: Entry) -> Region:
    """Return all of a field as a region."""
    return Region(0, 0, 0, entry.height, entry.width)


@dataclass
class Source:
    """Where fields come from: `each` opens them one by one."""

    count: int
    each: Callable[[], Iterator[Opened]]
    split_by: str = ""
    skipped: list[Skipped] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    fields: FieldSet | None = None


@contextmanager
def source(
    model: StainModel, inputs: Sequence[str], project: Project, tell: Tell, stained: bool = False
) -> Iterator[Source]:
    """Give the fields of `inputs`, or those of the project where there are none.

    Fields of files are prepared one after the other in a temporary folder, so that none needs to fit into memory.
    `stained` asks for fields with stains. Raises UserError, with the file's name, when a field cannot be used.
    """
    if not inputs:
        yield _own(model, project)
        return
    survey = _found(model, inputs)
    fields = [one for one in survey.fields if one.targets] if stained else survey.fields
    if not fields:
        raise UserError("No field has a stain to compare with.", "", "Choose a folder with stained fields.")
    refuse_small(fields, entry_of(model))
    for one in fields:
        if len(one.inputs) != model.planes:
            tell.notice(
                "warning", f"{one.inputs[0].file}: The stack has {len(one.inputs)} planes, the model learnt "
                f"{model.planes}; planes are chosen by depth.", one.inputs[0].file,
            )  # fmt: skip
    spelling = {normal(label): label for label in model.stains}
    if stained:
        fields = [
            type(one)(one.name, one.inputs, {spelling.get(normal(k), k): v for k, v in one.targets.items()},
                      {spelling.get(normal(k), k): v for k, v in one.masks.items()}, one.tags, one.pixel_size)
            for one in fields
        ]  # fmt: skip
    how = making.reading(fields, model.planes, model.stains if stained else (), model.manifest["prepare"])

    def each() -> Iterator[Opened]:
        for one in fields:
            with tempfile.TemporaryDirectory(prefix="cytowizard-", ignore_cleanup_errors=True) as place:
                entries = making.store(Path(place), [one], how, lambda *_: None, survey.cues)
                made = FieldSet(Path(place), how.labels, model.planes, model.levels, entries, [], [])
                yield Opened(entries[0], made.view(0), [whole_of(entries[0])])

    yield Source(len(fields), each, "fields that were not used for training", survey.skipped, survey.cues)


def _found(model: StainModel, inputs: Sequence[str]) -> Survey:
    """Look for fields, first by the names of transmitted light that the model knows."""
    named = tuple(str(name) for name in model.manifest.get("light", []))
    if named:
        try:
            return find_fields(inputs, Wish(named))
        except UserError:
            return find_fields(inputs, Wish())
    return find_fields(inputs, Wish())


def _own(model: StainModel, project: Project) -> Source:
    made = open_set(project.root / "data" / "pictures.fields")
    if made.planes != model.planes or list(made.prepared) != list(model.manifest["prepare"]):
        raise UserError(
            "The fields of this project do not fit the model.",
            f"The model learnt {model.planes} planes; the fields have {made.planes}, or were prepared differently.",
            "Parse the pictures again with the same settings, or choose the folder with the pictures.",
        )
    made.levels = {name: model.levels.get(name, levels) for name, levels in made.levels.items()}

    def each() -> Iterator[Opened]:
        for at, entry in enumerate(made.fields):
            held, trained = ([one for one in part if one.view == at] for part in (made.holdout, made.train))
            yield Opened(entry, made.view(at, model.stains), held, trained)

    return Source(len(made.fields), each, made.split_by, fields=made)


def stain_of(labels: Sequence[str], wanted: str, words: Sequence[str]) -> str:
    """Return the stain that is wanted, or the first whose name has one of the words; "" for none.

    Raises UserError for a name that no stain has.
    """
    if wanted.casefold() == "none":
        return ""
    if wanted and wanted != "auto":
        for label in labels:
            if normal(label) == normal(wanted):
                return label
        raise UserError(
            f"There is no stain called {wanted}.", f"Known are: {', '.join(labels)}.", "Choose one of these."
        )
    for word in words:
        for label in labels:
            if word in normal(label):
                return label
    return ""
