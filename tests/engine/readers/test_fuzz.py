"""Every format, damaged in a thousand ways, from the input folder to the pixels.

Whatever the damage: cells, lost cells, files that are left out with a reason, or a UserError, within 5 s and 500 MB.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
import warnings
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tifffile
from PIL import Image

from tests.engine.readers.seeds import COCO, PROFILER, SEEDS, VOC, analysis, make, pixels, placed
from tests.engine.readers.test_cells_folder import write_set
from tests.engine.readers.test_ome_zarr import attributes, multiscales, write_array
from tests.engine.readers.test_tiff_files import write_ome
from wizard.engine.data.channels import kept_channels
from wizard.engine.data.gather import gather
from wizard.engine.data.reading import read
from wizard.engine.errors import UserError
from wizard.engine.readers.base import Cell, Lost
from wizard.parse_plan import ParsePlan

try:
    import resource
except ImportError:
    resource = None

_SECONDS, _BYTES = 5, 500e6
_LOW = [0, 1, 2, 3, 7, 8, 16, 255]
_TEXTS = [b"9" * 40, b"-1", b"1e308", b"NaN", b'"', b"[[[[", b"\xff\xfe", b"\n\n", b"../", b"\0", b"null", b"</", b",,"]


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """Change a file in one of the ways in which files break, or in which someone would break them."""
    changed = bytearray(data)
    size = len(changed)
    if not size:
        return bytes(rng.integers(0, 256, rng.integers(1, 9)).astype(np.uint8))
    values = np.frombuffer(data, np.uint8)
    digits = np.flatnonzero((values >= 48) & (values < 58))
    for _ in range(rng.choice([1, 1, 2, 4])):
        at, length = int(rng.integers(0, len(changed) or 1)), int(rng.choice([1, 2, 4, 8, 16, 64]))
        match rng.integers(0, 13):
            case 0 | 1:
                changed[at : at + 1] = bytes([byte ^ (1 << int(rng.integers(0, 8))) for byte in changed[at : at + 1]])
            case 2 | 3:
                changed[at : at + 1] = bytes([int(rng.choice([0, 1, 127, 128, 255]))])
            case 4 | 5:
                changed[at : at + length] = number(rng, min(length, 8), size)
            case 6 | 10 | 11 if len(digits):
                at = int(rng.choice(digits))
                changed[at : at + 1] = rng.choice([b"0", b"9", b"5", b"-1", b"77777777", b"3.5"]).tobytes()
            case 7:
                del changed[at:]
            case 8:
                del changed[at : at + length]
            case 9:
                other = int(rng.integers(0, len(changed) or 1))
                changed[at : at + length], changed[other : other + length] = (
                    changed[other : other + length], changed[at : at + length],
                )  # fmt: skip
            case _:
                changed[at:at] = _TEXTS[rng.integers(0, len(_TEXTS))] if length < 8 else changed[at : at + length]
    return bytes(changed)


def number(rng: np.random.Generator, length: int, size: int) -> bytes:
    """Return a whole number of 1 to 8 bytes as files should not have it."""
    most = (1 << (8 * length)) - 1
    values = [*_LOW, most, most - 1, most // 2, most // 2 + 1, size - 1, size, int(rng.integers(0, size)), 1 << 32]
    return (values[rng.integers(0, len(values))] & most).to_bytes(length, "little" if rng.random() < 0.8 else "big")


@dataclass
class Outcome:
    """What came of an input: cells by source and object number, the tags, how many sources were found or told of."""

    end: str = "refused"
    told: int = 0
    cells: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)
    tags: dict[str, set[tuple[str, int, str]]] = field(default_factory=dict)


def quiet(fraction: float, label: str = "") -> None:
    """Tell nobody."""


def outcome(given: dict) -> Outcome:
    """Gather and read everything, as Parse does; warnings count as failures."""
    plan = ParsePlan(**given)
    found = Outcome()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # About libraries to come, and headers that Python 2 wrote; neither says that anything went wrong.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", "Reading `.npy`", UserWarning)
        try:
            gathered = gather(plan, quiet)
            kept = kept_channels(gathered.roster, plan.channels, plan.colour)
        except UserError as error:
            assert all(line.strip() for line in error.lines()) and error.what
            return found
        assert all(item.why.strip() and item.file for item in gathered.skipped)
        assert all(cue.subject and cue.text.strip() for cue in gathered.cues)
        roster = gathered.roster
        rows = np.arange(len(roster))
        answers = list(read(roster, rows, kept, plan.colour))
    found.told = len(roster.entries) + len(gathered.skipped) + len(gathered.cues)
    check(roster, kept, answers, found)
    return found


def check(roster, kept, answers, found: Outcome) -> None:
    """Compare what was read with what the contents declared."""
    assert [row for row, _ in answers] == list(range(len(roster)))
    sources = roster.sources.tolist()
    names = list(zip(sources, roster.column("objects").tolist(), strict=True))
    assert len(set(names)) == len(names) == len(set(roster.cell_ids()))
    for name, values in roster.tags.items():
        assert len(values) == len(names) and all(isinstance(value, str) for value in values)
        found.tags[name] = {(*key, value) for key, value in zip(names, values, strict=True) if value}
    for name in roster.measurements:
        assert len(roster.measurement(name)) == len(names)
    places = [roster.optional("centres", 2), roster.optional("extents", 1), roster.optional("boxes", 4)]
    assert all(place is None or len(place) == len(names) for place in places)
    heights, widths = roster.column("heights"), roster.column("widths")
    for (row, answer), key in zip(answers, names, strict=True):
        contents = roster.entries[roster.entry[row]].contents
        assert answer.object == key[1]
        if isinstance(answer, Lost):
            assert answer.why.strip()
            continue
        assert isinstance(answer, Cell)
        assert answer.image.shape == (len(kept), heights[row], widths[row])
        assert answer.image.dtype == contents.dtype and answer.image.dtype.kind in "uif"
        assert answer.image.dtype.isnative and np.isfinite(answer.image).all()
        if answer.mask is not None:
            assert contents.masks
            assert answer.mask.shape == answer.image.shape and answer.mask.dtype == np.uint8
        found.cells[key] = answer.image
    found.end = "cells" if len(found.cells) == len(names) else "lost"


def peak() -> float:
    """Return the most memory that the process has had, in bytes; 0 on Windows."""
    if resource is None:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def survive(name: str, count: int, folder: Path, start: int = 0) -> Counter:
    """Damage a seed `count` times, one file at a time, and look at what comes of each."""
    seed, given = make(name, folder)
    whole = outcome(given)
    assert whole.end == "cells" and len(whole.cells) == seed.cells
    files = sorted(path for path in folder.glob(seed.hit) if path.is_file())
    sure = {path for path in folder.glob(seed.sure) if path.is_file()} if seed.sure else set()
    sound = {path: path.read_bytes() for path in files}
    ends, memory, key = Counter(), peak(), zlib.crc32(name.encode())
    for turn in range(start, start + count):
        rng = np.random.default_rng([key, turn])
        victim = files[rng.integers(0, len(files))]
        victim.write_bytes(damaged(sound[victim], rng))
        # Clocks of file systems are slower than this; what is kept in memory would be taken for this file's.
        os.utime(victim, (turn, turn))
        begin = time.monotonic()
        try:
            found = outcome(given)
            assert time.monotonic() - begin < _SECONDS, "too slow"
            assert peak() - memory < _BYTES, "too much memory"
            # A folder may say itself what it holds; files do not vanish without a word.
            assert found.end == "refused" or found.told >= whole.told or "**" in seed.hit, "a source is gone"
            if victim in sure:
                same(found, whole, seed.sure_tags)
        except BaseException as error:
            error.add_note(f"damage {turn} of {name} in {victim.relative_to(folder)}")
            raise
        ends[found.end] += 1
        victim.write_bytes(sound[victim])
    return ends


def same(found: Outcome, whole: Outcome, tags: bool) -> None:
    """Make sure that every cell has the pixels of the seed and, where check sums cover them, its tags."""
    for key, image in found.cells.items():
        assert key in whole.cells, "a cell that the seed does not have"
        np.testing.assert_array_equal(image, whole.cells[key])
    if tags:
        assert all(values <= whole.tags.get(name, set()) for name, values in found.tags.items())


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files(tmp_path, name):
    survive(name, SEEDS[name].turns, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SEEDS)
def test_many_damaged_files(tmp_path, name):
    survive(name, 1_500, tmp_path, start=1000)


# Files that name other files. Reader by reader: test_ome_zarr (paths, links), test_cells_folder (links), test_rtdc and
# test_hdf5 (links, virtual data sets, outside storage). Circles: test_damage, test_cif_damage, test_hdf5. Bombs:
# test_pictures, test_damage, test_arrays, test_mat, test_ome_zarr, test_hdf5, data/test_tables.

SECRET = 77
OPENED: list[str] = []
"""Files that are opened while someone listens."""


@pytest.fixture(scope="module")
def listener():
    """Note every file that Python opens; such a hook stays for ever, so that it is told when to listen."""
    listening = [True]

    def hook(event, args):
        if event == "open" and listening[0] and isinstance(args[0], (str, bytes, os.PathLike)):
            OPENED.append(os.fsdecode(args[0]))

    sys.addaudithook(hook)
    yield
    listening[0] = False


def inside(folder: Path) -> None:
    Image.fromarray(pixels(20, 24)).save(folder / "in/img1.png")


def npz_names(folder: Path, name: str) -> None:
    stream = io.BytesIO()
    np.save(stream, pixels(6, 7))
    with zipfile.ZipFile(folder / "in/a.npz", "w") as pack:
        pack.writestr(f"{name}.npy", stream.getvalue())


def coco(folder: Path, name: str) -> None:
    inside(folder)
    (folder / "m.json").write_text(json.dumps(COCO | {"images": [COCO["images"][0] | {"file_name": name}]}))


def voc(folder: Path, name: str) -> None:
    inside(folder)
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{folder}/out/secret.txt">]>' if name == "&x;" else ""
    (folder / "m.xml").write_text(entity + VOC.replace("img1.png", name))


def profiler(folder: Path, name: str) -> None:
    inside(folder)
    (folder / "m.csv").write_text(PROFILER.replace("img1.png", name))


def zarr_path(folder: Path, name: str) -> None:
    attributes(folder / "in/a.zarr", 2, multiscales([{"name": axis} for axis in "cyx"], path=name))


def zarr_link(folder: Path, name: str) -> None:
    attributes(folder / "in/a.zarr", 2, multiscales([{"name": axis} for axis in "cyx"]))
    (folder / "in/a.zarr/0").symlink_to(folder / "out/secret.zarr", target_is_directory=True)


def plate_path(folder: Path, name: str) -> None:
    attributes(folder / "in/a.zarr", 2, {"plate": {"wells": [{"path": name}]}})


def cells_link(folder: Path, name: str) -> None:
    write_set(folder / "in/a.cells", count=3)
    (folder / "in/a.cells" / name).rename(folder / "out" / name)
    (folder / "in/a.cells" / name).symlink_to(folder / "out" / name)


def cells_source(folder: Path, name: str) -> None:
    write_set(folder / "in/a.cells", count=4, masks=False)
    path = folder / "in/a.cells/cells.parquet"
    table = pq.read_table(path)
    table = table.set_column(table.column_names.index("source"), "source", pa.array([name] * 4))
    pq.write_table(table, path)


def ome_file(folder: Path, name: str) -> None:
    data = f'<TiffData IFD="0"><UUID FileName="{name}">urn:uuid:1</UUID></TiffData>'
    write_ome(folder / "in/a.ome.tif", pixels(1, 6, 7, dtype=np.uint16),
              f'SizeC="1" SizeT="1" SizeZ="1" DimensionOrder="XYCZT">{data}')  # fmt: skip


def hdf5(folder: Path, kind: str) -> None:
    target = str(folder / "out/secret.h5")
    with h5py.File(folder / "in/a.rtdc", "w", libver="latest") as file:
        events = file.create_group("events")
        if kind == "outside":
            events["image"] = h5py.ExternalLink(target, "/x")
        elif kind == "soft":
            events["image"] = h5py.SoftLink("/events/image")
        elif kind == "storage":
            events.create_dataset("image", (2, 6, 7), "u1", external=[(target, 0, 84)])
        else:
            layout = h5py.VirtualLayout((2, 6, 7), "u1")
            layout[:] = h5py.VirtualSource(target, "x", (2, 6, 7))
            events.create_virtual_dataset("image", layout)


def daf_file(folder: Path, name: str) -> None:
    analysis(True)(folder)
    path = folder / "in/cells.daf"
    path.write_bytes(path.read_bytes().replace(b"cells.cif", name.encode()))


def table_file(folder: Path, name: str) -> None:
    inside(folder)
    (folder / "t.csv").write_text(f"file,label\n{name},x\nimg1.png,y\n")


UP = "../out/secret"
CUT = {"cut": "cells", "tile": 8}
TRICKS = [
    (npz_names, UP, "cells", {}),
    (npz_names, "/tmp/secret", "cells", {}),
    (coco, f"{UP}.png", "refused", CUT | {"marks": ["{}/m.json"]}),
    (coco, "{}/out/secret.png", "refused", CUT | {"marks": ["{}/m.json"]}),
    (voc, f"{UP}.png", "refused", CUT | {"marks": ["{}/m.xml"]}),
    (voc, "&x;", "refused", CUT | {"marks": ["{}/m.xml"]}),
    (profiler, "{}/out/secret.png", "refused", CUT | {"marks": ["{}/m.csv"]}),
    (zarr_path, "../../out/secret.zarr", "refused", {}),
    (zarr_path, "{}/out/secret.zarr", "refused", {}),
    (zarr_link, "", "refused", {}),
    (plate_path, "../../out", "refused", {}),
    (cells_link, "images.zarr", "refused", {}),
    (cells_link, "cells.parquet", "refused", {}),
    (cells_link, "dataset.json", "refused", {}),
    (cells_source, "../../out/secret.tif", "cells", {}),
    (ome_file, f"{UP}.tif", "cells", {}),
    *((hdf5, kind, "refused", {}) for kind in ("outside", "soft", "storage", "virtual")),
    (daf_file, "..\\..\\out\\secret.cif", "cells", {}),
    (table_file, f"{UP}.png", "cells", {"table": "{}/t.csv"}),
]


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


@pytest.mark.parametrize(("write", "name", "end", "plan"), TRICKS, ids=lambda value: getattr(value, "__name__", None))
def test_nothing_outside_is_opened_or_written(tmp_path, listener, write, name, end, plan):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    secret = np.full((2, 20, 24), SECRET, np.uint8)
    Image.fromarray(secret[0]).save(tmp_path / "out/secret.png")
    tifffile.imwrite(tmp_path / "out/secret.tif", secret[0])
    write_array(tmp_path / "out/secret.zarr", secret)
    (tmp_path / "out/secret.txt").write_text("img1")
    with h5py.File(tmp_path / "out/secret.h5", "w") as file:
        file["x"] = secret[:, :6, :7]
    write(tmp_path, name.replace("{}", str(tmp_path)))
    given = {"input": [str(tmp_path / "in")]} | {key: placed(value, tmp_path) for key, value in plan.items()}
    before = listing(tmp_path)
    OPENED.clear()
    found = outcome(given)
    assert not [path for path in OPENED if "out" in Path(path).parts and path.startswith(str(tmp_path))]
    assert listing(tmp_path) == before
    assert found.end == end
    assert OPENED or write is cells_link, "the listener is deaf"
    assert not any((image == SECRET).all() for image in found.cells.values())
