from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.engine.readers.mutations import HOW, read_all, survive
from wizard.engine.readers.base import Lost, Unreadable
from wizard.engine.readers.rtdc import RtDc

READER = RtDc()
REAL = Path(__file__).parents[3].parent / "shared" / "data" / "rtdc"
N, H, W = 12, 9, 11


def pixels(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def write(path: Path, layers=None, features=None, attributes=None, **options) -> Path:
    """Write an RT-DC file; `options` go to every layer of images."""
    with h5py.File(path, "w") as file:
        events = file.create_group("events")
        for name, values in (layers if layers is not None else {"image": pixels(N, H, W)}).items():
            events.create_dataset(
                name, data=values, **{"chunks": (5, *values.shape[1:]), "compression": "gzip", **options}
            )
        for name, values in (features or {}).items():
            events.create_dataset(name, data=values)
        for name, value in ({"imaging:pixel size": 0.5} if attributes is None else attributes).items():
            file.attrs[name] = value
    return path


def test_layers_become_channels(tmp_path):
    layers = {name: pixels(N, H, W, seed=at) for at, name in enumerate(("image_bg", "image_ch2", "image", "image_ch1"))}
    contents, cells = read_all(READER, tmp_path, write(tmp_path / "a.rtdc", layers))
    assert [(c.name, c.number) for c in contents.channels] == [
        ("Grey", 1), ("Image ch1", 2), ("Image ch2", 3), ("Image bg", 4),
    ]  # fmt: skip
    for plane, name in enumerate(("image", "image_ch1", "image_ch2", "image_bg")):
        np.testing.assert_array_equal(np.stack([cell.image[plane] for cell in cells]), layers[name])


def test_channels_and_picks_come_in_the_order_asked_for(tmp_path):
    layers = {"image": pixels(N, H, W), "image_ch1": pixels(N, H, W, seed=1)}
    path = write(tmp_path / "a.rtdc", layers)
    (source,), _ = READER.claim(tmp_path, [path], HOW)
    contents = READER.check(source, HOW)
    picks = [7, 0, 7, 11, 3]
    cells = list(READER.cells(source, contents, [2, 1], picks))
    assert [cell.object for cell in cells] == picks
    for cell, pick in zip(cells, picks, strict=True):
        np.testing.assert_array_equal(cell.image, [layers["image_ch1"][pick], layers["image"][pick]])


def test_colour(tmp_path):
    image = pixels(N, H, W, 3)
    contents, cells = read_all(
        READER, tmp_path, write(tmp_path / "a.rtdc", {"image": image, "image_ch1": image[..., 0]})
    )
    assert [(c.name, c.number) for c in contents.channels] == [
        ("Red", 1), ("Green", 2), ("Blue", 3), ("Image ch1", 4),
    ]  # fmt: skip
    np.testing.assert_array_equal(cells[5].image[:3], np.moveaxis(image[5], -1, 0))


def test_features_positions_and_sizes(tmp_path):
    features = {
        "pos_x": np.full(N, 2.5), "pos_y": np.linspace(1, 6, N), "size_x": np.full(N, 2), "size_y": np.arange(N),
        "deform": np.full(N, np.inf), "index": np.full(N, 255, np.uint8), "short": np.arange(3),
    }  # fmt: skip
    mask = np.zeros((N, H, W), np.uint8)
    mask[:, 2:4] = 255
    path = write(tmp_path / "a.rtdc", {"image": pixels(N, H, W), "mask": mask}, features)
    contents, cells = read_all(READER, tmp_path, path)
    assert contents.objects.tolist() == list(range(N))
    assert contents.pixel_size == 0.5
    np.testing.assert_allclose(contents.centres[0], (2, 5))
    assert np.isnan(contents.centres[-1]).all()
    assert contents.extents.tolist()[:2] == [4, 4] and contents.extents[11] == 22
    assert set(contents.measurements) == {"pos_x", "pos_y", "size_x", "size_y", "deform"}
    assert np.isnan(contents.measurements["deform"]).all()
    assert "short" in contents.cues[0].text
    assert contents.masks and np.unique(cells[3].mask).tolist() == [0, 1]
    np.testing.assert_array_equal(cells[3].mask[0], mask[3] == 255)


def test_extent_from_the_area(tmp_path):
    contents, _ = read_all(READER, tmp_path, write(tmp_path / "a.rtdc", features={"area_um": np.full(N, np.pi * 4)}))
    np.testing.assert_allclose(contents.extents, 8, rtol=1e-6)


def test_without_pixel_size(tmp_path):
    path = write(tmp_path / "a.rtdc", features={"pos_x": np.ones(N), "pos_y": np.ones(N)}, attributes={})
    contents, _ = read_all(READER, tmp_path, path)
    assert contents.pixel_size == 0 and contents.centres is None
    assert contents.cues[0].subject == "Pixel size"


def test_facts_hold_no_path_and_no_sample(tmp_path):
    attributes = {
        "imaging:pixel size": 0.34, "setup:identifier": "ZMDD-AcC", "setup:medium": "C:\\Users\\Jane", "setup:flow rate": 0.06,
        "experiment:sample": "Jane Doe",
    }  # fmt: skip
    contents, _ = read_all(READER, tmp_path, write(tmp_path / "a.rtdc", attributes=attributes))
    assert contents.facts == {"Pixel size (µm)": "0.34", "Instrument": "ZMDD-AcC", "Flow rate (µl/s)": "0.06"}


def test_labels_beside(tmp_path):
    path = write(tmp_path / "M_Data.rtdc")
    (tmp_path / "M_Labels.txt").write_text("\n".join(str(at % 3) for at in range(N)))
    contents, _ = read_all(READER, tmp_path, path)
    assert contents.tags["class"] == [str(at % 3) for at in range(N)]
    (source,), _ = READER.claim(tmp_path, [path], HOW)
    assert [file.name for file in source.files] == ["M_Data.rtdc", "M_Labels.txt"]


@pytest.mark.parametrize("text", ["1\n2\n", "a\n" * N, "0.5\n" * N, "nan\n" * N, "inf\n" * N])
def test_labels_that_do_not_fit_are_left_out(tmp_path, text):
    path = write(tmp_path / "M_Data.rtdc")
    (tmp_path / "M_Labels.txt").write_text(text)
    contents, _ = read_all(READER, tmp_path, path)
    assert not contents.tags
    assert "M_Labels.txt" in contents.cues[0].text


def test_a_damaged_piece_loses_its_cells_only(tmp_path):
    path = write(tmp_path / "a.rtdc", fletcher32=True)
    with h5py.File(path) as file:
        chunk = file["events/image"].id.get_chunk_info(1)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + 20] ^= 255
    path.write_bytes(data)
    _, answers = read_all(READER, tmp_path, path)
    assert [answer.object for answer in answers if isinstance(answer, Lost)] == [5, 6, 7, 8, 9]


def test_a_piece_that_was_never_written_is_not_black(tmp_path):
    path = tmp_path / "a.rtdc"
    with h5py.File(path, "w") as file:
        images = file.create_dataset("events/image", (N, H, W), "u1", chunks=(4, H, W))
        images[:8] = 7
    _, answers = read_all(READER, tmp_path, path)
    assert [answer.object for answer in answers if isinstance(answer, Lost)] == [8, 9, 10, 11]


def test_a_file_that_is_cut_keeps_its_first_cells(tmp_path):
    path = write(tmp_path / "a.rtdc", {"image": pixels(400, H, W)}, attributes={}, compression=None, chunks=(20, H, W))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    contents, answers = read_all(READER, tmp_path, path)
    assert "cut short" in contents.cues[0].subject
    lost = [answer.object for answer in answers if isinstance(answer, Lost)]
    assert 0 < len(lost) < 300 and lost[-1] == 399


def test_links_and_other_files_are_not_followed(tmp_path):
    write(tmp_path / "other.rtdc")
    for kind, link in {
        "outside": h5py.ExternalLink("other.rtdc", "/events/image"), "soft": h5py.SoftLink("/elsewhere"),
    }.items():  # fmt: skip
        with h5py.File(tmp_path / f"{kind}.rtdc", "w") as file:
            file.create_group("events")["image"] = link
        with pytest.raises(Unreadable, match="not followed"):
            read_all(READER, tmp_path, tmp_path / f"{kind}.rtdc")


def test_virtual_and_outside_storage_are_not_followed(tmp_path):
    path = tmp_path / "a.rtdc"
    with h5py.File(path, "w", libver="latest") as file:
        layout = h5py.VirtualLayout((N, H, W), "u1")
        layout[:] = h5py.VirtualSource("other.rtdc", "events/image", (N, H, W))
        file.create_group("events").create_virtual_dataset("image", layout)
    with pytest.raises(Unreadable, match="virtual"):
        read_all(READER, tmp_path, path)
    (tmp_path / "secret").write_bytes(bytes(N * H * W))
    with h5py.File(path, "w") as file:
        file.create_dataset("events/image", (N, H, W), "u1", external=[(str(tmp_path / "secret"), 0, N * H * W)])
    with pytest.raises(Unreadable, match="another file"):
        read_all(READER, tmp_path, path)


def test_basins_are_named(tmp_path):
    with h5py.File(tmp_path / "a.rtdc", "w") as file:
        file.create_group("events")["deform"] = np.zeros(3)
        file.create_group("basins")
    with pytest.raises(Unreadable, match="basin"):
        read_all(READER, tmp_path, tmp_path / "a.rtdc")


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ({}, "no images"),
        ({"image": np.zeros((N, H, W, 2), np.uint8)}, "neither grey nor colour"),
        ({"image": np.zeros((N, H, W), np.int64)}, "not supported"),
        ({"image": np.zeros((2, 5000, 4), np.uint8)}, "larger"),
    ],
)
def test_what_is_refused(tmp_path, layers, words):
    with pytest.raises(Unreadable, match=words):
        read_all(READER, tmp_path, write(tmp_path / "a.rtdc", layers, chunks=True))


def test_a_layer_that_does_not_fit_is_left_out(tmp_path):
    layers = {"image": pixels(N, H, W), "image_ch1": pixels(N, H, W + 1), "mask": pixels(N, H, W - 1)}
    contents, _ = read_all(READER, tmp_path, write(tmp_path / "a.rtdc", layers))
    assert len(contents.channels) == 1 and not contents.masks
    assert {cue.subject for cue in contents.cues} == {"Image layer left out", "Masks left out"}


def test_threads_read_one_file_together(tmp_path):
    image = pixels(600, H, W)
    (source,), _ = READER.claim(tmp_path, [write(tmp_path / "a.rtdc", {"image": image})], HOW)
    contents = READER.check(source, HOW)
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda at: list(READER.cells(source, contents, [1], range(at, at + 50))), range(0, 600, 50))
    np.testing.assert_array_equal([cell.image[0] for part in parts for cell in part], image)


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_mutated_files(tmp_path, libver):
    seed = tmp_path / "seed.rtdc"
    with h5py.File(seed, "w", libver=libver) as file:
        events = file.create_group("events")
        for name in ("image", "image_ch1", "mask"):
            events.create_dataset(
                name, data=pixels(N, H, W), chunks=(5, H, W), maxshape=(None, H, W), compression="gzip", fletcher32=True
            )
        for name in ("pos_x", "pos_y", "size_x", "size_y"):
            events.create_dataset(name, data=np.arange(N) / 4, chunks=(5,), compression="gzip")
        file.attrs["imaging:pixel size"] = 0.5
        file.attrs["setup:identifier"] = "ZMDD"
    survive(READER, seed, 300, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_many_mutated_files(tmp_path, libver):
    seed = tmp_path / "seed.rtdc"
    with h5py.File(seed, "w", libver=libver) as file:
        events = file.create_group("events")
        events.create_dataset("image", data=pixels(N, H, W, 3), chunks=(5, 4, 4, 2), compression="lzf", shuffle=True)
        for at in range(12):
            events[f"feature{at}"] = np.arange(N) / 4
            file.attrs[f"setup:{at}"] = "text"
    survive(READER, seed, 3000, tmp_path)


MEANS = {
    "cifar10_rgb_cat_auto/train/cat.rtdc": (1000, 115.83, 65.19),
    "cifar10_rgb_cat_auto/train/automobile.rtdc": (1000, 116.53, 69.13),
    "cifar10_rgb_cat_auto/validation/cat.rtdc": (200, 118.13, 64.97),
    "cifar10_rgb_cat_auto/validation/automobile.rtdc": (200, 117.29, 69.04),
    "cifar10_gray_10class/Valid_Data.rtdc": (2000, 122.52, 60.61),
    "fashion_mnist_gray_10class/Valid_Data.rtdc": (2000, 71.79, 89.24),
}


@pytest.mark.skipif(not REAL.is_dir(), reason="the sample files are not here")
@pytest.mark.parametrize("name", MEANS)
def test_real_files(name):
    contents, cells = read_all(READER, REAL, REAL / name)
    count, mean, std = MEANS[name]
    images = np.stack([cell.image for cell in cells])
    assert len(cells) == count
    assert images.mean() == pytest.approx(mean, abs=0.006) and images.std() == pytest.approx(std, abs=0.006)
    assert np.unique(contents.centres).tolist() == [images.shape[-1] / 2]
    assert len(contents.channels) == (3 if "rgb" in name else 1)
    if "gray" in name:
        assert [contents.tags["class"].count(str(label)) for label in range(10)] == [200] * 10
    assert not any("D:/" in text for text in contents.facts.values())
