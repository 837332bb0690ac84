"""Every format, damaged in a thousand ways, from the input folder to the pixels.

Whatever the damage: cells, lost cells, files that are left out with a reason, or a UserError, within 5 s and 500 MB.
"""

from __future__ import annotations

import sys
import time
import warnings
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.engine.readers.seeds import SEEDS, make
from wizard.engine.data.channels import kept_channels
from wizard.engine.data.gather import gather
from wizard.engine.data.reading import read
from wizard.engine.errors import UserError
from wizard.engine.readers.base import Cell, Lost
from wizard.parse_plan import ParsePlan

try:
    import resource
except ImportError:
    resource = None

_SECONDS, _BYTES = 5, 500e6
_LOW = [0, 1, 2, 3, 7, 8, 16, 255]
_TEXTS = [b"9" * 40, b"-1", b"1e308", b"NaN", b'"', b"[[[[", b"\xff\xfe", b"\n\n", b"../", b"\0", b"null", b"</", b",,"]


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """Change a file in one of the ways in which files break, or in which someone would break them."""
    changed = bytearray(data)
    size = len(changed)
    if not size:
        return bytes(rng.integers(0, 256, rng.integers(1, 9)).astype(np.uint8))
    values = np.frombuffer(data, np.uint8)
    digits = np.flatnonzero((values >= 48) & (values < 58))
    for _ in range(rng.choice([1, 1, 2, 4])):
        at, length = int(rng.integers(0, len(changed) or 1)), int(rng.choice([1, 2, 4, 8, 16, 64]))
        match rng.integers(0, 13):
            case 0 | 1:
                changed[at : at + 1] = bytes([byte ^ (1 << int(rng.integers(0, 8))) for byte in changed[at : at + 1]])
            case 2 | 3:
                changed[at : at + 1] = bytes([int(rng.choice([0, 1, 127, 128, 255]))])
            case 4 | 5:
                changed[at : at + length] = number(rng, min(length, 8), size)
            case 6 | 10 | 11 if len(digits):
                at = int(rng.choice(digits))
                changed[at : at + 1] = rng.choice([b"0", b"9", b"5", b"-1", b"77777777", b"3.5"]).tobytes()
            case 7:
                del changed[at:]
            case 8:
                del changed[at : at + length]
            case 9:
                other = int(rng.integers(0, len(changed) or 1))
                changed[at : at + length], changed[other : other + length] = (
                    changed[other : other + length], changed[at : at + length],
                )  # fmt: skip
            case _:
                changed[at:at] = _TEXTS[rng.integers(0, len(_TEXTS))] if length < 8 else changed[at : at + length]
    return bytes(changed)


def number(rng: np.random.Generator, length: int, size: int) -> bytes:
    """Return a whole number of 1 to 8 bytes as files should not have it."""
    most = (1 << (8 * length)) - 1
    values = [*_LOW, most, most - 1, most // 2, most // 2 + 1, size - 1, size, int(rng.integers(0, size)), 1 << 32]
    return (values[rng.integers(0, len(values))] & most).to_bytes(length, "little" if rng.random() < 0.8 else "big")


@dataclass
class Outcome:
    """What came of an input: cells by source and object number, the number of lost ones, the tags."""

    end: str = "refused"
    cells: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)
    tags: dict[str, set[tuple[str, int, str]]] = field(default_factory=dict)


def quiet(fraction: float, label: str = "") -> None:
    """Tell nobody."""


def outcome(given: dict) -> Outcome:
    """Gather and read everything, as Parse does; warnings count as failures."""
    plan = ParsePlan(**given)
    found = Outcome()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Of headers that Python 2 wrote; they can be read.
        warnings.filterwarnings("ignore", "Reading `.npy`", UserWarning)
        try:
            gathered = gather(plan, quiet)
            kept = kept_channels(gathered.roster, plan.channels, plan.colour)
        except UserError as error:
            assert all(line.strip() for line in error.lines()) and error.what
            return found
        assert all(item.why.strip() and item.file for item in gathered.skipped)
        assert all(cue.subject and cue.text.strip() for cue in gathered.cues)
        roster = gathered.roster
        rows = np.arange(len(roster))
        answers = list(read(roster, rows, kept, plan.colour))
    check(roster, kept, answers, found)
    return found


def check(roster, kept, answers, found: Outcome) -> None:
    """Compare what was read with what the contents declared."""
    assert [row for row, _ in answers] == list(range(len(roster)))
    sources = roster.sources.tolist()
    names = list(zip(sources, roster.column("objects").tolist(), strict=True))
    assert len(set(names)) == len(names) == len(set(roster.cell_ids()))
    for name, values in roster.tags.items():
        assert len(values) == len(names) and all(isinstance(value, str) for value in values)
        found.tags[name] = {(*key, value) for key, value in zip(names, values, strict=True) if value}
    for name in roster.measurements:
        assert len(roster.measurement(name)) == len(names)
    places = [roster.optional("centres", 2), roster.optional("extents", 1), roster.optional("boxes", 4)]
    assert all(place is None or len(place) == len(names) for place in places)
    heights, widths = roster.column("heights"), roster.column("widths")
    for (row, answer), key in zip(answers, names, strict=True):
        contents = roster.entries[roster.entry[row]].contents
        assert answer.object == key[1]
        if isinstance(answer, Lost):
            assert answer.why.strip()
            continue
        assert isinstance(answer, Cell)
        assert answer.image.shape == (len(kept), heights[row], widths[row])
        assert answer.image.dtype == contents.dtype and answer.image.dtype.kind in "uif"
        assert answer.image.dtype.isnative and np.isfinite(answer.image).all()
        if answer.mask is not None:
            assert contents.masks
            assert answer.mask.shape == answer.image.shape and answer.mask.dtype == np.uint8
        found.cells[key] = answer.image
    found.end = "cells" if len(found.cells) == len(names) else "lost"


def peak() -> float:
    """Return the most memory that the process has had, in bytes; 0 on Windows."""
    if resource is None:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def survive(name: str, count: int, folder: Path, start: int = 0) -> Counter:
    """Damage a seed `count` times, one file at a time, and look at what comes of each."""
    seed, given = make(name, folder)
    whole = outcome(given)
    assert whole.end == "cells" and len(whole.cells) == seed.cells
    files = sorted(path for path in folder.glob(seed.hit) if path.is_file())
    sure = {path for path in folder.glob(seed.sure) if path.is_file()} if seed.sure else set()
    sound = {path: path.read_bytes() for path in files}
    ends, memory, key = Counter(), peak(), zlib.crc32(name.encode())
    for turn in range(start, start + count):
        rng = np.random.default_rng([key, turn])
        victim = files[rng.integers(0, len(files))]
        victim.write_bytes(damaged(sound[victim], rng))
        begin = time.monotonic()
        try:
            found = outcome(given)
            assert time.monotonic() - begin < _SECONDS, "too slow"
            assert peak() - memory < _BYTES, "too much memory"
            if victim in sure:
                same(found, whole, seed.sure_tags)
        except BaseException as error:
            error.add_note(f"damage {turn} of {name} in {victim.relative_to(folder)}")
            raise
        ends[found.end] += 1
        victim.write_bytes(sound[victim])
    return ends


def same(found: Outcome, whole: Outcome, tags: bool) -> None:
    """Make sure that every cell has the pixels of the seed and, where check sums cover them, its tags."""
    for key, image in found.cells.items():
        assert key in whole.cells, "a cell that the seed does not have"
        np.testing.assert_array_equal(image, whole.cells[key])
    if tags:
        assert all(values <= whole.tags.get(name, set()) for name, values in found.tags.items())


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files(tmp_path, name):
    survive(name, SEEDS[name].turns, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_many_damaged_files(tmp_path, name):
    survive(name, 10_000, tmp_path, start=1000)
