"""Writes ImageStream files (.cif, .rif) for tests and benchmarks, by the fact sheet ifc_formats.md."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

BYTE, ASCII, SHORT, LONG, DOUBLE = 1, 2, 3, 4, 12
_KINDS = {BYTE: "B", SHORT: "H", LONG: "I", DOUBLE: "d"}
GREYSCALE, RUNS, PLAIN = 30817, 30818, 1


def encode_greyscale(image: np.ndarray) -> bytes:
    """Encode (height, width) whole numbers: predictor, then numbers of 3 bits per nibble, low nibble first."""
    padded = np.pad(image.astype(np.int64), ((1, 0), (1, 0)))
    nibbles: list[int] = []
    for value in np.diff(np.diff(padded, axis=0), axis=1).ravel().tolist():
        count = 1
        while not -(1 << (3 * count - 1)) <= value < 1 << (3 * count - 1):
            count += 1
        digits = [(value >> (3 * at)) & 7 for at in range(count)]
        nibbles += [digit | 8 for digit in digits[:-1]] + digits[-1:]
    if len(nibbles) % 2:
        nibbles.append(0)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def encode_runs(mask: np.ndarray) -> bytes:
    """Encode (height, width) bytes as pairs of value and length - 1."""
    flat = mask.ravel()
    starts = np.flatnonzero(np.append(True, flat[1:] != flat[:-1]))
    out = bytearray()
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(flat)], strict=True):
        while begin < end:
            run = min(256, end - begin)
            out += bytes((int(flat[begin]), run - 1))
            begin += run
    return bytes(out)


def settings(used=(1, 2), bright=(1,), magnification=40, names=None, daf="", root="xislawvqe", listed="") -> bytes:
    """Return the XML of tag 33027 for the physical channels `used` (from 1)."""

    def flags(numbers):
        return "".join(f"{int(number in numbers)} " for number in range(1, 13))

    shown = "".join(f"<Channel{n}Name>{(names or {}).get(n, f'Ch{n}')}</Channel{n}Name>" for n in range(1, 13))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n<{root}><Illumination><BfLedIndicators_0_11>'
        f"{flags(bright)}</BfLedIndicators_0_11></Illumination><Imaging><Magnification>{magnification}</Magnification>"
        f"<ChannelInUseIndicators_0_11>{flags(used)}</ChannelInUseIndicators_0_11>"
        f"<ChannelNames_0_11>{listed or ' ' * 12}</ChannelNames_0_11><DafFile>{daf}</DafFile>"
        f"</Imaging><Display>{shown}</Display></{root}>"
    ).encode()


@dataclass
class Table:
    """One table (IFD): tag → (type, values or bytes), with its pixel data in one or more strips."""

    tags: dict
    pixels: bytes = b""
    strips: int = 1
    gap: int = 0
    """Empty bytes before it."""


@dataclass
class File:
    """A file in the making: `order` "<" or ">"; `layout` usual, values_first or backwards."""

    order: str = "<"
    layout: str = "usual"
    tables: list[Table] = field(default_factory=list)

    def about(self, xml=None, **tags) -> File:
        """Add the table about the file; tags as t33018=(LONG, [3])."""
        found = {256: (LONG, [1]), 257: (LONG, [1]), 33002: (SHORT, [1]), 33005: (ASCII, b"A Person"),
                 33006: (ASCII, b"ISX-1"), 33027: (ASCII, settings() if xml is None else xml)}  # fmt: skip
        self.tables.append(Table(found | {int(key[1:]): value for key, value in tags.items()}))
        return self

    def add(self, image, mask=None, number=0, packed=GREYSCALE, strips=1, gap=0, mask_packed=RUNS, **tags) -> File:
        """Add an object: image (channels, height, width), mask of the same shape or None."""
        depth, height, width = image.shape
        wide = image.transpose(1, 0, 2).reshape(height, depth * width)
        pixels = encode_greyscale(wide) if packed == GREYSCALE else wide.astype(self.order + "i2").tobytes()
        doubles = {33052 + at: (DOUBLE, [number + at + c / 4 for c in range(depth)]) for at in range(4)}
        found = {254: (BYTE, [2, 0]), 256: (LONG, [depth * width]), 257: (LONG, [height]), 258: (SHORT, [16]),
                 259: (SHORT, [packed]), 306: (ASCII, b"5/2/2016 2:26:24 PM"), 33002: (SHORT, [2]),
                 33003: (LONG, [number]), 33012: (DOUBLE, [21.5]), 33016: (LONG, [1000 + number]),
                 33017: (LONG, [77 * number]), 33024: (LONG, [3 * number]), 33056: (LONG, [30]), 33057: (LONG, [72]),
                 33071: (DOUBLE, [30.25]), 33072: (DOUBLE, [72.5])} | doubles  # fmt: skip
        found |= {int(key[1:]): value for key, value in tags.items()}
        self.tables.append(Table(found, pixels, strips, gap))
        if mask is not None:
            self.add_mask(mask, packed=mask_packed, strips=strips)
        return self

    def add_mask(self, mask, packed=RUNS, strips=1) -> File:
        """Add a mask of its own (channels, height, width)."""
        depth, height, width = mask.shape
        wide = mask.transpose(1, 0, 2).reshape(height, depth * width)
        found = {254: (BYTE, [6, 0]), 256: (LONG, [depth * width]), 257: (LONG, [height]), 258: (SHORT, [8]),
                 259: (SHORT, [packed]), 277: (BYTE, [1, 0]), 33002: (SHORT, [3]), 33016: (LONG, [0])}  # fmt: skip
        self.tables.append(Table(found, encode_runs(wide) if packed == RUNS else wide.tobytes(), strips))
        return self

    def write(self, path: Path) -> Path:
        """Lay the tables out and write them; gaps are holes in the file."""
        places, at = {}, 8
        numbers = list(range(len(self.tables)))
        for index in numbers[:1] + (numbers[:0:-1] if self.layout == "backwards" else numbers[1:]):
            at += self.tables[index].gap
            places[index] = at
            at += len(self._laid(self.tables[index], at, 0)[1])
        with path.open("wb") as file:
            begin = self._laid(self.tables[0], places[0], 0)[0] if self.tables else 8
            magic = b"II" if self.order == "<" else b"MM"
            file.write(magic + struct.pack(self.order + "HI", 42, begin))
            for index, table in enumerate(self.tables):
                following = 0
                if index + 1 < len(self.tables):
                    following = self._laid(self.tables[index + 1], places[index + 1], 0)[0]
                file.seek(places[index])
                file.write(self._laid(table, places[index], following)[1])
        return path

    def _laid(self, table: Table, at: int, following: int) -> tuple[int, bytes]:
        """Return where the table itself begins, and the bytes of it with its data, as they lie from `at` on."""
        tags = dict(table.tags)
        if table.pixels:
            cuts = [len(table.pixels) * part // table.strips for part in range(table.strips + 1)]
            tags[273] = (LONG, [0] * table.strips)
            tags[279] = (LONG, [end - begin for begin, end in zip(cuts, cuts[1:], strict=False)])
        head = 6 + 12 * len(tags)
        values = {tag: value if isinstance(value, bytes) else struct.pack(f"{self.order}{len(value)}{_KINDS[kind]}", *value)
                  for tag, (kind, value) in tags.items()}  # fmt: skip
        far = {tag: raw for tag, raw in values.items() if len(raw) > 4}
        size = sum(map(len, far.values()))
        first = self.layout == "values_first"
        begin = at + (size + len(table.pixels) if first else 0)
        pixels = at if first else at + head
        place = at + len(table.pixels) if first else at + head + len(table.pixels)
        if table.pixels:
            offsets = struct.pack(f"{self.order}{table.strips}I", *[(pixels + cut) % (1 << 32) for cut in cuts[:-1]])
            values[273] = offsets
            if 273 in far:
                far[273] = offsets
        entries, data = [], b""
        for tag in sorted(tags):
            kind, value = tags[tag]
            raw = values[tag]
            if tag in far:
                raw = struct.pack(self.order + "I", (place + len(data)) % (1 << 32))
                data += far[tag]
            entries.append(struct.pack(self.order + "HHI", tag, kind, len(value)) + raw.ljust(4, b"\0"))
        body = struct.pack(self.order + "H", len(tags)) + b"".join(entries)
        body += struct.pack(self.order + "I", following % (1 << 32))
        return begin, (table.pixels + data + body) if first else (body + table.pixels + data)


def cells(rng, count=3, channels=2, low=5, high=12, top=1023):
    """Return `count` pairs of a random image int16 and a random mask uint8 (channels, height, width)."""
    found = []
    for _ in range(count):
        shape = (channels, *rng.integers(low, high, 2).tolist())
        scale = rng.choice([3, 40, top])
        image = (rng.integers(-20, 20, shape) + rng.integers(0, scale, shape)).astype(np.int16)
        mask = (rng.random(shape) < 0.4).astype(np.uint8) * rng.choice([1, 1, 1, 2, 3], shape).astype(np.uint8)
        found.append((image, mask))
    return found


def small(path: Path, count=3, masks=True, seed=1, xml=None, high=12, **options) -> list:
    """Write a small file; return its pairs of image and mask."""
    found = cells(np.random.default_rng(seed), count, high=high)
    file = File(**options).about(xml, t33018=(LONG, [count]))
    for number, (image, mask) in enumerate(found):
        file.add(image, mask if masks else None, number)
    file.write(path)
    return found


def repeat(example: Path, target: Path, count: int) -> Path:
    """Write a file of `count` objects: those of a little-endian example over and over, numbered anew."""
    data = np.frombuffer(example.read_bytes(), np.uint8)
    word = struct.Struct("<I").unpack_from
    sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
    begins, moved, numbers = [], [], []
    (at,) = word(data, 4)
    (begin,) = word(data, at + 2 + 12 * int(data[at : at + 2].view("<u2")[0]))
    offset = begin
    while offset:
        begins.append(offset)
        entries = int(data[offset : offset + 2].view("<u2")[0])
        for entry in range(offset + 2, offset + 2 + 12 * entries, 12):
            tag, kind, values = struct.unpack_from("<HHI", data, entry)
            if tag == 273 or sizes[kind] * values > 4:
                moved.append(entry + 8)
            if tag == 33003:
                numbers.append(entry + 8)
        link = offset + 2 + 12 * entries
        moved.append(link)
        (offset,) = word(data, link)
    ends = [*begins[1:], len(data)]
    images, length = len(numbers), len(data) - begin
    places = np.array(moved) - begin
    about = bytearray(data[:begin].tobytes())
    for entry in range(at + 2, at + 2 + 12 * int.from_bytes(about[at : at + 2], "little"), 12):
        if about[entry : entry + 2] == struct.pack("<H", 33018):
            about[entry + 8 : entry + 12] = struct.pack("<I", count)
    with target.open("wb") as file:
        file.write(about)
        for done in range(0, count, images):
            many = min(images, count - done)
            block = data[begin:].copy()
            words = places[:, None] + np.arange(4)
            values = np.ascontiguousarray(block[words]).view("<u4")[:, 0].astype(np.int64)
            block[words] = (values + done // images * length).astype("<u4")[:, None].view(np.uint8)
            for at, place in enumerate(numbers):
                block[place - begin : place - begin + 4] = np.frombuffer(struct.pack("<I", done + at), np.uint8)
            stop = ends[2 * many - 1] - begin
            last = begins[2 * many - 1] - begin
            link = last + 2 + 12 * int(block[last : last + 2].view("<u2")[0])
            after = 0 if done + many >= count else begin + (done // images + 1) * length
            block[link : link + 4] = np.frombuffer(struct.pack("<I", after % (1 << 32)), np.uint8)
            file.write(block[:stop].tobytes())
    return target
