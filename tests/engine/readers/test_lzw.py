"""LZW streams give what went in, at once or in part; damaged ones are noticed before they lead anywhere."""

from __future__ import annotations

import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from wizard.engine.readers import READERS, lzw
from wizard.engine.readers.base import Reading, Unreadable


def old_stream(data: bytes) -> bytes:
    """Write a stream as old programs did: lowest bit first, codes widened one code later."""
    bits, place, width, following = 0, 0, 9, 258
    table = {bytes([value]): value for value in range(256)}

    def put(code):
        nonlocal bits, place
        bits |= code << place
        place += width

    put(256)
    piece = b""
    for value in data:
        longer = piece + bytes([value])
        if longer in table:
            piece = longer
            continue
        put(table[piece])
        table[longer] = following
        # A reader defines a code one step after its writer.
        width = max(9, int(following).bit_length())
        following += 1
        piece = bytes([value])
    if piece:
        put(table[piece])
    width = max(width, int(following).bit_length())
    put(257)
    return bits.to_bytes(-(-place // 8), "little")


@pytest.mark.parametrize("levels", [1, 2, 7, 256])
@pytest.mark.parametrize("number", [0, 1, 2, 700, 40_000])
def test_streams_are_unpacked(number, levels):
    data = np.random.default_rng(number).integers(0, levels, number).astype(np.uint8).tobytes()
    stream = bytes(imagecodecs.lzw_encode(data))
    assert lzw.unpacked(stream, number) == data
    assert lzw.unpacked(stream, number // 2) == data[: number // 2]
    assert lzw.unpacked(stream, number + 9) == data
    assert lzw.is_sound(stream)


@pytest.mark.parametrize("number", [2, 300, 1200])
def test_streams_of_old_programs_are_unpacked(number):
    data = np.random.default_rng(number).integers(0, 9, number).astype(np.uint8).tobytes()
    stream = old_stream(data)
    assert bytes(imagecodecs.lzw_decode(stream, out=number)) == data
    assert lzw.unpacked(stream, number) == data


def test_a_code_that_is_not_defined_is_noticed():
    # 9 bits each: clear, 65, 300.
    stream = ((256 << 18 | 65 << 9 | 300) << 5).to_bytes(4, "big")
    assert not lzw.is_sound(stream)
    assert lzw.unpacked(stream, 1) == b"A"
    with pytest.raises(ValueError, match="contradict"):
        lzw.unpacked(stream, 2)


def test_a_stream_that_begins_with_a_piece_before_it_is_noticed():
    assert not lzw.is_sound(((256 << 9 | 258) << 6).to_bytes(3, "big"))


@given(st.binary(max_size=200), st.integers(0, 500))
def test_any_bytes_give_bytes_or_an_error(data, most):
    try:
        found = lzw.unpacked(data, most)
    except ValueError:
        assert not lzw.is_sound(data)
    else:
        assert len(found) <= most


@given(st.binary(min_size=1, max_size=300), st.data())
def test_sound_streams_are_read_as_the_library_reads_them(data, draws):
    stream = bytearray(imagecodecs.lzw_encode(data))
    stream[draws.draw(st.integers(0, len(stream) - 1))] = draws.draw(st.integers(0, 255))
    if not lzw.is_sound(bytes(stream)):
        return
    try:
        theirs = bytes(imagecodecs.lzw_decode(bytes(stream), out=1000))
    except RuntimeError:
        return
    assert lzw.unpacked(bytes(stream), 1000)[: len(theirs)] == theirs


def test_images_of_few_bits_are_checked_before_the_library_sees_them(tmp_path):
    stream = io.BytesIO()
    mask = np.random.default_rng(0).random((16, 16)) < 0.5
    tifffile.imwrite(stream, mask, photometric="minisblack", compression="lzw")
    good = stream.getvalue()
    with tifffile.TiffFile(io.BytesIO(good)) as tiff:
        start, length = tiff.pages[0].dataoffsets[0], tiff.pages[0].databytecounts[0]
    reader = READERS["TIFF"]
    for data, fits in ((good, True), (good[: start + 2] + b"\xff" * (length - 2) + good[start + length :], False)):
        path = tmp_path / f"{fits}.tif"
        path.write_bytes(data)
        (source,), _ = reader.claim(tmp_path, [path], Reading())
        if fits:
            contents = reader.check(source, Reading())
            (cell,) = reader.cells(source, contents, [1], [0])
            np.testing.assert_array_equal(cell.image[0] > 0, mask)
            continue
        with pytest.raises(Unreadable, match="LZW"):
            contents = reader.check(source, Reading())
            (cell,) = reader.cells(source, contents, [1], [0])
            raise Unreadable(cell.why)
