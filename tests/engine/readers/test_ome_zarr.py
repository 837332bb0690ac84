"""OME-Zarr folders: known pixels of both versions, plates, labels, tricks and damage."""

from __future__ import annotations

import json
import shutil
import threading
import time
import tracemalloc
import zlib

import numcodecs
import numpy as np
import pytest
import zarr
from zarr import codecs

from wizard.engine.readers.base import Cell, Lost, Reading, Unreadable
from wizard.engine.readers.ome_zarr import OmeZarr

HOW = Reading()
AXES = [{"name": name} for name in "tczyx"]
V2_PACKINGS = [
    None, numcodecs.Zlib(), numcodecs.GZip(), numcodecs.BZ2(), numcodecs.LZMA(), numcodecs.Zstd(), numcodecs.LZ4(),
    numcodecs.Blosc("lz4", shuffle=1), numcodecs.Blosc("zstd", shuffle=2),
]  # fmt: skip
V3_PACKINGS = [
    (), (codecs.GzipCodec(),), (codecs.ZstdCodec(),), (codecs.BloscCodec(),), (codecs.Crc32cCodec(),),
    (codecs.ZstdCodec(), codecs.Crc32cCodec()),
]  # fmt: skip


def pixels(*shape, dtype=np.uint16, seed=0):
    return np.random.default_rng(seed).integers(0, 200, shape).astype(dtype)


def write_array(path, data, version=2, **more):
    more = {"chunks": data.shape} | more
    array = zarr.create_array(path, shape=data.shape, dtype=data.dtype, zarr_format=version, overwrite=True, **more)
    array[...] = data
    return array


def attributes(path, version, values):
    path.mkdir(parents=True, exist_ok=True)
    if version == 3:
        node = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": "0.5"} | values}}
        (path / "zarr.json").write_text(json.dumps(node))
    else:
        (path / ".zgroup").write_text('{"zarr_format": 2}')
        (path / ".zattrs").write_text(json.dumps(values))


def multiscales(axes=AXES, scale=None, path="0"):
    steps = [] if scale is None else [{"type": "scale", "scale": scale}]
    return {"multiscales": [{"axes": axes, "datasets": [{"path": path, "coordinateTransformations": steps}]}]}


def write_image(path, data, version=2, axes="tczyx", omero=None, labels=None, **more):
    attributes(path, version, multiscales([{"name": name} for name in axes]) | ({"omero": omero} if omero else {}))
    write_array(path / "0", data, version, **more)
    if labels is not None:
        attributes(path / "labels", version, {"labels": ["cells"]})
        attributes(path / "labels/cells", version, multiscales([{"name": name} for name in axes]))
        write_array(path / "labels/cells/0", labels, version)


def read(root, path, how=HOW):
    reader = OmeZarr()
    sources, skipped = reader.claim(root, [path], how)
    assert not skipped
    found = []
    for source in sources:
        contents = reader.check(source, how)
        numbers = [channel.number for channel in contents.channels]
        found.append((source, contents, list(reader.cells(source, contents, numbers, range(len(contents))))))
    return found


@pytest.mark.parametrize("version", [2, 3])
def test_an_image_with_channels_times_and_labels(tmp_path, version):
    data, labels = pixels(2, 3, 2, 20, 16), pixels(2, 1, 2, 20, 16, dtype=np.int64) // 100 * 7
    omero = {"channels": [{"label": "DNA", "color": "3366FF"}, {"label": " A\n B "}, {"color": "nonsense"}]}
    axes = [{"name": name, "unit": "nanometer"} for name in "tczyx"]
    write_image(tmp_path / "a.zarr", data, version, omero=omero, labels=labels, chunks=(1, 1, 1, 7, 9))
    attributes(tmp_path / "a.zarr", version, multiscales(axes, [1, 1, 1, 650, 650]) | {"omero": omero})
    ((source, contents, cells),) = read(tmp_path, tmp_path / "a.zarr")
    assert source.name == "a.zarr"
    assert [(c.name, c.number, c.label, c.colour) for c in contents.channels] == [
        ("Ch1", 1, "DNA", "#3366ff"), ("Ch2", 2, "A B", ""), ("Ch3", 3, "", ""),
    ]  # fmt: skip
    assert contents.pixel_size == pytest.approx(0.65)
    assert contents.tags == {"time": ["0", "0", "1", "1"], "z": ["0", "1", "0", "1"]}
    assert contents.masks and contents.dtype == np.uint16 and contents.cues[0].subject == "Masks"
    for index, (time_, depth) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        assert cells[index].object == index
        np.testing.assert_array_equal(cells[index].image, data[time_, :, depth])
        expected = np.repeat((labels[time_, :, depth] > 0).astype(np.uint8), 3, axis=0)
        np.testing.assert_array_equal(cells[index].mask, expected)
    picked = list(OmeZarr().cells(source, contents, [3, 1], [2]))
    np.testing.assert_array_equal(picked[0].image, data[1, [2, 0], 0])
    assert picked[0].mask.shape == (2, 20, 16)


@pytest.mark.parametrize("packing", V2_PACKINGS, ids=range(len(V2_PACKINGS)))
@pytest.mark.parametrize("dtype", [np.uint8, ">u2", np.float32])
def test_packings_of_version_2(tmp_path, packing, dtype):
    data = pixels(2, 30, 25, dtype=dtype)
    write_array(tmp_path / "a.zarr", data, compressors=packing, chunks=(1, 11, 25), order="F")
    ((_, contents, cells),) = read(tmp_path, tmp_path / "a.zarr")
    np.testing.assert_array_equal(cells[0].image, data)
    assert cells[0].image.dtype.isnative and contents.dtype == data.dtype.newbyteorder("=")


@pytest.mark.parametrize("packing", V3_PACKINGS, ids=range(len(V3_PACKINGS)))
@pytest.mark.parametrize("shards", [None, (1, 20, 30)])
def test_packings_of_version_3(tmp_path, packing, shards):
    data = pixels(2, 30, 25)
    write_array(tmp_path / "a.zarr", data, 3, compressors=packing, chunks=(1, 10, 15), shards=shards,
                filters=[codecs.TransposeCodec(order=(2, 0, 1))], dimension_names=("channel", "y", "x"))  # fmt: skip
    ((_, contents, cells),) = read(tmp_path, tmp_path / "a.zarr")
    np.testing.assert_array_equal(cells[0].image, data)
    assert not contents.cues


@pytest.mark.parametrize(
    ("shape", "count", "channels"),
    [
        ((40, 30), 1, 1),
        ((3, 40, 30), 1, 3),
        ((40, 30, 3), 1, 3),
        ((50, 40, 30), 50, 1),
        ((5, 2, 40, 30), 5, 2),
        ((5, 40, 30, 4), 5, 4),
    ],
)
def test_bare_arrays(tmp_path, shape, count, channels):
    data = pixels(*shape)
    write_array(tmp_path / "a.zarr", data)
    ((_, contents, cells),) = read(tmp_path, tmp_path / "a.zarr")
    assert len(cells) == count and len(contents.channels) == channels and contents.cues[0].subject == "Axes"
    assert all(cell.image.shape == (channels, 40, 30) for cell in cells)
    expected = data[0] if count > 1 else data
    if channels == 1:
        expected = expected[None]
        assert contents.channels[0].name == "Grey"
    if shape[-1] == channels:
        expected = np.moveaxis(expected, -1, 0)
    np.testing.assert_array_equal(cells[0].image, expected)


def write_plate(path, version=2):
    attributes(path, version, {"plate": {"wells": [{"path": "A/1"}, {"path": "B/2"}, {"path": "C/3"}]}})
    data = {}
    for well in ("A/1", "B/2"):
        attributes(path / well, version, {"well": {"images": [{"path": "0"}, {"path": "1"}]}})
        for field in ("0", "1"):
            data[f"{well}/{field}"] = pixels(2, 12, 10, seed=len(data))
            write_image(path / well / field, data[f"{well}/{field}"], version, axes="cyx")
    return data


@pytest.mark.parametrize("version", [2, 3])
def test_a_plate_gives_one_source_per_field(tmp_path, version):
    path = tmp_path / "day 1/p.ome.zarr"
    data = write_plate(path, version)
    reader = OmeZarr()
    sources, skipped = reader.claim(tmp_path, [path], HOW)
    assert [item.why for item in skipped] == ["C/3: The well is missing."]
    assert [source.name for source in sources] == [f"day 1/p.ome.zarr/{name}" for name in data]
    for source, (name, expected) in zip(sources, data.items(), strict=True):
        contents = reader.check(source, HOW)
        (cell,) = reader.cells(source, contents, [1, 2], [0])
        np.testing.assert_array_equal(cell.image, expected)
        assert source.files[0] == path
        well = name[0] + name[2]
        assert contents.tags == {
            "file": [f"p/{name}"], "plate": ["p"], "well": [well], "field": [f"{well}/{name[4]}"]
        }  # fmt: skip


def test_a_set_of_images(tmp_path):
    path = tmp_path / "a.zarr"
    attributes(path, 2, {"bioformats2raw.layout": 3})
    for number in (0, 1):
        write_image(path / str(number), pixels(1, 2, 1, 8, 9, seed=number))
    assert [source.name for source, _, _ in read(tmp_path, path)] == ["a.zarr/0", "a.zarr/1"]
    attributes(path / "OME", 2, {"series": ["1", "../x"]})
    sources, skipped = OmeZarr().claim(tmp_path, [path], HOW)
    assert [source.name for source in sources] == ["a.zarr/1"]
    assert "outside" in skipped[0].why


def test_what_is_opened(tmp_path):
    write_array(tmp_path / "plain", pixels(20, 20))
    (tmp_path / "b.zarr").write_text("a file")
    (tmp_path / "c.cells").mkdir()
    (tmp_path / "c.cells/zarr.json").write_text("{}")
    opened = [name for name in ("plain", "b.zarr", "c.cells", "x.tif") if OmeZarr().can_open(tmp_path / name)]
    assert opened == ["plain"]


def test_missing_chunks(tmp_path):
    data = pixels(20, 24, 22) + 1
    write_array(tmp_path / "a.zarr", data, chunks=(1, 12, 22))
    (tmp_path / "a.zarr/3.0.0").unlink()
    (tmp_path / "a.zarr/5.0.0").unlink()
    (tmp_path / "a.zarr/5.1.0").unlink()
    ((_, _, cells),) = read(tmp_path, tmp_path / "a.zarr")
    assert (cells[3].image[0, :12] == 0).all() and (cells[3].image[0, 12:] == data[3, 12:]).all()
    assert isinstance(cells[5], Lost) and "missing" in cells[5].why


@pytest.mark.parametrize("trick", ["/etc", "../other", "a/../../other", "C:/x", "https://x/y", "a\\b", "", 7, "a\0b"])
def test_paths_that_lead_out_are_refused(tmp_path, trick):
    write_array(tmp_path / "other", pixels(2, 20, 20))
    attributes(tmp_path / "a.zarr", 2, multiscales([{"name": name} for name in "cyx"], path=trick))
    (source,), _ = OmeZarr().claim(tmp_path, [tmp_path / "a.zarr"], HOW)
    with pytest.raises(Unreadable, match="outside|proper name"):
        OmeZarr().check(source, HOW)


def test_links_that_lead_out_are_refused(tmp_path):
    write_array(tmp_path / "secret", pixels(2, 20, 20), compressors=None)
    attributes(tmp_path / "a.zarr", 2, multiscales([{"name": name} for name in "cyx"]))
    (tmp_path / "a.zarr/0").symlink_to(tmp_path / "secret", target_is_directory=True)
    (source,), _ = OmeZarr().claim(tmp_path, [tmp_path / "a.zarr"], HOW)
    with pytest.raises(Unreadable, match="out of the store"):
        OmeZarr().check(source, HOW)
    (tmp_path / "a.zarr/0").unlink()
    write_array(tmp_path / "a.zarr/0", pixels(2, 20, 20), compressors=None)
    contents = OmeZarr().check(source, HOW)
    chunk = next((tmp_path / "a.zarr/0").glob("0*"))
    chunk.unlink()
    chunk.symlink_to(tmp_path / "secret/0.0.0")
    (answer,) = OmeZarr().cells(source, contents, [1], [0])
    assert isinstance(answer, Lost) and "out of the store" in answer.why


def test_a_loop_of_links(tmp_path):
    attributes(tmp_path / "a.zarr", 2, multiscales())
    (tmp_path / "a.zarr/0").symlink_to(tmp_path / "a.zarr/0")
    (source,), _ = OmeZarr().claim(tmp_path, [tmp_path / "a.zarr"], HOW)
    with pytest.raises(Unreadable):
        OmeZarr().check(source, HOW)


def changed(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shape": [2, 20000, 20]}, "larger than"),
        ({"shape": [10**9, 20, 20]}, "channels|files can hold|No axis|larger"),
        ({"shape": [0, 20, 20]}, "channels|empty"),
        ({"chunks": [2, 10**5, 10**4]}, "chunks of"),
        ({"chunks": [2, 0, 20]}, "damaged"),
        ({"dtype": "|O"}, "not supported"),
        ({"dtype": "<c8"}, "not supported"),
        ({"dtype": "<i8"}, "not supported"),
        ({"compressor": {"id": "pickle"}}, "not supported"),
        ({"filters": [{"id": "pickle"}]}, "filters"),
        ({"zarr_format": 4}, "unknown"),
        ({"order": "Q"}, "damaged"),
        ({"fill_value": {}}, "damaged"),
        ({"fill_value": 10**400}, "damaged"),
    ],
)
def test_declarations_beyond_reason_are_refused(tmp_path, values, words):
    write_array(tmp_path / "a.zarr", pixels(2, 20, 20))
    changed(tmp_path / "a.zarr/.zarray", **values)
    (source,), _ = OmeZarr().claim(tmp_path, [tmp_path / "a.zarr"], HOW)
    with pytest.raises(Unreadable, match=words):
        OmeZarr().check(source, HOW)


def bomb(kind):
    zeros = bytes(200_000_000)
    if kind == "zlib":
        return zlib.compress(zeros)
    return {"zstd": numcodecs.Zstd(), "bz2": numcodecs.BZ2(), "lz4": numcodecs.LZ4(), "blosc": numcodecs.Blosc(),
            "lzma": numcodecs.LZMA(preset=1)}[kind].encode(zeros)  # fmt: skip


@pytest.mark.parametrize("kind", ["zlib", "zstd", "lz4", "blosc", "bz2"])
def test_chunk_bombs_are_refused(tmp_path, kind):
    write_array(tmp_path / "a.zarr", pixels(2, 200, 200), compressors=numcodecs.Zlib())
    changed(tmp_path / "a.zarr/.zarray", compressor={"id": kind})
    (tmp_path / "a.zarr/0.0.0").write_bytes(bomb(kind)[:300_000])
    tracemalloc.start()
    ((_, _, cells),) = read(tmp_path, tmp_path / "a.zarr")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(cells[0], Lost) and peak < 20e6


@pytest.mark.parametrize("attack", [b"{", b"[]", b"\xff\xfe", b"", b"[" * 100000, b'{"multiscales": [1]}', b"null"])
def test_broken_json(tmp_path, attack):
    write_image(tmp_path / "a.zarr", pixels(1, 2, 1, 20, 20))
    (tmp_path / "a.zarr/.zattrs").write_bytes(attack)
    sources, skipped = OmeZarr().claim(tmp_path, [tmp_path / "a.zarr"], HOW)
    if not skipped:
        with pytest.raises(Unreadable):
            OmeZarr().check(sources[0], HOW)


def test_labels_that_do_not_fit_are_reported(tmp_path):
    write_image(tmp_path / "a.zarr", pixels(1, 2, 1, 20, 20), labels=pixels(1, 1, 1, 20, 21))
    ((_, contents, cells),) = read(tmp_path, tmp_path / "a.zarr")
    assert not contents.masks and cells[0].mask is None
    assert "differs" in contents.cues[0].text and contents.cues[0].level == "warning"


def test_several_threads(tmp_path):
    data = pixels(200, 2, 20, 21)
    write_array(tmp_path / "a.zarr", data, 3, chunks=(8, 2, 20, 21), shards=(64, 2, 20, 21))
    (source,), _ = OmeZarr().claim(tmp_path, [tmp_path / "a.zarr"], HOW)
    contents = OmeZarr().check(source, HOW)
    wrong = []

    def work(seed):
        picks = np.random.default_rng(seed).permutation(200).tolist()
        for pick, cell in zip(picks, OmeZarr().cells(source, contents, [1, 2], picks), strict=True):
            if not np.array_equal(cell.image, data[pick]):
                wrong.append(pick)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong


def mutate(data, rng):
    changed_ = bytearray(data)
    if rng.random() < 0.2 or not changed_:
        return bytes(changed_[: rng.integers(0, len(changed_) + 1)])
    for _ in range(rng.integers(1, 5)):
        changed_[rng.integers(0, len(changed_))] = rng.choice(list(b'0123456789"{}[]:,-.eE\0\xff<>|uif/'))
    return bytes(changed_)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("packed", [False, True])
def test_mutations(tmp_path, version, packed):
    data = pixels(2, 2, 1, 20, 18)
    more = (
        {"compressors": numcodecs.Blosc() if version == 2 else codecs.ZstdCodec()} if packed else {"compressors": None}
    )
    if version == 3 and packed:
        more |= {"shards": (2, 2, 1, 20, 18)}
    write_image(tmp_path / "seed.zarr", data, version, labels=data[:, :1], chunks=(1, 1, 1, 20, 18), **more)
    files = [path.relative_to(tmp_path / "seed.zarr") for path in (tmp_path / "seed.zarr").rglob("*") if path.is_file()]
    rng = np.random.default_rng(version)
    ends = {"cell": 0, "lost": 0, "unreadable": 0}
    path = tmp_path / "a.zarr"
    reader = OmeZarr()
    for _ in range(100):
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(tmp_path / "seed.zarr", path)
        victim = path / files[rng.integers(0, len(files))]
        victim.write_bytes(mutate(victim.read_bytes(), rng))
        start = time.monotonic()
        sources, skipped = reader.claim(tmp_path, [path], HOW)
        ends["unreadable"] += len(skipped)
        for source in sources:
            try:
                contents = reader.check(source, HOW)
                numbers = [channel.number for channel in contents.channels]
                for answer in reader.cells(source, contents, numbers, range(min(300, len(contents)))):
                    ends["cell" if isinstance(answer, Cell) else "lost"] += 1
            except Unreadable as error:
                assert str(error)
                ends["unreadable"] += 1
        assert time.monotonic() - start < 5
    assert all(ends.values()) or not packed
