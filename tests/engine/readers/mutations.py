"""Damages a file in many ways and reads each result."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np

from wizard.engine.readers.base import Cell, Lost, Reading, Unreadable

try:
    import resource
except ImportError:
    resource = None

HOW = Reading()


def _peak() -> float:
    """The most memory that the process has had, in bytes; 0 on Windows."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 if resource else 0


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    if rng.random() < 0.2:
        return bytes(changed[: rng.integers(0, len(changed))])
    for _ in range(rng.integers(1, 6)):
        changed[rng.integers(0, len(changed))] = rng.choice([0, 1, 127, 128, 255, rng.integers(0, 256)])
    return bytes(changed)


def read_all(reader, root: Path, path: Path):
    """Check and read a file; returns the contents and the answers of all sources."""
    sources, skipped = reader.claim(root, [path], HOW)
    assert not skipped
    (source,) = sources
    contents = reader.check(source, HOW)
    numbers = [channel.number for channel in contents.channels]
    assert len(set(numbers)) == len(numbers)
    answers = list(reader.cells(source, contents, numbers, range(len(contents))))
    assert len(answers) == len(contents)
    for answer, number in zip(answers, contents.objects, strict=True):
        assert answer.object == number
        if isinstance(answer, Cell):
            assert answer.image.dtype == contents.dtype
            assert answer.image.shape == (len(numbers), contents.heights[0], contents.widths[0])
            assert answer.mask is None or (answer.mask.shape == answer.image.shape and answer.mask.dtype == np.uint8)
        else:
            assert isinstance(answer, Lost) and answer.why
    return contents, answers


def survive(reader, seed: Path, count: int, folder: Path) -> Counter:
    """Read `count` damaged copies of a file; every one ends in cells, Lost or Unreadable, in little time and memory."""
    data, outcomes = seed.read_bytes(), Counter()
    path = folder / f"damaged{seed.suffix}"
    memory = _peak()
    for number in range(count):
        path.write_bytes(mutate(data, np.random.default_rng(number)))
        begin = time.monotonic()
        try:
            _, answers = read_all(reader, folder, path)
            outcomes["lost" if any(isinstance(each, Lost) for each in answers) else "cells"] += 1
        except Unreadable as error:
            assert str(error)
            outcomes["unreadable"] += 1
        assert time.monotonic() - begin < 5
    assert _peak() - memory < 500e6
    assert outcomes["unreadable"] > count / 20
    return outcomes
