"""Damaged files end in cells, in `Lost` or in `Unreadable`, never in another exception."""

from __future__ import annotations

import io
import struct
import time
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from wizard.engine.readers import READERS
from wizard.engine.readers.base import Cell, Lost, Reading, Unreadable

PICTURES, TIFF = READERS["Single pictures"], READERS["TIFF"]
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 255, (12, 10, 3)).astype(np.uint8)
STACK = RNG.integers(0, 4000, (6, 12, 10)).astype(np.uint16)

SEEDS = {
    "plain.tif": (STACK[0], {}),
    "deflate.tif": (STACK[0], {"compression": "zlib", "predictor": True, "rowsperstrip": 5}),
    "lzw.tif": (STACK[0], {"compression": "lzw", "rowsperstrip": 5}),
    "packbits.tif": (PIXELS[..., 0], {"compression": "packbits"}),
    "zstd.tif": (STACK[0], {"compression": "zstd", "tile": (16, 16)}),
    "jpeg.tif": (PIXELS, {"compression": "jpeg", "photometric": "rgb"}),
    "palette.tif": (
        PIXELS[..., 0],
        {"photometric": "palette", "colormap": RNG.integers(0, 65535, (3, 256), np.uint16)},
    ),
    "planar.tif": (np.moveaxis(PIXELS, -1, 0), {"photometric": "rgb", "planarconfig": "separate"}),
    "float.tif": (STACK[0].astype(np.float32), {}),
    "tiled.tif": (STACK[0], {"tile": (16, 16), "bigtiff": True, "byteorder": ">"}),
    "pages.tif": (STACK, {"photometric": "minisblack", "metadata": None}),
    "shaped.tif": (np.moveaxis(STACK, 0, -1), {"photometric": "minisblack"}),
    "imagej.tif": (STACK.reshape(2, 3, 12, 10), {"imagej": True, "metadata": {"axes": "TCYX"}}),
    "ome.ome.tif": (STACK.reshape(2, 3, 12, 10), {"metadata": {"axes": "TCYX", "Channel": {"Name": ["a", "b", "c"]}}}),
}


def seed_file(kind: str) -> bytes:
    stream = io.BytesIO()
    if kind in SEEDS:
        pixels, options = SEEDS[kind]
        options = {"photometric": "minisblack"} | options
        tifffile.imwrite(stream, pixels, ome=kind.startswith("ome"), **options)
    else:
        formats = {"png": "PNG", "jpg": "JPEG", "bmp": "BMP", "gif": "GIF"}
        Image.fromarray(PIXELS).save(stream, formats[kind.rpartition(".")[2]])
    return stream.getvalue()


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    if rng.random() < 0.3:
        return bytes(changed[: rng.integers(0, len(changed))])
    for _ in range(rng.integers(1, 6)):
        changed[rng.integers(0, len(changed))] = rng.integers(0, 256)
    return bytes(changed)


def walk(reader, path, how=None):
    """Claim, check and read a file; returns the cells or the reason."""
    how = how or Reading()
    (source,), _ = reader.claim(path.parent, [path], how)
    try:
        contents = reader.check(source, how)
    except Unreadable as error:
        assert str(error)
        return str(error)
    picks = range(min(len(contents), 50))
    assert len(contents) == len(contents.heights) == len(contents.widths)
    try:
        found = list(reader.cells(source, contents, [channel.number for channel in contents.channels], picks))
    except Unreadable as error:
        assert str(error)
        return str(error)
    assert len(found) == len(picks)
    for pick, cell in zip(picks, found, strict=True):
        if isinstance(cell, Lost):
            assert cell.why
            continue
        assert isinstance(cell, Cell)
        assert cell.object == contents.objects[pick]
        assert cell.image.shape == (len(contents.channels), contents.heights[pick], contents.widths[pick])
        assert cell.image.dtype == contents.dtype
        assert cell.image.dtype.kind in "uif"
    return found


def mutations(tmp_path, kind, number, seed):
    rng = np.random.default_rng(seed)
    data = seed_file(kind)
    path = tmp_path / kind
    reader = TIFF if kind.endswith("tif") else PICTURES
    for _ in range(number):
        path.write_bytes(mutate(data, rng))
        start = time.monotonic()
        walk(reader, path)
        assert time.monotonic() - start < 5


KINDS = [*SEEDS, "a.png", "a.jpg", "a.bmp", "a.gif"]


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_files(tmp_path, kind):
    assert not isinstance(
        walk(TIFF if kind.endswith("tif") else PICTURES, write(tmp_path / kind, seed_file(kind))), str
    )
    mutations(tmp_path, kind, 250, 7)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_mutated_files(tmp_path, kind):
    mutations(tmp_path, kind, 5000, 8)


def write(path, data):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", ["plain.tif", "tiled.tif", "lzw.tif"])
def test_a_cut_at_every_byte(tmp_path, kind):
    data = seed_file(kind)
    for length in range(len(data)):
        found = walk(TIFF, write(tmp_path / kind, data[:length]))
        assert isinstance(found, str) or all(isinstance(cell, (Cell, Lost)) for cell in found)
        if not isinstance(found, str) and isinstance(found[0], Cell):
            np.testing.assert_array_equal(found[0].image[0], STACK[0])


def by_hand(path, changes, data=b"\1" * 64, following=0):
    """Write an 8 × 8 image with one directory at byte 72, some of its tags changed (None = left out)."""
    tags = {256: 8, 257: 8, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 8, 279: 64} | changes
    entries = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()) if value is not None]
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", following)
    return write(path, b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({279: None}, None),
        ({278: 2**32 - 1}, None),
        ({256: 0}, "empty"),
        ({257: 0}, "empty"),
        ({256: None}, "empty"),
        ({256: 2**32 - 1, 257: 2**32 - 1}, "missing"),
        ({256: 60000, 257: 60000, 259: 8, 278: 60000}, "more pixels"),
        ({256: 4096, 257: 4096, 258: 32, 259: 8, 277: 200, 278: 4096}, "more pixels"),
        ({257: 4096, 278: 1}, "missing"),
        ({277: 0}, "samples"),
        ({277: 60000}, "samples"),
        ({279: 63}, "missing"),
        ({279: 0}, "missing"),
        ({273: 0}, "missing"),
        ({273: None}, "missing"),
        ({273: 2**32 - 1}, "ends early"),
        ({258: 0}, "not supported"),
        ({258: 64}, "not supported"),
        ({339: 6, 258: 64}, "not supported"),
        ({259: 30818}, "not supported"),
        ({262: 5}, "CMYK"),
        ({262: 3}, "palette"),
        ({262: 2}, "three samples"),
        ({322: 2**31, 323: 2**31, 324: 8, 325: 64}, "impossible size"),
        ({322: 0, 323: 16, 324: 8, 325: 64}, "impossible size"),
        ({259: 7}, "JPEG part"),
        ({259: 5}, "damaged"),
        ({259: 50000}, "damaged"),
    ],
)
def test_impossible_directories(tmp_path, changes, words):
    found = walk(TIFF, by_hand(tmp_path / "a.tif", changes))
    if words is None:
        assert (found[0].image == 1).all()
        return
    said = found if isinstance(found, str) else found[0].why
    assert any(word in said for word in words.split("|")), said


def test_circular_directories_end(tmp_path):
    found = walk(TIFF, by_hand(tmp_path / "a.tif", {}, following=72))
    assert len(found) == 1 or isinstance(found, str)
    first = by_hand(tmp_path / "b.tif", {}).read_bytes()
    length = len(first) - 72
    second = first[72:-4] + struct.pack("<I", 72)
    data = first[:-4] + struct.pack("<I", 72 + length) + second
    assert "ends early" in walk(TIFF, write(tmp_path / "b.tif", data))
    found = walk(TIFF, tmp_path / "b.tif", Reading(pages="cells"))
    assert len(found) == 2


def test_directories_that_overlap_are_not_followed_for_ever(tmp_path):
    """Each byte a directory of 4096 entries: a megabyte of it would take minutes."""
    size = 400_000
    data = bytearray(b"II*\0" + struct.pack("<I", 8)) + bytes(size)
    for place in range(8, 300_000, 2):
        data[place : place + 2] = b"\x00\x10"
    start = time.monotonic()
    walk(TIFF, write(tmp_path / "a.tif", bytes(data)))
    assert time.monotonic() - start < 2


def test_a_small_file_does_not_fill_the_memory(tmp_path):
    """A strip that unpacks to far more than the image stops at the image's size."""
    data = zlib.compress(bytes(50_000_000), 9)
    path = by_hand(tmp_path / "a.tif", {259: 8, 279: len(data)}, data=data)
    (cell,) = walk(TIFF, path)
    assert isinstance(cell, Lost) or not cell.image.any()


def test_truncated_stacks_keep_their_readable_cells(tmp_path):
    pixels = np.arange(40, dtype=np.uint8)[:, None, None] * np.ones((1, 30, 30), np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for page in pixels:
            writer.write(page, metadata=None, contiguous=False)
    data = (tmp_path / "a.tif").read_bytes()
    path = write(tmp_path / "a.tif", data[: len(data) * 3 // 4])
    (source,), _ = TIFF.claim(tmp_path, [path], Reading())
    contents = TIFF.check(source, Reading())
    assert 25 <= len(contents) <= 31
    assert contents.cues[0].level == "warning"
    found = list(TIFF.cells(source, contents, [1], range(len(contents))))
    assert [cell.image[0, 0, 0] for cell in found if isinstance(cell, Cell)] == list(range(len(found)))[
        : sum(isinstance(cell, Cell) for cell in found)
    ]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((8, 8), np.complex64), "not supported"),
        (np.zeros((8, 8), np.uint64), "not supported"),
        (np.zeros((8, 8), np.int64), "not supported"),
        (np.full((8, 8), np.nan, np.float32), "not finite"),
        (np.full((8, 8), np.inf, np.float16), "not finite"),
        (np.full((8, 8), 1e300), "not finite"),
        (np.zeros((5000, 8), np.uint8), "larger than"),
    ],
)
def test_unusual_tiffs_are_refused_with_a_reason(tmp_path, image, words):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, image, photometric="minisblack")
    found = walk(TIFF, path)
    assert words in (found if isinstance(found, str) else found[0].why)


@pytest.mark.parametrize("data", [b"", b"II", b"II*\0", b"PK\3\4" * 9, b"II*\0" + b"\xff" * 4, b"II+\0" + b"\xff" * 40])
def test_files_that_are_no_tiffs(tmp_path, data):
    assert isinstance(walk(TIFF, write(tmp_path / "a.tif", data)), str)


def test_a_folder_named_like_a_file(tmp_path):
    (tmp_path / "a.tif").mkdir()
    assert "cannot be read" in walk(TIFF, tmp_path / "a.tif")
    (tmp_path / "a.png").mkdir()
    assert "cannot be read" in walk(PICTURES, tmp_path / "a.png")
