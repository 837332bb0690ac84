"""One small input per format, for tests that go over all of them: known pixels, written to an empty folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numcodecs
import numpy as np
import openpyxl
import tifffile
from PIL import Image
from zarr import codecs

from tests.engine.readers import cif_writer, daf_writer
from tests.engine.readers.test_cells_folder import write_set
from tests.engine.readers.test_mat import save as save_mat
from tests.engine.readers.test_ome_zarr import write_image, write_plate
from wizard.engine.readers.cif_chain import IMAGE, walk


@dataclass(frozen=True)
class Seed:
    """An input: `write` fills an empty folder, of which `in` is the input folder.

    `hit` are the files to damage; `plan` the settings of Parse, in which `{}` is the folder; `sure` the files of which
    no damage may change a pixel of the cells that come out (and, with `sure_tags`, no tag), because they carry check
    sums or hold no pixels; `cells` how many it holds; `turns` how often it is damaged where time is short.
    """

    write: Callable[[Path], Any]
    hit: str = "in/*"
    plan: dict[str, Any] = field(default_factory=dict)
    sure: str = ""
    sure_tags: bool = False
    cells: int = 1
    turns: int = 1000


SEEDS: dict[str, Seed] = {}
_VARIANT = 300
"""Turns of a seed whose format has another seed already."""


def seed(name: str, write: Callable[[Path], Any], **more: Any) -> None:
    """Add a seed to the list."""
    SEEDS[name] = Seed(write, **more)


def pixels(*shape: int, dtype: Any = np.uint8, top: int = 200) -> np.ndarray:
    """Return noise above zero, always the same for a shape."""
    return np.random.default_rng(sum(shape)).integers(1, top, shape).astype(dtype)


# ImageStream and IDEAS


def cif(name: str = "a.cif", **options: Any) -> Callable[[Path], Any]:
    """Write an ImageStream file of three small objects."""
    return lambda folder: cif_writer.small(folder / "in" / name, high=8, **options)


def strips(folder: Path) -> None:
    """Write an ImageStream file with data in several strips, gaps, uncompressed objects and plain masks."""
    file = cif_writer.File().about()
    for number, (image, mask) in enumerate(cif_writer.cells(np.random.default_rng(1), 3, high=8)):
        plain = number == 1
        file.add(image, mask, number, packed=cif_writer.PLAIN if plain else cif_writer.GREYSCALE,
                 strips=1 + number, gap=4 * number, mask_packed=cif_writer.PLAIN if plain else cif_writer.RUNS)  # fmt: skip
    file.write(folder / "in/a.cif")


def analysis(binary: bool) -> Callable[[Path], Any]:
    """Write an ImageStream file and the IDEAS analysis that fits it."""

    def write(folder: Path) -> None:
        path = folder / "in/cells.cif"
        made = cif_writer.small(path, high=8)
        with path.open("rb") as file:
            chain = walk(file, path.stat().st_size)
        daf_writer.write_daf(
            folder / "in/cells.daf", {"Area": np.array([1.0, 5.0, 9.0]), "Ratio": np.array([0.5, np.nan, 2.0])},
            [daf_writer.ALL, daf_writer.gate("Large", "R", "Area"), daf_writer.tagged("T", [2]),
             daf_writer.logic("Both", "Large|And|T")],
            [daf_writer.region("R", "line", [(2, 0), (7, 0)])], binary=binary,
            offsets=chain.offset[chain.kind == IMAGE], heights=[image.shape[1] for image, _ in made],
            widths=[2 * image.shape[2] for image, _ in made], combined={"Twice": "Area|*|2"},
        )  # fmt: skip

    return write


seed("cif little-endian", cif(), cells=3)
seed("cif big-endian", cif(order=">"), cells=3)
seed("cif without masks", cif(masks=False), cells=3, turns=_VARIANT)
seed("rif values first", cif("a.rif", layout="values_first"), cells=3, turns=_VARIANT)
seed("cif strips and gaps", strips, cells=3, turns=_VARIANT)
for _binary in (True, False):
    _kind = "binary" if _binary else "xml"
    seed(
        f"daf {_kind}", analysis(_binary), hit="in/*.daf", sure="in/*.daf", cells=3, turns=1000 if _binary else _VARIANT
    )
seed("cif beside daf", analysis(True), hit="in/*.cif", cells=3, turns=_VARIANT)

# RT-DC, arrays


def rtdc(libver: str) -> Callable[[Path], Any]:
    """Write an RT-DC file with images, masks and features, with check sums on all chunks."""

    def write(folder: Path) -> None:
        with h5py.File(folder / "in/a.rtdc", "w", libver=libver) as file:
            events = file.create_group("events")
            for name in ("image", "mask"):
                events.create_dataset(name, data=pixels(5, 6, 7), chunks=(2, 6, 7), maxshape=(None, 6, 7),
                                      compression="gzip", fletcher32=True)  # fmt: skip
            for name in ("pos_x", "pos_y", "area_um"):
                events.create_dataset(name, data=np.arange(5) / 4, chunks=(5,), fletcher32=True)
            file.attrs["imaging:pixel size"] = 0.5

    return write


seed("rtdc earliest", rtdc("earliest"), cells=5)
seed("rtdc latest", rtdc("latest"), cells=5, sure="in/*")


def npy(fortran: bool) -> Callable[[Path], Any]:
    """Write a plain array: few pixels, so that most damage hits the header."""
    values = pixels(4, 4, 3)
    return lambda folder: np.save(folder / "in/a.npy", np.asfortranarray(values) if fortran else values)


def npz(store: Callable[..., None]) -> Callable[[Path], Any]:
    """Write arrays of images, masks, labels and channel names."""
    values = pixels(6, 5, 7, 2)
    return lambda folder: store(
        folder / "in/a.npz",
        images=values,
        masks=values[..., 0] > 99,
        labels=np.arange(6),
        channels=np.array(["a", "b"]),
    )


seed("npy", npy(False))
seed("npy fortran", npy(True), turns=_VARIANT)
seed("npz", npz(np.savez), cells=6, sure="in/*", sure_tags=True, turns=_VARIANT)
seed("npz packed", npz(np.savez_compressed), cells=6, sure="in/*", sure_tags=True)
for _form in ("6", "7", "7.3"):
    seed(
        f"mat {_form}", lambda folder, form=_form: save_mat(folder / "in/a.mat", form, new=pixels(6, 7, 3), x=np.eye(1)),
        sure="in/*" if _form == "7" else "",
    )  # fmt: skip

# Pictures


def tiff(*shape: int, name: str = "a.tif", dtype: Any = np.uint16, **options: Any) -> Callable[[Path], Any]:
    """Write a TIFF file."""
    return lambda folder: tifffile.imwrite(
        folder / "in" / name, pixels(*shape, dtype=dtype), **({"photometric": "minisblack"} | options)
    )


def pages(count: int) -> Callable[[Path], Any]:
    """Write a TIFF file of pages without a description."""

    def write(folder: Path) -> None:
        with tifffile.TiffWriter(folder / "in/a.tif") as file:
            for page in pixels(count, 6, 7, dtype=np.uint16):
                file.write(page, metadata=None, contiguous=False, photometric="minisblack")

    return write


def channel_files(folder: Path) -> None:
    """Write two cells as one TIFF per channel."""
    for cell in ("x.1", "x.2"):
        for number in (1, 3):
            tifffile.imwrite(folder / f"in/{cell}_Ch{number}.tif", pixels(6, 7, dtype=np.uint16))


def picture(name: str, colour: bool = True, **options: Any) -> Callable[[Path], Any]:
    """Write a picture with Pillow."""
    return lambda folder: Image.fromarray(pixels(8, 9, *([3] if colour else []))).save(folder / "in" / name, **options)


def deep(folder: Path) -> None:
    """Write a PNG of 16 bits."""
    Image.fromarray(pixels(8, 9, dtype=np.uint16, top=60000)).save(folder / "in/a.png")


_OME = {"axes": "TCYX", "Channel": {"Name": ["a", "b"]}}
seed("tiff", tiff(6, 7))
seed("tiff pages", pages(3))
seed("tiff cells", pages(20), cells=20, turns=_VARIANT)
seed("tiff ome", tiff(2, 2, 6, 7, name="a.ome.tif", ome=True, metadata=_OME), cells=2)
seed("tiff imagej", tiff(2, 2, 6, 7, imagej=True, metadata={"axes": "TCYX"}), cells=2)
seed("tiff tiled", tiff(20, 18, tile=(16, 16)))
seed("tiff lzw", tiff(12, 10, compression="lzw", predictor=2, rowsperstrip=5))
seed("tiff deflate", tiff(12, 10, compression="zlib"), turns=_VARIANT)
seed("tiff jpeg", tiff(16, 16, 3, dtype=np.uint8, compression="jpeg", photometric="rgb"), turns=_VARIANT)
seed("bigtiff", tiff(6, 7, bigtiff=True, byteorder=">"))
seed("tiff channels", channel_files, cells=2)
seed("png", picture("a.png"), sure="in/*")
seed("png grey", picture("a.png", colour=False), sure="in/*", turns=_VARIANT)
seed("png deep", deep, sure="in/*", turns=_VARIANT)
seed("jpeg", picture("a.jpg"))
seed("bmp", picture("a.bmp"))
seed("gif", picture("a.gif"))

# Folders


def ome_zarr(version: int) -> Callable[[Path], Any]:
    """Write an OME-Zarr image with channels, times and labels; its chunks carry check sums."""
    packing = numcodecs.GZip() if version == 2 else codecs.Crc32cCodec()
    data = pixels(2, 2, 1, 6, 7, dtype=np.uint16)
    return lambda folder: write_image(
        folder / "in/a.zarr", data, version, labels=data[:, :1] % 2, chunks=(1, 1, 1, 6, 7), compressors=packing
    )


def cells_folder(folder: Path) -> None:
    """Write a data set."""
    write_set(folder / "in/a.cells", count=6)


seed("ome-zarr 2", ome_zarr(2), hit="in/**/*", sure="in/a.zarr/0/[0-9]*", cells=2)
seed("ome-zarr 3", ome_zarr(3), hit="in/**/*", sure="in/a.zarr/0/c/**/*", cells=2)
seed("ome-zarr plate", lambda folder: write_plate(folder / "in/p.zarr"), hit="in/**/*", cells=4, turns=_VARIANT)
seed("cells", cells_folder, hit="in/**/*", cells=6)

# Label tables, marks

TABLE = [
    ["file", "object", "label", "donor"],
    ["a.npy", 0, "x, y", "A"],
    ["a.npy", 1, "Zürich", "B"],
    ["a.npy", 2, "", "B"],
]


def table(kind: str) -> Callable[[Path], Any]:
    """Write three cells and a label table about them."""

    def write(folder: Path) -> None:
        np.save(folder / "in/a.npy", pixels(3, 4, 5, 2))
        path = folder / f"t.{kind}"
        if kind == "xlsx":
            book = openpyxl.Workbook()
            for row in TABLE:
                book.active.append(row)
            book.save(path)
            return
        lines = (",".join(f'"{value}"' if "," in str(value) else str(value) for value in row) for row in TABLE)
        path.write_text("\r\n".join(lines), encoding="utf-16" if kind == "txt" else "utf-8")

    return write


for _kind in ("csv", "txt", "xlsx"):
    seed(
        f"table {_kind}", table(_kind), hit=f"t.{_kind}", sure=f"t.{_kind}", plan={"table": f"{{}}/t.{_kind}"}, cells=3
    )

VOC = """<annotation><filename>img1.png</filename><size><width>24</width><height>20</height><depth>1</depth></size>
<object><name>WBC</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>9</xmax><ymax>11</ymax></bndbox></object>
<object><name>RBC</name><bndbox><xmin>12</xmin><ymin>8</ymin><xmax>24</xmax><ymax>20</ymax></bndbox></object></annotation>"""
COCO = {
    "images": [{"id": 7, "file_name": "sub/img1.png", "height": 20, "width": 24}],
    "categories": [{"id": 1, "name": "cell"}],
    "annotations": [{"image_id": 7, "category_id": 1, "bbox": box} for box in ([1, 2, 8, 9], [10.5, 4.5, 12, 10])],
}
PROFILER = (
    "ImageNumber,ObjectNumber,Metadata_Well,FileName_DNA,AreaShape_Area,Location_Center_X,Location_Center_Y\n"
    "1,1,A1,img1.png,55.5,10,6\n1,2,A1,img1.png,nan,18,15\n"
)


def mask() -> np.ndarray:
    """Return a label mask of two objects."""
    labels = np.zeros((20, 24), np.uint16)
    labels[2:8, 3:9], labels[10:17, 12:20] = 7, 300
    return labels


def marked(name: str, marks: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """Write a field of view and its marks."""

    def write(folder: Path) -> None:
        Image.fromarray(pixels(20, 24)).save(folder / "in/img1.png")
        marks(folder / name)

    return write


def painted(path: Path) -> None:
    """Write a painted copy of the field."""
    copy = np.stack([pixels(20, 24)] * 3, axis=-1)
    copy[3:9, 10:20] = (255, 0, 0)
    Image.fromarray(copy).save(path)


_MARKS: list[tuple[str, str, Callable[[Path], Any]]] = [
    ("voc", "img1.xml", lambda path: path.write_text(VOC)),
    ("coco", "m.json", lambda path: path.write_text(json.dumps(COCO))),
    ("cellprofiler", "m.csv", lambda path: path.write_text(PROFILER)),
    ("mask tiff", "img1.tif", lambda path: tifffile.imwrite(path, mask())),
    ("mask png", "img1_mask.png", lambda path: Image.fromarray(mask().clip(0, 255).astype(np.uint8)).save(path)),
]
for _name, _file, _write in _MARKS:
    seed(f"marks {_name}", marked(_file, _write), hit=_file, plan={"cut": "cells", "tile": 8, "marks": [f"{{}}/{_file}"]},
         cells=2, turns=_VARIANT if _name == "mask png" else 1000)  # fmt: skip
seed("marks painted", marked("img1.png", painted), hit="img1.png", cells=6, sure="img1.png", turns=_VARIANT,
     plan={"cut": "tiles", "tile": 8, "marks": ["{}/img1.png"], "mark_colour": "#ff0000"})  # fmt: skip
seed("tiles", marked("x", lambda path: None), plan={"cut": "tiles", "tile": 8}, cells=6, sure="in/*", turns=_VARIANT)
seed(
    "montage", marked("x", lambda path: None), plan={"cut": "montage", "tile": 8}, cells=6, sure="in/*", turns=_VARIANT
)


def make(name: str, folder: Path) -> tuple[Seed, dict[str, Any]]:
    """Write a seed into an empty folder; return it and its settings of Parse."""
    found = SEEDS[name]
    (folder / "in").mkdir(parents=True)
    with np.errstate(all="ignore"):
        found.write(folder)
    given = {"input": [str(folder / "in")]}
    for key, value in found.plan.items():
        given[key] = placed(value, folder)
    return found, given


def placed(value: Any, folder: Path) -> Any:
    """Put the folder into a setting."""
    if isinstance(value, list):
        return [placed(item, folder) for item in value]
    return value.replace("{}", str(folder)) if isinstance(value, str) else value
