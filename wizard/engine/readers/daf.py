"""Analysis files of IDEAS (.daf): an XML text, which values in binary form may follow (fact sheet, section 8)."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import numpy as np
from defusedxml.ElementTree import DefusedXMLParser
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.daf_gates import Gating, Population, Region, combined, evaluate
from wizard.engine.readers.daf_objects import (
    ARRAYS,
    CUT,
    MOST_CHANNELS,
    SCALARS,
    Objects,
    number,
    numbers,
    objects,
    records,
    table,
)

_END = b"</Assay>"
_CHUNK = 1 << 20
_HEAD = 1 << 13
_MOST_VALUES = 1 << 28  # of populations and of combined features: far more than IDEAS itself could handle


@dataclass(frozen=True, slots=True)
class Image:
    """An image as the analysis calls it: `number` is the instrument's channel (from 1), `colour` a .NET name.

    An image that is computed from others has the number 0.
    """

    name: str
    number: int
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Statistic:
    """What IDEAS itself worked out for a feature of a population; NaN where it did not."""

    population: str
    feature: str
    count: float
    mean: float
    nans: float


@dataclass(slots=True)
class Analysis:
    """An IDEAS analysis of `count` objects.

    `images_file` is the name of the .cif without its folder; `of_images` is False for an analysis of an FCS file;
    `features` maps a name to (kind, definition); `values` a name to `count` float64 values;
    `failed` the combined features that cannot be worked out, with the reason; `objects` is None without images.
    """

    images_file: str = ""
    of_images: bool = True
    version: str = ""
    count: int = 0
    images: list[Image] = field(default_factory=list)
    masks: dict[str, str] = field(default_factory=dict)
    features: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)
    populations: list[Population] = field(default_factory=list)
    statistics: list[Statistic] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    objects: Objects | None = None

    def gating(self) -> Gating:
        """Work out which object is in which population."""
        ids = np.arange(self.count) if self.objects is None else self.objects.ids
        return evaluate(self.populations, self.regions, self.values, ids)


def read(path: Path) -> Analysis:
    """Read an analysis with all feature values.

    Raises Unreadable when the file is damaged, cut off, or no IDEAS analysis.
    """
    try:
        with path.open("rb") as file:
            assay = _Assay()
            end = _feed(file, assay, lambda: False)
            file.seek(0, 2)
            left = file.tell() - end
            file.seek(end)
            if assay.binary:
                _read_binary(file, left, assay)
            else:
                _no_more(file)
    except OSError as error:
        raise Unreadable(f"The analysis cannot be read: {error.strerror}.") from None
    return assay.finished()


def head(path: Path) -> tuple[str, bool]:
    """Return the name of the image file that an analysis is about ("" = none), and whether it holds images.

    Raises Unreadable when the beginning of the file is damaged or no IDEAS analysis.
    """
    try:
        with path.open("rb") as file:
            assay = _Assay()
            _feed(file, assay, lambda: assay.seen, _HEAD)
    except OSError as error:
        raise Unreadable(f"The analysis cannot be read: {error.strerror}.") from None
    return assay.found.images_file, assay.found.of_images


def _feed(file: BinaryIO, assay: _Assay, enough: Callable[[], bool], size: int = _CHUNK) -> int:
    """Parse the XML text; return where it ends. Stops early when there is enough."""
    parser = DefusedXMLParser(target=assay, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    rest, position = b"", 0
    try:
        while chunk := file.read(size):
            text = rest + chunk
            end = text.find(_END)
            if end >= 0:
                parser.feed(text[: end + len(_END)])
                parser.close()
                return position + end + len(_END)
            safe = max(0, len(text) - len(_END) + 1)
            parser.feed(text[:safe])
            rest, position = text[safe:], position + safe
            if enough():
                return position
    except (ParseError, ValueError, LookupError):  # a forbidden entity is a ValueError, an unknown encoding either
        raise Unreadable("The file is not an IDEAS analysis, or it is damaged.") from None
    raise Unreadable(CUT if assay.found.version or assay.seen else "The file is not an IDEAS analysis.")


def _no_more(file: BinaryIO) -> None:
    while chunk := file.read(_CHUNK):
        if chunk.strip(b"\0 \t\r\n"):
            raise Unreadable("The analysis is damaged: there is more after its end.")


class _Assay:
    """Takes the elements of the XML text one by one, so that no tree of them is built."""

    def __init__(self) -> None:
        self.found = Analysis()
        self.seen = False
        self.binary = False
        self._path: list[str] = []
        self.channels = 0
        self._stored: dict[int, NDArray[np.float64]] = {}
        self._names: list[str] = []
        self._corners: tuple[dict[str, str], list[float], list[float]] | None = None
        self._population: tuple[dict[str, str], list[int]] | None = None
        self._columns: dict[str, list[str]] = defaultdict(list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        parent = self._path[-1] if self._path else ""
        self._path.append(tag)
        if not parent and tag != "Assay":
            raise Unreadable("The file is not an IDEAS analysis.")
        take = _TAKE.get(("SOD" if parent == "FCS" else parent, tag))
        if take is not None:
            take(self, attributes)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        self._path.pop()
        if tag == "Region" and self._corners is not None:
            given, xs, ys = self._corners
            self._corners = None
            self.found.regions.append(
                Region(
                    given.get("label", ""), given.get("type", ""), np.array(xs), np.array(ys),
                    given.get("xlogrange", "P"), given.get("ylogrange", "P"),
                )
            )  # fmt: skip
        elif tag == "Pop" and self._population is not None:
            one, members = self._population
            self._population = None
            texts = {key: one.get(key, "") for key in ("name", "base", "definition", "region", "fx", "fy")}
            self.found.populations.append(
                Population(kind=one.get("type", ""), objects=np.array(members, np.int64), **texts)
            )

    def close(self) -> None:
        """End the text."""

    def assay(self, given: dict[str, str]) -> None:
        """Take the root."""
        self.found.version = given.get("IDEAS_version", "")
        self.binary = given.get("binaryfeatures", "").casefold() == "true"

    def subject(self, given: dict[str, str]) -> None:
        """Take the image file's name and the number of objects."""
        if self.seen:
            raise Unreadable("The analysis is damaged: it is about several files.")
        self.seen = True
        self.found.of_images = self._path[-1] == "SOD"
        self.found.images_file = PureWindowsPath(given.get("file", "")).name
        self.found.count = _whole(given.get("objcount", ""), "number of objects")
        self.binary = self.binary and self.found.of_images

    def presets(self, given: dict[str, str]) -> None:
        """Take the number of channels."""
        self.channels = _whole(given.get("count", "0"), "number of channels")

    def image(self, given: dict[str, str]) -> None:
        """Take a channel."""
        channel = number(given.get("physicalChannel", ""))
        derived = bool(given.get("function") or given.get("baseimage")) or channel not in range(MOST_CHANNELS)
        place = 0 if derived else int(channel) + 1
        self.found.images.append(Image(given.get("name", ""), place, given.get("color", "")))

    def mask(self, given: dict[str, str]) -> None:
        """Take a mask's definition."""
        self.found.masks[given.get("name", "")] = given.get("def", "")

    def feature(self, given: dict[str, str]) -> None:
        """Take a feature's definition."""
        self._names.append(given.get("name", ""))
        self.found.features.setdefault(self._names[-1], (given.get("type", ""), given.get("def", "")))

    def feature_values(self, given: dict[str, str]) -> None:
        """Take a feature's values."""
        self.store(_whole(given.get("fid", ""), "number of a feature"), numbers(given.get("fv", "")))

    def object(self, given: dict[str, str]) -> None:
        """Take an object's place in the image file."""
        for key in SCALARS:
            self._columns[key].append(given.get(key, "nan"))
        for key in ARRAYS:
            self._columns[key].append(given.get(key, ""))

    def region(self, given: dict[str, str]) -> None:
        """Take a region; its corners follow."""
        self._corners = (given, [], [])

    def corner(self, given: dict[str, str]) -> None:
        """Take a corner of a region."""
        if self._corners is None:
            raise Unreadable("The analysis is damaged: a corner is in the wrong place.")
        self._corners[1].append(number(given.get("x", "")))
        self._corners[2].append(number(given.get("y", "")))

    def population(self, given: dict[str, str]) -> None:
        """Take a population; its objects may follow."""
        self._population = (given, [])

    def member(self, given: dict[str, str]) -> None:
        """Take an object of a population."""
        if self._population is None:
            raise Unreadable("The analysis is damaged: an object is in the wrong place.")
        self._population[1].append(_whole(given.get("O", ""), "number of an object"))

    def statistic(self, given: dict[str, str]) -> None:
        """Take a population's statistics."""
        figures = [number(given.get(key, "")) for key in ("count", "mean", "nans")]
        self.found.statistics.append(Statistic(given.get("population", ""), given.get("feature", ""), *figures))

    def store(self, place: int, values: NDArray[np.float64]) -> None:
        """Keep a feature's values."""
        if place >= len(self._names) or place in self._stored or len(values) != self.found.count:
            raise Unreadable("The analysis is damaged: its feature values do not fit its features and objects.")
        self._stored[place] = values

    def finished(self) -> Analysis:
        """Return the analysis when all is read."""
        found = self.found
        if not self.seen:
            raise Unreadable("The file is an IDEAS analysis without objects.")
        if found.objects is None and self._columns:
            found.objects = objects(table(self._columns), found.count, self.channels)
        # in the order of the features; where two have one name the first counts
        for place in sorted(self._stored):
            found.values.setdefault(self._names[place], self._stored[place])
        if found.count and found.objects is None and not found.values:
            raise Unreadable("The analysis has neither objects nor feature values.")
        waiting = {
            name: made
            for name, (kind, made) in found.features.items()
            if kind == "combined" and name not in found.values
        }
        if max(len(waiting), len(found.populations)) * found.count > _MOST_VALUES:
            raise Unreadable("The analysis has too many populations or combined features.")
        more, found.failed = combined(waiting, found.values)
        found.values.update(more)
        return found


_TAKE: dict[tuple[str, str], Callable[[_Assay, dict[str, str]], None]] = {
    ("", "Assay"): _Assay.assay,
    ("Assay", "SOD"): _Assay.subject,
    ("Assay", "FCS"): _Assay.subject,
    ("SOD", "ChannelPresets"): _Assay.presets,
    ("Images", "image"): _Assay.image,
    ("masks", "mask"): _Assay.mask,
    ("DefinedFeatures", "UDF"): _Assay.feature,
    ("FeatureValues", "UDFValues"): _Assay.feature_values,
    ("SOD", "SO"): _Assay.object,
    ("Regions", "Region"): _Assay.region,
    ("Region", "axy"): _Assay.corner,
    ("Pops", "Pop"): _Assay.population,
    ("Pop", "ob"): _Assay.member,
    ("PopulationStatistics", "PopStatistic"): _Assay.statistic,
}


def _whole(text: str, what: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise Unreadable(f"The analysis is damaged: the {what} is “{text[:20]}”.")


def _read_binary(file: BinaryIO, left: int, assay: _Assay) -> None:
    """Read feature values and objects, which lie packed one after the other up to the end of the file."""
    mark = file.read(1)
    while mark in (b"\r", b"\n"):
        mark, left = file.read(1), left - 1
    version, features, count = _unpack(file, "<xIII")
    left -= 14
    if mark != b"\0" or version != 1 or count != assay.found.count:
        raise Unreadable("The analysis is damaged, or its values are stored in a way that is not known.")
    if features * (4 + 8 * count) > left:
        raise Unreadable(CUT)
    for _ in range(features):
        assay.store(_unpack(file, "<I")[0], np.frombuffer(file.read(8 * count), "<f8").astype(np.float64))
    left -= features * (4 + 8 * count)
    if _unpack(file, "<I")[0] != count:
        raise Unreadable("The analysis is damaged: its numbers of objects differ.")
    rows = file.read(left)
    if count:
        assay.found.objects = objects(records(rows, count), count, assay.channels)
    elif rows:
        raise Unreadable("The analysis is damaged: there is more after its end.")


def _unpack(file: BinaryIO, form: str) -> tuple[int, ...]:
    data = file.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise Unreadable(CUT)
    return struct.unpack(form, data)
