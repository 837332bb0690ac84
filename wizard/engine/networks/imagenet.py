"""Published ImageNet weights (Keras' `*_notop.h5` files) into a network, matched by layer and shape.

The file is read by our own guarded reader: nothing in it is executed, no link is followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError
from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.hdf5 import DataSet, Group, Hdf5

Arrays = dict[str, NDArray[Any]]
_DEEPEST = 8
_IGNORED = ("normalization", "rescaling")
"""Layers of the published networks that normalise photographs; ours leave that out."""
_NUMBERED = re.compile(r"((?:separable_|depthwise_)?conv2d|(?:batch|layer)_normalization|dense)(?:_(\d+))?")
"""Names that Keras gave by itself; it counts them over all networks of a session, in the order of making."""


def load(net: Any, path: Path, title: str) -> None:
    """Put the weights of a file into the layers of a network without its end (`title` is the user's word for it).

    A first convolution for red, green and blue is adapted to other channels: the mean of the three for each
    channel, times 3 / channels, so that the sums stay. Raises UserError when the file cannot be read or its
    layers are not those of the network.
    """
    try:
        with Hdf5(path) as file:
            stored = _layers_of(file)
    except Unreadable as error:
        raise UserError(
            f"The ImageNet weights {path.name} cannot be read.", str(error), "Choose the .h5 file that Keras published."
        ) from None
    wanted = {layer.name: layer for layer in net.layers if layer.weights}
    pairs = _pairs(list(wanted), stored, path, title)
    first = next(iter(wanted))
    ready = []
    for name, place in pairs:
        values = _ordered(wanted[name], stored[place], path, place)
        if name == first:
            values = _adapt(wanted[name], values)
        for weight, value in zip(wanted[name].weights, values, strict=True):
            if tuple(weight.shape) != value.shape:
                raise _misfit(path, f"The layer {place} has weights of {value.shape}, not {tuple(weight.shape)}.")
            if not np.isfinite(value).all():
                raise _misfit(path, f"The layer {place} has weights that are not numbers.")
            ready.append((weight, value))
    for weight, value in ready:
        weight.assign(value)


def _pairs(names: list[str], stored: dict[str, Arrays], path: Path, title: str) -> list[tuple[str, str]]:
    """Return (layer of the network, layer of the file): by name, and by rank where Keras only numbered them."""
    ours, theirs = _keys(names), _keys(stored)
    for key in [*ours, *theirs]:
        if key not in ours or key not in theirs:
            odd = ours.get(key) or theirs[key]
            where = "the file lacks" if key in ours else "the network lacks"
            raise _misfit(
                path, f"{title} has {len(names)} layers with weights, the file {len(stored)}; {where} {odd}, for one."
            )
    return [(name, theirs[key]) for key, name in ours.items()]


def _keys(names: Iterable[str]) -> dict[str, str]:
    """Return what a layer is called in every version → its name: automatic numbers become ranks."""
    numbered: dict[str, list[tuple[int, str]]] = {}
    keys: dict[str, str] = {}
    for name in names:
        found = _NUMBERED.fullmatch(name)
        if found:
            numbered.setdefault(found[1], []).append((int(found[2] or 0), name))
        else:
            keys[name.casefold().replace("batchnorm", "bn")] = name
    for kind, members in numbered.items():
        keys |= {f"{kind} {rank}": name for rank, (_, name) in enumerate(sorted(members), start=1)}
    return keys


def _ordered(layer: Any, arrays: Arrays, path: Path, place: str) -> list[NDArray[Any]]:
    """Return a layer's arrays in the order of its weights."""
    names = [weight.path.rsplit("/", 1)[-1] for weight in layer.weights]
    old = [f"depthwise_{name}" if name == "kernel" else name for name in names]
    for wanted in (names, old):
        if set(wanted) == set(arrays):
            return [arrays[name] for name in wanted]
    if len(arrays) == len(names) == 1:
        return list(arrays.values())
    raise _misfit(path, f"The layer {place} has the weights {', '.join(arrays)}, needed are {', '.join(names)}.")


def _adapt(layer: Any, values: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Spread a kernel of three channels over the channels of the first layer."""
    kernel, channels = values[0], layer.weights[0].shape[2] if len(layer.weights[0].shape) == 4 else 0
    if kernel.ndim == 4 and kernel.shape[2] == 3 and channels not in (0, 3):
        values[0] = np.repeat(kernel.mean(axis=2, keepdims=True), channels, axis=2) * np.float32(3 / channels)
    return values


def _layers_of(file: Hdf5) -> dict[str, Arrays]:
    """Return layer → name of the weight → values."""
    root = file.root()
    if "model_weights" in root.links:
        root = file.group(root, "model_weights")
    found: dict[str, Arrays] = {}
    for name in root.links:
        if not name.startswith(_IGNORED):
            for place, data in _data_sets(file, file.group(root, name), (name,)):
                found.setdefault(_layer_name(place), {})[data.name.split(":")[0]] = _values(file, data)
    return found


def _layer_name(place: tuple[str, ...]) -> str:
    """Return the layer to which the groups of a weight belong.

    A layer's name stands there twice, and in files of old it may have several parts: a/b/a/b is a_b, a/a is a.
    What is not repeated is a layer inside a layer, whose weights have names of their own.
    """
    half = len(place) // 2
    return "_".join(place[:half]) if place[:half] == place[half:] else place[0]


def _data_sets(file: Hdf5, group: Group, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], DataSet]]:
    if len(place) > _DEEPEST:
        raise Unreadable("The HDF5 file is damaged: its groups are nested too deep.")
    for name in group.links:
        if file.is_group(group, name):
            yield from _data_sets(file, file.group(group, name), (*place, name))
        else:
            yield place, file.data(group, name)


def _values(file: Hdf5, data: DataSet) -> NDArray[Any]:
    if data.dtype.kind != "f" or not data.shape:
        raise Unreadable(f"{data.name} holds no weights.")
    rows, step = data.shape[0], data.rows
    parts = [file.read(data, at, min(at + step, rows)) for at in range(0, rows, step)]
    return np.concatenate(parts).astype(np.float32)


def _misfit(path: Path, why: str) -> UserError:
    return UserError(
        f"The ImageNet weights {path.name} do not fit the network.",
        why,
        "Choose the file of the same network whose name ends in _notop.h5.",
    )
