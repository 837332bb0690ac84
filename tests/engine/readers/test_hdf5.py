from __future__ import annotations

from pathlib import Path

import h5py
import imagecodecs
import numpy as np
import pytest

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.hdf5 import Hdf5
from wizard.engine.readers.hdf5_bytes import Raw, lookup3

VERSIONS = pytest.mark.parametrize("libver", ["earliest", "v108", "v110", "latest"])


def numbers(*shape, dtype=np.uint16):
    return np.random.default_rng(0).integers(0, 250, shape).astype(dtype)


def written(path: Path, libver: str, fill) -> Path:
    with h5py.File(path, "w", libver=libver if libver in ("earliest", "latest") else (libver, libver)) as file:
        fill(file)
    return path


def compare(path: Path) -> int:
    """Compare everything in a file with what the HDF5 library reads; returns the number of data sets."""
    seen = 0
    with h5py.File(path) as truth, Hdf5(path) as file:

        def walk(there: h5py.Group, here) -> None:
            nonlocal seen
            assert set(there) == set(here.links)
            for name, value in there.attrs.items():
                value = value.decode() if isinstance(value, bytes) else value
                np.testing.assert_array_equal(here.attributes[name], value)
            for name, thing in there.items():
                assert file.is_group(here, name) == isinstance(thing, h5py.Group)
                if isinstance(thing, h5py.Group):
                    walk(thing, file.group(here, name))
                    continue
                data = file.data(here, name)
                assert data.shape == thing.shape
                np.testing.assert_array_equal(file.read(data, gaps=True).reshape(thing.shape), thing[()])
                if thing.shape and thing.shape[0] > 4:
                    np.testing.assert_array_equal(file.read(data, 3, 4, gaps=True), thing[3:4])
                seen += 1

        walk(truth, file.root())
    return seen


@VERSIONS
def test_every_index_of_chunks(tmp_path, libver):
    values = numbers(1500, 5, 6)

    def fill(file: h5py.File) -> None:
        for name, count, chunks, most in [
            ("fixed", 1500, (1, 5, 6), None), ("edges", 1500, (2, 4, 4), None), ("room", 1500, (2, 5, 4), (4000, 11, 13)),
            ("growing", 1500, (1, 5, 6), (None, 5, 6)), ("inner", 1500, (7, 1, 5), (2000, None, 9)),
            ("tree", 1500, (2, 5, 4), (None, None, 6)), ("single", 9, (9, 5, 6), None),
        ]:  # fmt: skip
            kinds = [{}, {"compression": "gzip", "fletcher32": True, "shuffle": True}, {"compression": "lzf"}]
            for at, options in enumerate(kinds):
                file.create_dataset(f"{name}{at}", data=values[:count], chunks=chunks, maxshape=most, **options)
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_chunk((4, 5, 4))
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        for name, form in ((b"implicit", early), (b"compact", compact)):
            space = h5py.h5s.create_simple((30, 5, 6))
            made = h5py.h5d.create(file.id, name, h5py.h5t.NATIVE_UINT16, space, form)
            made.write(h5py.h5s.ALL, h5py.h5s.ALL, values[:30])

    assert compare(written(tmp_path / "a.h5", libver, fill)) == 23


@VERSIONS
def test_many_names_and_attributes(tmp_path, libver):
    def fill(file: h5py.File) -> None:
        group = file.create_group("far/below", track_order=True)
        for at in range(400):
            group[f"name {at} {'x' * (at % 50)}"] = np.arange(3) + at
            group.attrs[f"section:{at} {'y' * (at % 40)}"] = at if at % 3 else f"text {at}"
        file.attrs["list"] = np.arange(5.0)
        file.attrs["bytes"] = np.bytes_("short")

    assert compare(written(tmp_path / "a.h5", libver, fill)) == 400


@VERSIONS
def test_types_and_gaps(tmp_path, libver):
    def fill(file: h5py.File) -> None:
        for at, dtype in enumerate(("i1", "u1", ">i2", "<u2", ">i4", "u4", "i8", ">u8", "f2", ">f4", "f8", "?")):
            file[f"type {at}"] = numbers(7, 5).astype(dtype)
        file["text"] = np.array([b"abc", b"d"])
        file["scalar"] = np.float32(3)
        file["nothing"] = np.zeros((0, 3))
        file.create_dataset("fill", (10, 4), "i4", fillvalue=7)
        for at, most in enumerate([None, (None, 4), (None, None)]):
            gaps = file.create_dataset(f"gaps {at}", (100, 4), "i4", fillvalue=-3, chunks=(10, 3), maxshape=most)
            gaps[35:42] = 1

    path = written(tmp_path / "a.h5", libver, fill)
    assert compare(path) == 19
    with Hdf5(path) as file:
        data = file.data(file.root(), "gaps 0")
        assert file.read(data, 36, 42).tolist() == [[1] * 4] * 6
        with pytest.raises(Unreadable, match="missing"):
            file.read(data, 0, 42)


def test_deep_arrays_of_chunks(tmp_path):
    """Tens of thousands of chunks: pages, secondary blocks, trees of several levels."""
    values = np.arange(30_000, dtype=np.uint16)

    def fill(file: h5py.File) -> None:
        for name, most in (("fixed", None), ("growing", (None,))):
            file.create_dataset(name, values.shape, "u2", chunks=(2,), maxshape=most)[:] = values
        file.create_dataset("tree", (3000, 2), "u2", chunks=(1, 1), maxshape=(None, None))[:] = values[:6000].reshape(
            -1, 2
        )

    assert compare(written(tmp_path / "a.h5", "latest", fill)) == 3


@pytest.mark.parametrize("code", [32015, 32004, 32001])
def test_compressions_of_plugins(tmp_path, code):
    values = (numbers(3, 20, 30) // 9).astype(np.uint8)
    path = tmp_path / "a.h5"

    def packed(plain: bytes) -> bytes:
        if code == 32015:
            return imagecodecs.zstd_encode(plain)
        return imagecodecs.lz4h5_encode(plain) if code == 32004 else imagecodecs.blosc_encode(plain)

    with h5py.File(path, "w") as file:
        form = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        form.set_chunk((1, 20, 30))
        form.set_filter(code, h5py.h5z.FLAG_OPTIONAL, (1,))
        made = h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_UINT8, h5py.h5s.create_simple(values.shape), form)
        for at, row in enumerate(values):
            made.write_direct_chunk((at, 0, 0), packed(row.tobytes()))
    with Hdf5(path) as file:
        data = file.data(file.root(), "x")
        np.testing.assert_array_equal(file.read(data), values)
    # Too much, too little and nonsense.
    for wrong in (packed(bytes(10**6)), packed(bytes(599)), packed(values[0].tobytes())[:-9], b"nonsense" * 9):
        with h5py.File(path, "r+") as file:
            file["x"].id.write_direct_chunk((1, 0, 0), wrong)
        with Hdf5(path) as file:
            data = file.data(file.root(), "x")
            with pytest.raises(Unreadable, match="damaged"):
                file.read(data, 1, 2)
            np.testing.assert_array_equal(file.read(data, 2, 3), values[2:])


def test_unknown_compressions_are_named(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=numbers(8, 8), scaleoffset=0, chunks=(8, 8))
    with Hdf5(tmp_path / "a.h5") as file, pytest.raises(Unreadable, match="scale-offset"):
        file.data(file.root(), "x")


def test_what_is_not_numbers(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["table"] = np.zeros(3, [("a", "u1"), ("b", "f4")])
        file["texts"] = ["a", "bc"]
        file["good"] = np.zeros(3)
        file["soft"] = h5py.SoftLink("/good")
        file["far"] = h5py.ExternalLink("b.h5", "/good")
    with Hdf5(tmp_path / "a.h5") as file:
        root = file.root()
        for name, words in [
            ("table", "structures"), ("texts", "texts"), ("soft", "link by name"), ("far", "another file"), ("no", "has no no"),
        ]:  # fmt: skip
            with pytest.raises(Unreadable, match=words):
                file.data(root, name)


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(200), b"PK" * 400])
def test_what_is_no_hdf5(tmp_path, content):
    (tmp_path / "a.h5").write_bytes(content)
    with pytest.raises(Unreadable), Hdf5(tmp_path / "a.h5") as file:
        file.root()


def test_checksum():
    assert lookup3(b"") == 0xDEADBEEF
    assert lookup3(b"Four score and seven years ago") == 0x17770551


def test_circles_end(tmp_path):
    (tmp_path / "a").write_bytes(bytes(100))
    raw = Raw(tmp_path / "a")
    with pytest.raises(Unreadable, match="circles"):
        while True:
            raw.read(0, 1)
    raw.close()


def test_a_tree_that_points_to_itself(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=numbers(400, 4), chunks=(1, 4))
    data = path.read_bytes()
    starts = [at for at in range(len(data) - 8) if data[at : at + 6] == b"TREE\x01\x01"]
    assert starts
    # The first child of the upper node becomes the node itself.
    place = starts[0] + 24 + 8 + 8 * 3
    path.write_bytes(data[:place] + starts[0].to_bytes(8, "little") + data[place + 8 :])
    with Hdf5(path) as file, pytest.raises(Unreadable):
        file.read(file.data(file.root(), "x"))
