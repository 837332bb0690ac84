from __future__ import annotations

import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from tests.engine.readers.mutations import HOW, read_all, survive
from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.mat import MatlabArrays

READER = MatlabArrays()


def pixels(*shape, dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, 120, shape).astype(dtype)


def save(path: Path, form: str, **variables) -> Path:
    """Write variables as version 6 (plain), 7 (compressed) or 7.3 as MATLAB does."""
    if form != "7.3":
        savemat(path, variables, do_compression=form == "7")
        return path
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in variables.items():
            chunks = tuple(min(side, 8) for side in reversed(values.shape))
            made = file.create_dataset(name, data=values.T, chunks=chunks, compression="gzip")
            called = {"float64": "double", "float32": "single", "bool": "logical"}.get(
                values.dtype.name, values.dtype.name
            )
            made.attrs["MATLAB_class"] = np.bytes_(called)
    data = path.read_bytes()
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + data[128:])
    return path


FORMS = pytest.mark.parametrize("form", ["6", "7", "7.3"])


@FORMS
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_deepometry(tmp_path, form, dtype):
    values = pixels(20, 30, 3, dtype=dtype)
    contents, (cell,) = read_all(READER, tmp_path, save(tmp_path / "a.mat", form, new=values))
    assert contents.dtype == np.dtype(dtype)
    assert [(c.name, c.number) for c in contents.channels] == [("Ch1", 1), ("Ch2", 2), ("Ch3", 3)]
    np.testing.assert_array_equal(cell.image, np.moveaxis(values, 2, 0))


@FORMS
@pytest.mark.parametrize(
    ("shape", "cells", "planes"),
    [((20, 30), 1, 1), ((20, 30, 40), 40, 1), ((20, 30, 3, 8), 8, 3), ((7, 20, 30, 3), 7, 3), ((3, 20, 30), 1, 3)],
)
def test_shapes(tmp_path, form, shape, cells, planes):
    values = pixels(*shape)
    contents, found = read_all(READER, tmp_path, save(tmp_path / "a.mat", form, stack=values))
    assert (len(contents), len(contents.channels), contents.heights[0], contents.widths[0]) == (cells, planes, 20, 30)
    order = {(20, 30, 40): (2, 0, 1), (20, 30, 3, 8): (3, 2, 0, 1), (7, 20, 30, 3): (0, 3, 1, 2)}
    expected = values.transpose(order.get(shape, range(len(shape)))).reshape(cells, planes, 20, 30)
    np.testing.assert_array_equal(np.stack([cell.image for cell in found]), expected)


@FORMS
def test_doubles_become_floats_and_logicals_whole_numbers(tmp_path, form):
    values = pixels(20, 30) / 7
    contents, (cell,) = read_all(READER, tmp_path, save(tmp_path / "a.mat", form, new=values))
    assert contents.dtype == np.float32
    np.testing.assert_allclose(cell.image[0], values, rtol=1e-6)
    contents, (cell,) = read_all(READER, tmp_path, save(tmp_path / "b.mat", form, new=values > 8))
    np.testing.assert_array_equal(cell.image[0], values > 8)


@FORMS
def test_which_variable(tmp_path, form):
    others = {"label": np.array([[3.0]]), "row": np.ones((1, 20)), "other": pixels(9, 9)}
    path = save(tmp_path / "a.mat", form, **others, new=pixels(20, 30))
    assert read_all(READER, tmp_path, path)[1][0].image.shape == (1, 20, 30)
    assert read_all(READER, tmp_path, save(tmp_path / "b.mat", form, **others))[1][0].image.shape == (1, 9, 9)
    with pytest.raises(Unreadable, match="other, second"):
        read_all(READER, tmp_path, save(tmp_path / "c.mat", form, **others, second=pixels(9, 9)))


@FORMS
def test_picks_and_channels_in_the_order_asked_for(tmp_path, form):
    values = pixels(20, 30, 3, 8)
    (source,), _ = READER.claim(tmp_path, [save(tmp_path / "a.mat", form, new=values)], HOW)
    contents = READER.check(source, HOW)
    cells = list(READER.cells(source, contents, [3, 1], [5, 0, 5]))
    assert [cell.object for cell in cells] == [5, 0, 5]
    np.testing.assert_array_equal(cells[0].image, np.moveaxis(values[..., [2, 0], 5], 2, 0))


def test_values_kept_in_a_smaller_type(tmp_path):
    """MATLAB writes doubles that are whole numbers as bytes."""
    values = pixels(4, 6)

    def element(kind, data):
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    body = element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">2i", 4, 6))
    body += struct.pack(">HH4s", 3, 1, b"new\0") + element(2, values.T.tobytes())
    (tmp_path / "a.mat").write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI" + element(14, body))
    contents, (cell,) = read_all(READER, tmp_path, tmp_path / "a.mat")
    assert contents.dtype == np.float32
    np.testing.assert_array_equal(cell.image[0], values)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"s": {"a": 1}}, "s .a struct"),
        ({"c": np.array([1, "x"], dtype=object)}, "c .a cell array"),
        ({"t": "text"}, "t .text"),
        ({"z": np.zeros((20, 30), complex)}, "complex"),
        ({"scalar": 3.0}, "1 × 1 float64"),
        ({}, "empty"),
        ({"big": np.zeros((20, 30), np.int64)}, "64 bits"),
        ({"long": np.zeros((5000, 3), np.uint8)}, "larger than"),
        ({"many": np.zeros((2, 2, 2, 2, 2), np.uint8)}, "no array"),
    ],
)
@pytest.mark.parametrize("form", ["6", "7"])
def test_what_is_refused(tmp_path, variables, words, form):
    with pytest.raises(Unreadable, match=words):
        read_all(READER, tmp_path, save(tmp_path / "a.mat", form, **variables))


def test_what_is_refused_in_hdf5(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_group("s").attrs["MATLAB_class"] = np.bytes_("struct")
        cells = file.create_dataset("c", (2, 2), h5py.ref_dtype)
        cells.attrs["MATLAB_class"] = np.bytes_("cell")
        file.create_dataset("t", data=np.zeros((9, 9), np.uint16)).attrs["MATLAB_class"] = np.bytes_("char")
        file["far"] = h5py.ExternalLink("other.mat", "/new")
    with pytest.raises(Unreadable) as error:
        read_all(READER, tmp_path, path)
    for words in ("s (a struct", "c (", "references", "t (text)", "far (far is a link to another file"):
        assert words in str(error.value)


def test_a_bomb_is_not_unpacked(tmp_path):
    """A variable that says it has 3 GB in 2 kB."""
    head = struct.pack("<IIIIII", 6, 8, 9, 0, 5, 8) + struct.pack("<ii", 60000, 50000)
    body = (
        struct.pack("<II", 14, 0) + head + struct.pack("<HH4s", 1, 3, b"new\0") + struct.pack("<II", 2, 60000 * 50000)
    )
    body = body[:4] + struct.pack("<I", len(body) - 8 + 60000 * 50000) + body[8:]
    packed = zlib.compress(body + bytes(10**6))
    (tmp_path / "a.mat").write_bytes(
        b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + struct.pack("<II", 15, len(packed)) + packed
    )
    with pytest.raises(Unreadable, match="memory"):
        read_all(READER, tmp_path, tmp_path / "a.mat")


@FORMS
def test_mutated_files(tmp_path, form):
    seed = save(tmp_path / "seed.mat", form, new=pixels(9, 11, 3), label=np.array([[2.0]]))
    survive(READER, seed, 300, tmp_path)


@pytest.mark.slow
@FORMS
def test_many_mutated_files(tmp_path, form):
    survive(READER, save(tmp_path / "seed.mat", form, stack=pixels(9, 11, 3, 6, dtype=np.uint16)), 3000, tmp_path)
