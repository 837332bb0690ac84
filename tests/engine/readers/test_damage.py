"""Damaged files end in cells or in `Unreadable`, never in another exception."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from wizard.engine.readers import READERS
from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.tiff import read_tiff

PICTURES = READERS["Single pictures"]


def seed_file(kind: str) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (12, 10, 3)).astype(np.uint8)
    stream = io.BytesIO()
    if kind == "tif":
        tifffile.imwrite(stream, pixels[..., 0].astype(np.uint16), compression="zlib")
    else:
        Image.fromarray(pixels).save(stream, {"png": "PNG", "jpg": "JPEG", "bmp": "BMP"}[kind])
    return stream.getvalue()


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    if rng.random() < 0.3:
        return bytes(changed[: rng.integers(0, len(changed))])
    for _ in range(rng.integers(1, 6)):
        changed[rng.integers(0, len(changed))] = rng.integers(0, 256)
    return bytes(changed)


@pytest.mark.parametrize("kind", ["tif", "png", "jpg", "bmp"])
def test_mutated_files(tmp_path, kind):
    rng = np.random.default_rng(7)
    data = seed_file(kind)
    path = tmp_path / f"cell.{kind}"
    for _ in range(250):
        path.write_bytes(mutate(data, rng))
        try:
            sources, _ = PICTURES.claim(tmp_path, [path])
            for source in sources:
                for cell in PICTURES.cells(source, [channel.number for channel in source.channels]):
                    assert cell.image.ndim == 3
                    assert cell.image.dtype.kind in "uif"
        except Unreadable as error:
            assert str(error)


def test_huge_pictures_are_refused_before_decoding(tmp_path):
    path = tmp_path / "bomb.png"
    Image.new("L", (5000, 20)).save(path)
    assert "larger than" in PICTURES.claim(tmp_path, [path])[1][0].why


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((3, 8, 8), np.uint16), "pages"),
        (np.zeros((8, 8), np.complex64), "not supported"),
        (np.full((8, 8), np.nan, np.float32), "not numbers"),
    ],
)
def test_unusual_tiffs_are_refused_with_a_reason(tmp_path, image, words):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, image, photometric="minisblack")
    with pytest.raises(Unreadable, match=words):
        read_tiff(path)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16", "LA", "CMYK"])
def test_modes_of_pictures(tmp_path, mode):
    kind = "jpg" if mode == "CMYK" else "png"
    picture = Image.new("L", (9, 7), 200)
    picture = picture.convert(mode) if mode != "I;16" else Image.fromarray(np.full((7, 9), 4000, np.uint16))
    path = tmp_path / f"a.{kind}"
    picture.save(path)
    (source,), _ = PICTURES.claim(tmp_path, [path])
    (cell,) = PICTURES.cells(source, [channel.number for channel in source.channels])
    assert cell.image.shape == (len(source.channels), 7, 9)
    assert cell.image.dtype == (np.uint16 if mode == "I;16" else np.uint8)
    assert cell.image.max() > 150


def test_a_picture_with_a_wrong_name_is_refused(tmp_path):
    path = tmp_path / "a.png"
    Image.new("L", (9, 7)).save(path, "BMP")
    assert "not a PNG" in PICTURES.claim(tmp_path, [path])[1][0].why
