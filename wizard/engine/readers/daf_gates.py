"""Populations of an IDEAS analysis: gates, boolean definitions and combined features (fact sheet, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Members = NDArray[np.bool_]
Value = TypeVar("Value")

MOST_CORNERS = 4096
_MOST_PARTS = 16  # a name may hold the separator itself, but not without end
_LOGIC = {"Or": 1, "And": 2, "Not": 3}
_ARITHMETIC = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 3, "ABS": 4, "COS": 4, "SIN": 4, "SQR": 4, "SQRT": 4}
_BRACKETS = ("(", ")")
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "negative": np.negative,
    "ABS": np.abs, "COS": np.cos, "SIN": np.sin, "SQR": np.square, "SQRT": np.sqrt,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Region:
    """A gate's outline: `kind` is line, rect, oval or poly; `xs`, `ys` its corners.

    `x_log`, `y_log` are "P" for a linear axis, else the value up to which the axis is linear.
    """

    label: str
    kind: str
    xs: Values
    ys: Values
    x_log: str = "P"
    y_log: str = "P"


@dataclass(frozen=True, slots=True)
class Population:
    """A population: `kind` is B (all), G (gate), C (boolean definition) or T (list of objects)."""

    name: str
    kind: str
    base: str = ""
    definition: str = ""
    region: str = ""
    fx: str = ""
    fy: str = ""
    objects: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(slots=True)
class Gating:
    """Which object is in which population (n objects), in the order of the file.

    `depths`: how far a population lies below the whole: its base and all populations that its definition
    requires lie above it. `failed`: population → why it cannot be worked out, in words.
    """

    members: dict[str, Members] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class GateError(Exception):
    """A population or feature that cannot be worked out, with the reason in words."""


def evaluate(
    populations: Sequence[Population], regions: Sequence[Region], values: Mapping[str, Values], ids: NDArray[np.int64]
) -> Gating:
    """Work out all populations of n objects: `values` feature → n values, `ids` the objects' numbers.

    NaN belongs to no gate. Populations that cannot be worked out are in `failed`; nothing is raised.
    """
    found = Gating()
    known = {population.name: population for population in reversed(populations)}
    doubled = _doubled(population.name for population in populations)
    found.failed.update(dict.fromkeys(doubled, "several populations have this name"))
    work = _Work(known, {region.label: region for region in regions}, _doubled(r.label for r in regions), values, ids)
    order, circle = _ordered({name: work.needs(one) for name, one in known.items()})
    for name in (name for name in order if name in known and name not in doubled):
        try:
            with np.errstate(all="ignore"):
                found.members[name], found.depths[name] = work.members(known[name], found)
        except GateError as error:
            found.failed[name] = str(error)
    found.failed.update(dict.fromkeys(circle, "its definition goes round in a circle"))
    kept = [population.name for population in populations if population.name in found.members]
    found.members = {name: found.members[name] for name in kept}
    return found


@dataclass(frozen=True, slots=True)
class _Work:
    """What is needed to work out one population after the other."""

    known: Mapping[str, Population]
    regions: Mapping[str, Region]
    doubled: Collection[str]
    values: Mapping[str, Values]
    ids: NDArray[np.int64]

    def needs(self, population: Population) -> list[str]:
        """Name the populations that must be known first."""
        needed = [population.base] if population.base in self.known and population.kind != "B" else []
        if population.kind == "C":
            with suppress(GateError):
                needed += [text for text, name in split(population.definition, self.known, _LOGIC) if name]
        return needed

    def members(self, population: Population, found: Gating) -> tuple[Members, int]:
        """Return who belongs to a population, and its depth."""
        if population.kind == "B":
            return np.ones(len(self.ids), np.bool_), 0
        base = _given(population.base, found) if population.base else np.ones(len(self.ids), np.bool_)
        depth = found.depths.get(population.base, 0)
        if population.kind == "G":
            return base & self._gate(population), depth + 1
        if population.kind == "C":
            within, required = self._defined(population, found)
            return base & within, 1 + max([depth, *(found.depths[name] for name in required)])
        if population.kind == "T":
            if not np.isin(population.objects, self.ids).all():
                raise GateError("it lists objects that the analysis does not have")
            return np.isin(self.ids, population.objects), depth + 1
        raise GateError(f"its kind “{population.kind}” is not known")

    def _gate(self, population: Population) -> Members:
        region = self.regions.get(population.region)
        if region is None:
            raise GateError(f"there is no region “{population.region}”")
        if region.label in self.doubled:
            raise GateError(f"several regions are called “{region.label}”")
        x = self._feature(population.fx)
        return inside(region, x, x if region.kind == "line" else self._feature(population.fy))

    def _feature(self, name: str) -> Values:
        if name not in self.values:
            raise GateError(f"the feature “{name}” has no values")
        return self.values[name]

    def _defined(self, population: Population, found: Gating) -> tuple[Members, frozenset[str]]:
        def apply(operator: str, parts: list[tuple[Members, frozenset[str]]]) -> tuple[Members, frozenset[str]]:
            first, last = parts[0], parts[-1]
            if operator == "Not":
                return ~first[0], frozenset()
            if operator == "And":
                return first[0] & last[0], first[1] | last[1]
            return first[0] | last[0], first[1] & last[1]

        def operand(name: str) -> tuple[Members, frozenset[str]]:
            return _given(name, found), frozenset([name])

        return solve(split(population.definition, self.known, _LOGIC), _LOGIC, ("Not",), operand, apply)


def _given(name: str, found: Gating) -> Members:
    if name in found.members:
        return found.members[name]
    if name in found.failed:
        raise GateError(f"it rests on “{name}”, which cannot be worked out either")
    raise GateError(f"there is no population “{name}”")


def _doubled(names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]


def _ordered(needs: Mapping[str, Iterable[str]]) -> tuple[list[str], list[str]]:
    """Return names so that each comes after what it needs, and those that a circle keeps from having a place."""
    sorter = TopologicalSorter(needs)
    with suppress(CycleError):  # it still gives those that no circle holds up
        sorter.prepare()
    order: list[str] = []
    while ready := sorter.get_ready():
        order.extend(ready)
        sorter.done(*ready)
    placed = set(order)
    return order, [name for name in needs if name not in placed]


def inside(region: Region, x: Values, y: Values) -> Members:
    """Tell which points (n x and n y values) lie in a region, borders included; NaN never does.

    Raises GateError when the region's outline makes no sense.
    """
    corners = len(region.xs)
    if np.isnan(region.xs).any() or np.isnan(region.ys).any():
        raise GateError(f"the corners of the region “{region.label}” are not numbers")
    if region.kind not in ("line", "rect", "oval", "poly"):
        raise GateError(f"the shape “{region.kind}” of the region “{region.label}” is not known")
    if not (3 <= corners <= MOST_CORNERS if region.kind == "poly" else corners == 2):
        raise GateError(f"the region “{region.label}” has {corners} corners")
    if region.kind == "line":
        return _between(x, region.xs)
    if region.kind == "rect":
        return _between(x, region.xs) & _between(y, region.ys)
    x, xs = _scaled(x, region.x_log), _scaled(region.xs, region.x_log)
    y, ys = _scaled(y, region.y_log), _scaled(region.ys, region.y_log)
    within = _between(x, xs) & _between(y, ys)
    near = np.flatnonzero(within)
    within[near] = (_in_oval if region.kind == "oval" else _in_polygon)(x[near], y[near], xs, ys)
    return within


def _between(values: Values, ends: Values) -> Members:
    return (values >= ends.min()) & (values <= ends.max())


def _scaled(values: Values, log: str) -> Values:
    """Return values on a display axis: linear, or linear up to `log` and logarithmic beyond."""
    if log == "P":
        return values
    try:
        linear = float(log)
    except ValueError:
        linear = 0.0
    if not (linear > 0 and np.isfinite(linear)):
        raise GateError(f"the axis scale “{log}” makes no sense")
    size = np.abs(values) / linear
    return np.where(size <= 1, values / linear, np.sign(values) * (1 + np.log(np.maximum(size, 1))))


def _in_oval(x: Values, y: Values, xs: Values, ys: Values) -> Members:
    """Tell which points of a box lie in the ellipse that fills it."""
    half_width, half_height = np.ptp(xs) / 2, np.ptp(ys) / 2
    if half_width == 0 or half_height == 0:
        return np.ones(len(x), np.bool_)  # a line: its box is all there is
    return ((x - xs.mean()) / half_width) ** 2 + ((y - ys.mean()) / half_height) ** 2 <= 1


def _in_polygon(x: Values, y: Values, xs: Values, ys: Values) -> Members:
    """Tell which points lie in a polygon by the number of its edges to their right; points on an edge do."""
    odd = np.zeros(len(x), np.bool_)
    on_edge = np.zeros(len(x), np.bool_)
    for x1, y1, x2, y2 in zip(xs, ys, np.roll(xs, -1), np.roll(ys, -1), strict=True):
        side = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        on_edge |= (side == 0) & _between(x, np.array([x1, x2])) & _between(y, np.array([y1, y2]))
        odd ^= ((y1 <= y) != (y2 <= y)) & ((side > 0) == (y2 > y1))
    return odd | on_edge


def combined(definitions: Mapping[str, str], values: Mapping[str, Values]) -> tuple[dict[str, Values], dict[str, str]]:
    """Work out features that are defined by others: name → definition.

    Returns their values and, for those that cannot be worked out, the reason in words.
    """
    known = {**dict.fromkeys(definitions), **values}
    parts: dict[str, list[tuple[str, bool]]] = {}
    failed: dict[str, str] = {}
    for name, definition in definitions.items():
        try:
            parts[name] = split(definition, known, _ARITHMETIC.keys() - {"negative"}, scalars=True)
        except GateError as error:
            failed[name] = str(error)
    order, circle = _ordered({name: [text for text, is_name in used if is_name] for name, used in parts.items()})
    done = dict(values)
    size = len(next(iter(values.values()), ()))
    for name in (name for name in order if name in parts):
        try:
            with np.errstate(all="ignore"):
                done[name] = np.array(np.broadcast_to(_computed(parts[name], done), size), np.float64)
        except GateError as error:
            failed[name] = str(error)
    failed.update(dict.fromkeys(circle, "its definition goes round in a circle"))
    return {name: done[name] for name in definitions if name in done}, failed


def _computed(parts: list[tuple[str, bool]], values: Mapping[str, Values]) -> Any:
    def operand(text: str) -> Any:
        if text in values:
            return values[text]
        try:
            return np.float64(text)
        except ValueError:
            raise GateError(f"the feature “{text}” has no values") from None

    def apply(operator: str, operands: list[Any]) -> Any:
        return _FUNCTIONS[operator](*operands)

    return solve(parts, _ARITHMETIC, ("negative", "ABS", "COS", "SIN", "SQR", "SQRT"), operand, apply)


def split(
    definition: str, names: Collection[str], operators: Collection[str], scalars: bool = False
) -> list[tuple[str, bool]]:
    """Split a definition at "|" into (text, is a name or number); the longest known name wins.

    Names may hold "|" themselves. Raises GateError for what is no name, operator or bracket.
    """
    parts = definition.split("|")
    longest = min(_MOST_PARTS, max((name.count("|") + 1 for name in names), default=1) if len(parts) > 1 else 1)
    found: list[tuple[str, bool]] = []
    at = 0
    while at < len(parts):
        lengths = range(min(longest, len(parts) - at), 0, -1)
        text = parts[at].strip()
        taken = next((length for length in lengths if "|".join(parts[at : at + length]) in names), 0)
        if taken > 1 or (taken and text not in operators and text not in _BRACKETS):
            found.append(("|".join(parts[at : at + taken]), True))
        elif text in operators or text in _BRACKETS:
            found.append((text, False))
            taken = 1
        elif scalars and _is_number(text):
            found.append((text, True))
            taken = 1
        else:
            raise GateError(f"its definition names “{text}”, which is not known")
        at += taken
    return found


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def solve(
    parts: Iterable[tuple[str, bool]],
    ranks: Mapping[str, int],
    prefixes: Collection[str],
    operand: Callable[[str], Value],
    apply: Callable[[str, list[Value]], Value],
) -> Value:
    """Work out an expression (Dijkstra's shunting yard): operators of a higher rank bind closer.

    Raises GateError when brackets or operators do not fit.
    """
    done: list[Value] = []
    waiting: list[str] = []

    def settle(rank: int) -> None:
        while waiting and waiting[-1] != "(" and ranks[waiting[-1]] >= rank:
            operator = waiting.pop()
            count = 1 if operator in prefixes else 2
            operands = done[-count:]
            del done[-count:]
            done.append(apply(operator, operands))

    wanted = True
    for text, is_operand in parts:
        if wanted:
            if is_operand:
                done.append(operand(text))
            else:
                text = "negative" if text == "-" and "negative" in prefixes else text
                if text != "(" and text not in prefixes:
                    raise GateError(f"its definition has “{text}” in the wrong place")
                waiting.append(text)
            wanted = not is_operand
        elif text == ")" and not is_operand:
            settle(0)
            if not waiting:
                raise GateError("a bracket of its definition was never opened")
            waiting.pop()
        elif not is_operand and text in ranks and text not in prefixes:
            settle(ranks[text])
            waiting.append(text)
            wanted = True
        else:
            raise GateError(f"its definition has “{text}” in the wrong place")
    if not wanted:
        settle(0)
    if wanted or waiting:
        raise GateError("its definition ends too early")
    return done[0]
