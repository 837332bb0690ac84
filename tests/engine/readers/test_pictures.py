from __future__ import annotations

import struct
import zlib

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from wizard.engine.readers import READERS
from wizard.engine.readers.base import Reading, Unreadable

PICTURES = READERS["Single pictures"]


def look(path, how=None):
    how = how or Reading()
    (source,), skipped = PICTURES.claim(path.parent, [path], how)
    assert not skipped
    return source, PICTURES.check(source, how)


def load(path, how=None):
    source, contents = look(path, how)
    (cell,) = PICTURES.cells(source, contents, [channel.number for channel in contents.channels], [0])
    assert cell.image.shape == (len(contents.channels), contents.heights[0], contents.widths[0])
    assert cell.image.dtype == contents.dtype
    return contents, cell.image


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16", "LA", "CMYK"])
def test_modes_of_pictures(tmp_path, mode):
    kind = "jpg" if mode == "CMYK" else "png"
    picture = Image.new("L", (9, 7), 200)
    picture = picture.convert(mode) if mode != "I;16" else Image.fromarray(np.full((7, 9), 4000, np.uint16))
    path = tmp_path / f"a.{kind}"
    picture.save(path)
    contents, image = load(path)
    assert len(contents.channels) == (3 if mode in ("RGB", "RGBA", "P", "CMYK") else 1)
    assert image.shape[1:] == (7, 9)
    assert image.dtype == (np.uint16 if mode == "I;16" else np.uint8)
    assert image.max() > 150


@pytest.mark.parametrize("ending", ["PNG", "bmp", "GIF"])
def test_colours_are_the_files_own(tmp_path, ending):
    pixels = np.random.default_rng(0).choice(np.array([0, 51, 255], np.uint8), (6, 5, 3))
    path = tmp_path / f"a.{ending}"
    Image.fromarray(pixels).save(path)
    contents, image = load(path)
    assert [channel.name for channel in contents.channels] == ["Red", "Green", "Blue"]
    np.testing.assert_array_equal(image, np.moveaxis(pixels, -1, 0))


@pytest.mark.parametrize("samples", [1, 2, 3, 4])
def test_sixteen_bits_are_kept(tmp_path, samples):
    pixels = np.random.default_rng(0).integers(0, 65536, (6, 5, samples)).astype(np.uint16)
    path = tmp_path / "a.png"
    path.write_bytes(imagecodecs.png_encode(pixels if samples > 1 else pixels[..., 0]))
    contents, image = load(path)
    assert len(contents.channels) == (1 if samples < 3 else 3)
    np.testing.assert_array_equal(image, np.moveaxis(pixels, -1, 0)[: len(image)])


def test_channels_are_picked_by_number(tmp_path):
    Image.new("RGB", (4, 4), (10, 20, 30)).save(tmp_path / "a.bmp")
    source, contents = look(tmp_path / "a.bmp")
    (cell,) = PICTURES.cells(source, contents, [3, 1], [0])
    assert cell.image[:, 0, 0].tolist() == [30, 10]


def test_orientation_is_left_as_stored(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (9, 7)).save(tmp_path / "a.jpg", exif=exif)
    contents, image = load(tmp_path / "a.jpg")
    assert image.shape == (3, 7, 9)
    assert contents.facts["Compression"] == "JPEG"


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("L", (6, 5), grey) for grey in (10, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    contents, image = load(tmp_path / "a.gif")
    assert len(contents) == 1
    assert image.max() == 10


@pytest.mark.parametrize(("side", "words"), [(18000, "more pixels"), (40, "does not fill")])
def test_a_gif_that_is_larger_than_its_image_is_refused(tmp_path, side, words):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 24)).astype(np.uint8)).save(tmp_path / "a.gif")
    data = bytearray((tmp_path / "a.gif").read_bytes())
    data[6:10] = side.to_bytes(2, "little") * 2
    (tmp_path / "a.gif").write_bytes(data)
    with pytest.raises(Unreadable, match=words):
        look(tmp_path / "a.gif", Reading(longest=65535))


def test_huge_pictures_are_refused_before_decoding(tmp_path):
    path = tmp_path / "wide.png"
    Image.new("L", (5000, 20)).save(path)
    with pytest.raises(Unreadable, match="larger than the 4096 px"):
        look(path)
    _, image = load(path, Reading(longest=65535))
    assert image.shape == (1, 20, 5000)


def test_large_fields_of_view_pass_where_they_are_expected(tmp_path):
    path = tmp_path / "field.png"
    Image.new("L", (16000, 12000)).save(path)
    source, contents = look(path, Reading(longest=65535))
    assert (contents.heights[0], contents.widths[0]) == (12000, 16000)


def test_bombs_are_refused(tmp_path):
    path = tmp_path / "bomb.png"
    Image.new("L", (10, 10)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (60000).to_bytes(4, "big") * 2
    path.write_bytes(data)
    with pytest.raises(Unreadable):
        look(path, Reading(longest=65535))


def test_a_changed_pixel_in_a_png_is_noticed(tmp_path):
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40)).astype(np.uint8)
    Image.fromarray(pixels).save(path, compress_level=0)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    source, contents = look(path)
    with pytest.raises(Unreadable, match="damaged"):
        list(PICTURES.cells(source, contents, [1], [0]))


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "gif"])
def test_truncated_pictures_are_refused(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40)).astype(np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[: -(path.stat().st_size // 3)])
    source, contents = look(path)
    with pytest.raises(Unreadable, match="damaged"):
        list(PICTURES.cells(source, contents, [1], [0]))


def test_a_picture_with_a_wrong_name_is_refused(tmp_path):
    path = tmp_path / "a.png"
    Image.new("L", (9, 7)).save(path, "BMP")
    with pytest.raises(Unreadable, match="not a PNG"):
        look(path)


def test_a_vanished_picture_is_refused(tmp_path):
    path = tmp_path / "a.png"
    Image.new("L", (9, 7)).save(path)
    source, contents = look(path)
    path.unlink()
    with pytest.raises(Unreadable, match="cannot be read"):
        list(PICTURES.cells(source, contents, [1], [0]))


def png(head, rows):
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@pytest.mark.parametrize("fault", ["short", "row"])
@pytest.mark.parametrize("colours", [1, 2, 3, 4])
def test_sixteen_bits_with_true_sums_over_false_pixels_are_refused(tmp_path, monkeypatch, fault, colours):
    """The library's decoder is never asked: its report of such a file reads memory that it has given back."""
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[colours]
    rows = bytearray(6 * (1 + 5 * 2 * colours))
    rows[0] = 9 if fault == "row" else 0
    head = struct.pack(">IIBBBBB", 5, 6, 16, kind, 0, 0, 0)
    path = tmp_path / "a.png"
    path.write_bytes(png(head, bytes(rows[: len(rows) // 2] if fault == "short" else rows)))
    monkeypatch.setattr(imagecodecs, "png_decode", None)
    with pytest.raises(Unreadable, match="damaged"):
        load(path)


def test_interlaced_pictures_of_sixteen_bits_are_read(tmp_path):
    """Seven passes over 9 x 9 px, each row with filter 0."""
    pixels = np.random.default_rng(0).integers(0, 65536, (9, 9, 3)).astype(">u2")
    starts = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(
        b"\0" + row[left::right].tobytes() for top, left, down, right in starts for row in pixels[top::down]
    )
    path = tmp_path / "a.png"
    path.write_bytes(png(struct.pack(">IIBBBBB", 9, 9, 16, 2, 0, 0, 1), rows))
    np.testing.assert_array_equal(load(path)[1], np.moveaxis(pixels, -1, 0))
    path.write_bytes(png(struct.pack(">IIBBBBB", 9, 9, 16, 2, 0, 0, 1), rows[:-9]))
    with pytest.raises(Unreadable, match="fill"):
        load(path)
