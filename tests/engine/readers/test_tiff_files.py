"""TIFF files of every shape: known pixels come back, as the channels and cells that they are."""

from __future__ import annotations

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

from wizard.engine.readers import READERS
from wizard.engine.readers.base import Lost, Reading, Unreadable

TIFF = READERS["TIFF"]
RNG = np.random.default_rng(3)


def look(path, **how):
    reading = Reading(**how)
    (source,), skipped = TIFF.claim(path.parent, [path], reading)
    assert not skipped
    return source, TIFF.check(source, reading)


def load(path, **how):
    """Return the contents and the images of all cells, which must be as the contents say."""
    source, contents = look(path, **how)
    numbers = [channel.number for channel in contents.channels]
    images = []
    for pick, cell in enumerate(TIFF.cells(source, contents, numbers, range(len(contents)))):
        assert not isinstance(cell, Lost), cell.why
        assert cell.object == contents.objects[pick]
        assert cell.image.shape == (len(numbers), contents.heights[pick], contents.widths[pick])
        assert cell.image.dtype == contents.dtype
        images.append(cell.image)
    return contents, images


def noise(*shape, dtype=np.uint16, high=None):
    if np.dtype(dtype).kind == "f":
        return RNG.normal(0, 100, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return RNG.integers(limits.min, high or limits.max, shape, dtype=dtype)


def names(contents):
    return [channel.name for channel in contents.channels]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8"])
def test_types_orders_and_offsets(tmp_path, dtype, big, order):
    pixels = noise(7, 9, dtype=dtype)
    tifffile.imwrite(tmp_path / "a.TIF", pixels, byteorder=order, bigtiff=big)
    contents, (image,) = load(tmp_path / "a.TIF")
    assert names(contents) == ["Grey"]
    assert image.dtype == (np.float32 if dtype == "f8" else np.dtype(dtype))
    np.testing.assert_array_equal(image[0], pixels.astype(image.dtype))


@pytest.mark.parametrize(
    "layout", [{}, {"rowsperstrip": 5}, {"tile": (16, 32)}, {"rowsperstrip": 3, "predictor": True}]
)
@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "zstd", "lzma"])
def test_compressions_strips_and_tiles(tmp_path, compression, layout):
    if layout.get("predictor") and compression in (None, "packbits"):
        pytest.skip("nobody writes that")
    pixels = noise(37, 41)
    tifffile.imwrite(tmp_path / "a.tif", pixels, compression=compression, **layout)
    _, (image,) = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(image[0], pixels)


def test_floats_with_their_predictor(tmp_path):
    pixels = noise(20, 16, dtype=np.float32)
    tifffile.imwrite(tmp_path / "a.tif", pixels, compression="zlib", predictor=3)
    _, (image,) = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(image[0], pixels)


@pytest.mark.parametrize("colour", [False, True])
def test_jpeg(tmp_path, colour):
    pixels = np.full((24, 40, 3) if colour else (24, 40), 90, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, compression="jpeg", photometric="rgb" if colour else "minisblack")
    contents, (image,) = load(tmp_path / "a.tif")
    assert contents.facts["Compression"] == "JPEG"
    assert len(image) == (3 if colour else 1)
    assert abs(image.astype(int) - 90).max() < 4


@pytest.mark.parametrize(("bits", "order"), [(1, "<"), (4, "<"), (10, ">"), (12, "<"), (12, ">"), (14, "<")])
def test_packed_bits(tmp_path, bits, order):
    pixels = RNG.integers(0, 2**bits, (7, 9)).astype(np.uint8 if bits <= 8 else np.uint16)
    data = pack(pixels, bits)
    write_by_hand(tmp_path / "a.tif", data, 9, 7, bits, order=order)
    contents, (image,) = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(image[0], pixels)
    assert contents.facts.get("Bits per pixel") == (None if bits == 1 else str(bits))


def pack(pixels, bits):
    """Lay values of a few bits side by side, every row from a whole byte on (TIFF 6.0, BitsPerSample)."""
    shifts = np.arange(bits - 1, -1, -1, dtype=pixels.dtype)
    return np.packbits((pixels[..., None] >> shifts & 1).reshape(len(pixels), -1).astype(bool), axis=1).tobytes()


def write_by_hand(path, data, width, height, bits, order="<", changes=None, following=0):
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: len(data)}
    tags |= changes or {}
    entries = b"".join(struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    start = 8 + len(data)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    tail = struct.pack(order + "I", following or 0)
    path.write_bytes(head + data + struct.pack(order + "H", len(tags)) + entries + tail)


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "lzw"])
@pytest.mark.parametrize("samples", [3, 4])
def test_colour(tmp_path, samples, compression, planar):
    pixels = noise(11, 13, samples, dtype=np.uint8)
    stored = np.moveaxis(pixels, -1, 0) if planar == "separate" else pixels
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", planarconfig=planar, compression=compression)
    contents, (image,) = load(tmp_path / "a.tif")
    assert names(contents) == ["Red", "Green", "Blue"]
    np.testing.assert_array_equal(image, np.moveaxis(pixels, -1, 0)[:3])


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_samples_that_are_no_colours_are_channels(tmp_path, planar):
    pixels = noise(11, 13, 5)
    stored = np.moveaxis(pixels, -1, 0) if planar == "separate" else pixels
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack", planarconfig=planar)
    source, contents = look(tmp_path / "a.tif")
    assert names(contents) == ["Ch1", "Ch2", "Ch3", "Ch4", "Ch5"]
    (cell,) = TIFF.cells(source, contents, [5, 2], [0])
    np.testing.assert_array_equal(cell.image, np.moveaxis(pixels, -1, 0)[[4, 1]])


def test_palette(tmp_path):
    pixels = noise(8, 8, dtype=np.uint8)
    colours = RNG.integers(0, 65536, (3, 256)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="palette", colormap=colours)
    contents, (image,) = load(tmp_path / "a.tif")
    assert names(contents) == ["Red", "Green", "Blue"]
    np.testing.assert_array_equal(image, (colours >> 8)[:, pixels])


@pytest.mark.parametrize(("setting", "cells", "channels"), [("auto", 1, 6), ("channels", 1, 6), ("cells", 6, 1)])
def test_few_equal_pages(tmp_path, setting, cells, channels):
    pixels = noise(6, 20, 24)
    with tifffile.TiffWriter(tmp_path / "a.tiff") as writer:
        for page in pixels:
            writer.write(page, metadata=None, contiguous=False)
    contents, images = load(tmp_path / "a.tiff", pages=setting)
    assert (len(contents), len(contents.channels)) == (cells, channels)
    np.testing.assert_array_equal(np.concatenate(images), pixels)
    if channels == 6:
        assert names(contents) == ["Ch1", "Ch2", "Ch3", "Ch4", "Ch5", "Ch6"]


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_many_pages_are_cells(tmp_path, compression):
    pixels = noise(40, 20, 24)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for page in pixels:
            writer.write(page, metadata=None, contiguous=False, compression=compression)
    source, contents = look(tmp_path / "a.tif")
    assert len(contents) == 40
    picked = [cell.image[0] for cell in TIFF.cells(source, contents, [1], [39, 0, 7])]
    np.testing.assert_array_equal(picked, pixels[[39, 0, 7]])
    contents, _ = load(tmp_path / "a.tif", pages="channels")
    assert len(contents.channels) == 40


def test_pages_of_unequal_size_are_cells(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for side in (8, 12, 10):
            writer.write(np.full((side, side + 1), side, np.uint8), metadata=None)
    contents, images = load(tmp_path / "a.tif")
    assert contents.heights.tolist() == [8, 12, 10]
    assert [image.max() for image in images] == [8, 12, 10]
    with pytest.raises(Unreadable, match="differ in size"):
        look(tmp_path / "a.tif", pages="channels")


def test_reduced_copies_are_left_out(tmp_path):
    pixels = noise(4, 32, 32)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for page in pixels:
            writer.write(page, metadata=None)
            writer.write(page[::2, ::2], metadata=None, subfiletype=1)
    contents, (image,) = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(image, pixels)
    assert "4 reduced copies" in contents.cues[0].text


@pytest.mark.parametrize(
    ("shape", "axis"), [((3, 20, 24), 0), ((16, 20, 24), 0), ((20, 24, 3), 2), ((30, 40, 16), 2), ((5, 6, 4), 2)]
)
def test_channels_first_and_last(tmp_path, shape, axis):
    pixels = noise(*shape)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack")
    contents, (image,) = load(tmp_path / "a.tif")
    assert len(contents.channels) == shape[axis]
    np.testing.assert_array_equal(image, np.moveaxis(pixels, axis, 0))


@pytest.mark.parametrize("last", [False, True])
def test_stacks_of_cells_with_channels(tmp_path, last):
    pixels = noise(7, 3, 20, 24)
    tifffile.imwrite(
        tmp_path / "a.tif", np.moveaxis(pixels, 1, -1) if last else pixels, photometric="minisblack", compression="zlib"
    )
    contents, images = load(tmp_path / "a.tif")
    assert (len(contents), len(contents.channels)) == (7, 3)
    np.testing.assert_array_equal(images, pixels)


def test_named_axes_of_arrays(tmp_path):
    pixels = noise(20, 3, 10, 12)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", metadata={"axes": "CTYX"})
    _, images = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(images, pixels.swapaxes(0, 1))


@pytest.mark.parametrize("compression", [None, "lzw"])
def test_ome_channels_and_cells(tmp_path, compression):
    pixels = noise(5, 3, 20, 24)
    metadata = {
        "axes": "TCYX", "Channel": {"Name": ["Bright field", "DNA", "SSC"]},
        "PhysicalSizeX": 500.0, "PhysicalSizeXUnit": "nm",
    }  # fmt: skip
    tifffile.imwrite(
        tmp_path / "a.ome.tif", pixels, metadata=metadata, photometric="minisblack", compression=compression
    )
    contents, images = load(tmp_path / "a.ome.tif")
    assert [channel.shown for channel in contents.channels] == ["Ch1 Bright field", "Ch2 DNA", "Ch3 SSC"]
    assert contents.pixel_size == pytest.approx(0.5)
    np.testing.assert_array_equal(images, pixels)
    contents, (image,) = load(tmp_path / "a.ome.tif", pages="channels")
    np.testing.assert_array_equal(image, pixels.reshape(15, 20, 24))


def test_ome_order_and_places(tmp_path):
    """Planes stored in another order than the description's, by IFD."""
    pixels = noise(4, 6, 7)
    blocks = "".join(f'<TiffData IFD="{3 - n}" FirstC="{n % 2}" FirstT="{n // 2}" PlaneCount="1"/>' for n in range(4))
    write_ome(tmp_path / "a.ome.tif", pixels, f'SizeC="2" SizeT="2" SizeZ="1" DimensionOrder="XYCZT">{blocks}')
    _, images = load(tmp_path / "a.ome.tif")
    np.testing.assert_array_equal(images, pixels[::-1].reshape(2, 2, 6, 7))
    write_ome(tmp_path / "b.ome.tif", pixels, 'SizeC="2" SizeT="2" SizeZ="1" DimensionOrder="XYTZC"><TiffData/>')
    _, images = load(tmp_path / "b.ome.tif")
    np.testing.assert_array_equal(images, pixels.reshape(2, 2, 6, 7).swapaxes(0, 1))


def write_ome(path, pixels, inner, head="<?xml version='1.0'?>", attributes=""):
    text = (
        f'{head}<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" {attributes}><Image ID="Image:0">'
        f'<Pixels ID="Pixels:0" Type="uint16" SizeX="{pixels.shape[2]}" SizeY="{pixels.shape[1]}" {inner}</Pixels></Image></OME>'
    )
    with tifffile.TiffWriter(path) as writer:
        for page in pixels:
            writer.write(
                page, description=text if writer.filehandle.tell() < 100 else None, metadata=None, contiguous=False
            )


def test_ome_planes_of_other_files_are_left_to_them(tmp_path):
    pixels = noise(2, 6, 7)
    blocks = "".join(
        f'<TiffData IFD="{n % 2}" FirstC="{n // 2}" FirstT="{n % 2}" PlaneCount="1">'
        f'<UUID FileName="{"ab"[n // 2]}.ome.tif">urn:uuid:{n // 2}</UUID></TiffData>'
        for n in range(4)
    )
    write_ome(tmp_path / "b.ome.tif", pixels, f'SizeC="2" SizeT="2" SizeZ="1" DimensionOrder="XYCZT">{blocks}')
    contents, images = load(tmp_path / "b.ome.tif")
    assert (len(contents), len(contents.channels)) == (2, 1)
    np.testing.assert_array_equal([image[0] for image in images], pixels)
    assert "other files" in contents.cues[0].text


def test_ome_speaks_of_more_than_there_is(tmp_path):
    pixels = noise(3, 6, 7)
    write_ome(tmp_path / "a.ome.tif", pixels, 'SizeC="2" SizeT="2" SizeZ="1" DimensionOrder="XYCZT"><TiffData/>')
    source, contents = look(tmp_path / "a.ome.tif")
    found = list(TIFF.cells(source, contents, [1, 2], [0, 1]))
    np.testing.assert_array_equal(found[0].image, pixels[:2])
    assert "missing" in found[1].why
    write_ome(tmp_path / "b.ome.tif", pixels, 'SizeC="2" SizeT="9000000" SizeZ="1" DimensionOrder="XYCZT"><TiffData/>')
    with pytest.raises(Unreadable, match="far more images"):
        look(tmp_path / "b.ome.tif")


def test_entities_in_ome_are_refused(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    inner = 'SizeC="1" SizeT="2" SizeZ="1" DimensionOrder="XYCZT"><Channel Name="&b;"/><TiffData/>'
    write_ome(tmp_path / "a.ome.tif", noise(2, 6, 7), inner, head=bomb)
    with pytest.raises(Unreadable, match="entities"):
        look(tmp_path / "a.ome.tif")


def test_damaged_ome_is_said(tmp_path):
    pixels = noise(2, 6, 7)
    write_ome(tmp_path / "a.ome.tif", pixels, 'SizeC="2" SizeT="1" SizeZ="1" DimensionOrder="XYCZT"><TiffData>')
    contents, (image,) = load(tmp_path / "a.ome.tif")
    assert "damaged" in contents.cues[0].text
    np.testing.assert_array_equal(image, pixels)


def test_imagej_hyperstacks(tmp_path):
    pixels = noise(4, 2, 3, 10, 12)
    tifffile.imwrite(
        tmp_path / "a.tif", pixels, imagej=True, metadata={"axes": "TZCYX", "unit": "um"}, resolution=(4, 4)
    )
    contents, images = load(tmp_path / "a.tif")
    assert (len(contents), len(contents.channels)) == (8, 3)
    assert contents.pixel_size == pytest.approx(0.25)
    np.testing.assert_array_equal(images, pixels.reshape(8, 3, 10, 12))


def test_imagej_slices_are_cells_where_it_is_a_hyperstack(tmp_path):
    pixels = noise(5, 10, 12)
    tifffile.imwrite(tmp_path / "a.tif", pixels, imagej=True, metadata={"axes": "ZYX"})
    assert len(look(tmp_path / "a.tif")[1]) == 5
    tifffile.imwrite(tmp_path / "b.tif", pixels, imagej=True, metadata={"axes": "ZYX", "hyperstack": False})
    assert len(look(tmp_path / "b.tif")[1].channels) == 5


@pytest.mark.parametrize("order", ["<", ">"])
def test_imagej_stacks_without_directories(tmp_path, order):
    """ImageJ writes stacks above 4 GiB with one directory."""
    pixels = noise(30, 10, 12)
    data = pixels.astype(order + "u2").tobytes()
    text = b"ImageJ=1.53t\nimages=30\nslices=30\n\0"
    place = 8 + len(data)
    write_by_hand(tmp_path / "a.tif", data + text, 12, 10, 16, order, {279: 240, 270: 0})
    raw = bytearray((tmp_path / "a.tif").read_bytes())
    entry = raw.index(struct.pack(order + "HH", 270, 4), place)
    raw[entry : entry + 12] = struct.pack(order + "HHII", 270, 2, len(text), place)
    (tmp_path / "a.tif").write_bytes(raw)
    contents, images = load(tmp_path / "a.tif")
    assert len(contents) == 30
    np.testing.assert_array_equal([image[0] for image in images], pixels)


def test_truncated_series_of_tifffile(tmp_path):
    pixels = noise(30, 10, 12)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", metadata={"truncate": 1})
    tifffile.imwrite(tmp_path / "b.tif", pixels, photometric="minisblack", append=False)
    for name in ("a.tif", "b.tif"):
        _, images = load(tmp_path / name)
        np.testing.assert_array_equal(np.squeeze(images), pixels)


def test_one_cell_per_file_with_frames_as_channels(tmp_path):
    """As cell sorters with imaging write them: one small file per event, a frame per detector."""
    pixels = noise(6, 104, 60)
    tifffile.imwrite(tmp_path / "event_000017.tiff", pixels, photometric="minisblack", metadata=None)
    contents, (image,) = load(tmp_path / "event_000017.tiff")
    assert (len(contents), len(contents.channels)) == (1, 6)
    np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize("compression", [8, 32773])
def test_a_last_strip_that_is_filled_up(tmp_path, compression):
    pixels = noise(7, 10, dtype=np.uint8)
    padded = np.vstack([pixels, np.zeros((1, 10), np.uint8)])
    encode = zlib.compress if compression == 8 else imagecodecs.packbits_encode
    strips = [encode(padded[top : top + 4].tobytes()) for top in (0, 4)]
    data = b"".join(strips)
    places = struct.pack("<4I", 8 + 16, 8 + 16 + len(strips[0]), *map(len, strips))
    write_by_hand(tmp_path / "a.tif", places + data, 10, 7, 8, changes={259: compression, 278: 4})
    raw = bytearray((tmp_path / "a.tif").read_bytes())
    for tag, place in ((273, 8), (279, 16)):
        entry = raw.rindex(struct.pack("<HH", tag, 4))
        raw[entry : entry + 12] = struct.pack("<HHII", tag, 4, 2, place)
    (tmp_path / "a.tif").write_bytes(raw)
    _, (image,) = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(image[0], pixels)


def test_large_fields_of_view(tmp_path):
    pixels = noise(300, 5000, dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, compression="zlib", tile=(256, 256))
    with pytest.raises(Unreadable, match="larger than the 4096 px"):
        look(tmp_path / "a.tif")
    _, (image,) = load(tmp_path / "a.tif", longest=65535)
    np.testing.assert_array_equal(image[0], pixels)


def test_some_pages_are_too_large(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for width in (8, 5000, 9):
            writer.write(np.full((8, width), width % 251, np.uint8), metadata=None)
    source, contents = look(tmp_path / "a.tif")
    found = list(TIFF.cells(source, contents, [1], range(3)))
    assert [isinstance(cell, Lost) for cell in found] == [False, True, False]
    assert "larger than" in found[1].why
    assert contents.cues[0].count == 1


def test_unequal_types_share_one(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for dtype in (np.uint8, np.uint16):
            writer.write(np.full((8, 8), 200, dtype), metadata=None)
    contents, images = load(tmp_path / "a.tif")
    assert (len(contents), contents.dtype) == (2, np.uint16)
    assert [image.max() for image in images] == [200, 200]


def test_a_file_that_changes_is_noticed(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", noise(8, 8))
    source, contents = look(tmp_path / "a.tif")
    tifffile.imwrite(tmp_path / "a.tif", noise(9, 8))
    (cell,) = TIFF.cells(source, contents, [1], [0])
    assert "changed" in cell.why


def test_white_is_zero_is_said(tmp_path):
    pixels = noise(8, 8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="miniswhite")
    contents, (image,) = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(image[0], pixels)
    assert contents.facts["Grey levels"] == "0 is white"


def test_many_threads_read_one_file(tmp_path):
    pixels = noise(60, 12, 12)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", compression="lzw", metadata=None)
    source, contents = look(tmp_path / "a.tif")
    with ThreadPoolExecutor(4) as pool:
        slices = pool.map(
            lambda start: [cell.image[0] for cell in TIFF.cells(source, contents, [1], range(start, start + 20))],
            (0, 20, 40),
        )
        np.testing.assert_array_equal(np.concatenate(list(slices)), pixels)


SHARED = Path(__file__).parents[3].parent / "shared" / "data"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_real_cells_in_every_shape(tmp_path):
    """The same real pixels as one file per channel, several pages, OME-TIFF and ImageJ hyperstack."""
    folder = SHARED / "demo_jurkat" / "Experiment_1" / "Part_1" / "Metaphase"
    reader = READERS["TIFF, one file per channel"]
    sources, _ = reader.claim(folder, sorted(folder.iterdir()), Reading())
    cells = []
    for source in sources:
        contents = reader.check(source, Reading())
        cells += [cell.image for cell in reader.cells(source, contents, [3, 4, 6], [0])]
    assert len(cells) == 15
    stack = np.stack(cells)
    np.testing.assert_array_equal(stack[0, 1], tifffile.imread(sources[0].files[1]))
    metadata = {"axes": "TCYX"}
    tifffile.imwrite(tmp_path / "o.ome.tif", stack, photometric="minisblack", metadata=metadata, compression="zlib")
    tifffile.imwrite(tmp_path / "i.tif", stack, imagej=True, metadata=metadata)
    tifffile.imwrite(tmp_path / "s.tif", stack, photometric="minisblack")
    for path in tmp_path.iterdir():
        _, images = load(path)
        np.testing.assert_array_equal(images, stack)
