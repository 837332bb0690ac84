"""Label tables: what is read, what is joined, and that nothing is guessed."""

from __future__ import annotations

import datetime
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from wizard.engine.data import tables
from wizard.engine.data.dataset import cell_id
from wizard.engine.data.roster import Entry, Roster
from wizard.engine.errors import UserError
from wizard.engine.readers.base import Source, uniform
from wizard.results import Channel

GREY = [Channel(name="Grey", number=1)]
ROOT = Path("/data/Experiment 1")


def roster(names, cells=1, files=None, root=ROOT, start=0):
    entries = []
    for index, name in enumerate(names):
        contents = uniform(GREY, cells, 8, 8, np.dtype(np.uint8))
        contents.objects = contents.objects + start
        paths = tuple(root / file for file in (files[index] if files else [name]))
        entries.append(Entry(None, Source(name, root, paths), contents))
    return Roster.of(entries)


def table(tmp_path, text, name="labels.csv", **how):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return tables.read_table(path, **how)


def joined(tmp_path, text, cells, **how):
    cues = tables.join(table(tmp_path, text, **how), cells)
    return {name: values.tolist() for name, values in cells.tags.items()}, cues


def columns(found):
    return {column.name: column.values[column.codes].tolist() for column in found.columns}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_text_tables_of_every_kind(tmp_path, encoding, sign):
    rows = ["file", "größe", "größe"], ["a.tif", '"1,5"', " Mü "], ["", "", ""], ["b.tif", '"x""y\n z"', "3"]
    text = "\r\n".join(sign.join(row) for row in rows)
    found = columns(table(tmp_path, text.encode(encoding)))
    assert found == {"file": ["a.tif", "b.tif"], "größe": ["1,5", 'x"y z'], "größe_2": ["Mü", "3"]}


def test_decimal_commas_and_a_named_delimiter(tmp_path):
    assert columns(table(tmp_path, "file;a;b\nx.tif;1,5;2,5\ny.tif;3,25;4\n")) == {
        "file": ["x.tif", "y.tif"], "a": ["1,5", "3,25"], "b": ["2,5", "4"],
    }  # fmt: skip
    assert columns(table(tmp_path, "sep=;\nfile;a\nx.tif;1\n")) == {"file": ["x.tif"], "a": ["1"]}


def test_rows_with_too_few_or_too_many_fields(tmp_path):
    found = table(tmp_path, "file,a,b\nx.tif\ny.tif,1,2,,\nz.tif,1,5,2\n")
    assert columns(found) == {"file": ["x.tif", "y.tif"], "a": ["", "1"], "b": ["", "2"]}
    assert found.remarks[0].startswith("1 rows have more fields")


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook(tmp_path):
    day = datetime.datetime(2024, 5, 1)
    rows = [[None], ["file", "object", "day", "at", "share", "ok", "bad"],
            ["a.cif", 3.0, day, day.replace(hour=7), 0.1 + 0.2, True, "#N/A"], [None, None], ["b.cif", 4]]  # fmt: skip
    path = workbook(tmp_path / "a.xlsx", {"empty": [], "data": rows, "more": [["x"]]})
    found = tables.read_table(path)
    assert columns(found) == {
        "file": ["a.cif", "b.cif"], "object": ["3", "4"], "day": ["2024-05-01", ""], "at": ["2024-05-01T07:00:00", ""],
        "share": ["0.3", ""], "ok": ["TRUE", ""], "bad": ["", ""],
    }  # fmt: skip
    assert "'data' was read" in found.remarks[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n,,\n", "empty"),
        (b"file,label\n", "no rows"),
        (b"file\na.tif\n", "only one column"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither a text table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "password"),
        (b"PK\x03\x04 nonsense", "damaged"),
        (b'file,label\na.tif,"never closed\n', "told apart"),
        (",".join(f"c{n}" for n in range(501)).encode() + b"\n1,2\n", "more than 500"),
    ],
)
def test_unusable_tables_are_refused_by_name(tmp_path, content, words):
    with pytest.raises(UserError) as caught:
        table(tmp_path, content)
    assert "labels.csv" in caught.value.what and words in " ".join(caught.value.lines())


def test_a_missing_file_or_column(tmp_path):
    with pytest.raises(UserError, match="nothing.csv"):
        tables.read_table(tmp_path / "nothing.csv")
    with pytest.raises(UserError, match="no column 'picture'"):
        table(tmp_path, "file,a\nx,1\n", file_column="picture")
    assert table(tmp_path, "File,A\nx,1\n", file_column="file", object_column="none").file_column == "File"


@pytest.mark.parametrize(
    "text",
    [
        "Day 7/cell1.ome.tif", "day 7/CELL1.OME.TIF", "cell1.ome.tif", "cell1.ome", "cell1", "cell1.tif",
        "Experiment 1/Day 7/cell1.ome.tif", "Day 7\\cell1", "/data/Experiment 1/Day 7/cell1.ome.tif", "./cell1",
        "D:\\elsewhere\\Day 7\\cell1.ome.tif",
    ],
)  # fmt: skip
def test_names_that_fit_a_file(tmp_path, text):
    cells = roster(["Day 7/cell1.ome.tif", "Day 7/cell10.ome.tif", "Day 8/cell2.ome.tif"])
    tags, _ = joined(tmp_path, f"name,label\n{text},yes\n", cells)
    assert tags == {"label": ["yes", "", ""]}
    assert cells.origins["label"] == "label table"


@pytest.mark.parametrize(
    "text", ["cell", "Day 8/cell1", "cell1.png.x", "ell1.tif", "../cell1.tif", "cell2.2", "other/cell1.tif"]
)
def test_names_that_fit_no_file(tmp_path, text):
    cells = roster(["Day 7/cell1.tif", "Day 7/cell2.3.tif"])
    tags, cues = joined(tmp_path, f"name,label\n{text},yes\n", cells)
    assert not tags and cues[-1].level == "problem"


def test_any_channel_file_names_the_cell(tmp_path):
    files = [[f"G1/{name}_Ch{number}.ome.tif" for number in (3, 4)] for name in ("a", "b")]
    for text in ("a_Ch4.ome.tif", "a_ch3", "G1/a", "a"):
        cells = roster(["G1/a", "G1/b"], files=files)
        assert joined(tmp_path, f"file,label\n{text},yes\n", cells)[0] == {"label": ["yes", ""]}


def test_a_name_that_fits_several_files_is_not_used(tmp_path):
    cells = roster(["A/1.tif", "B/1.tif", "B/2.tif"])
    tags, cues = joined(tmp_path, "file,label\n1.tif,x\n2.tif,y\n", cells)
    assert tags == {"label": ["", "", "y"]}
    vague = next(cue for cue in cues if "several" in cue.text)
    assert vague.level == "warning" and vague.count == 1 and vague.files == ["1.tif"]
    without = next(cue for cue in cues if "have no row" in cue.text)
    assert without.count == 2 and without.files == ["A/1.tif", "B/1.tif"]


def test_folders(tmp_path):
    cells = roster(["Day 7/A/1.tif", "Day 7/B/2.tif", "Day 8/A/3.tif"])
    tags, cues = joined(tmp_path, "day,dose\nDay 7,10\nDay 8,20\nDay 9,30\n", cells)
    assert tags == {"dose": ["10", "10", "20"]}
    assert any("1 rows" in cue.text and cue.count == 1 for cue in cues)
    cells = roster(["Day 7/A/1.tif", "Day 7/B/2.tif", "Day 8/A/3.tif"])
    assert joined(tmp_path, "file,dose\nDay 7,10\n2.tif,99\n", cells)[0] == {"dose": ["10", "99", ""]}


def test_object_numbers(tmp_path):
    cells = roster(["a.cif", "b.cif"], cells=3)
    tags, cues = joined(tmp_path, "class,Object Number,file\nx,0,a.cif\ny,2.0,a.cif\nz,1,b\nq,7,b\n", cells)
    assert tags == {"class": ["x", "", "y", "", "z", ""]}
    assert any("1 rows" in cue.text and "fit no cell" in cue.text for cue in cues)
    assert "file (file) and object number (Object Number)" in cues[0].text
    cells = roster(["a.cif", "b.cif"], cells=2)
    assert joined(tmp_path, "file,event,t\na,x1,7\nb,x2,8\n", cells)[0] == {
        "event": ["x1", "x1", "x2", "x2"], "t": ["7", "7", "8", "8"],
    }  # fmt: skip
    cells = roster(["a.cif", "b.cif"], cells=2)
    assert joined(tmp_path, "file,nr,t\na,1,7\n", cells, object_column="NR")[0] == {"t": ["", "7", "", ""]}
    cells = roster(["a.cif", "b.cif"], cells=2)
    assert joined(tmp_path, "file,id,t\na,1,7\n", cells, object_column="none")[0]["t"] == ["7", "7", "", ""]


def test_a_table_that_counts_from_one_is_refused(tmp_path):
    cells = roster(["a.cif"], cells=4)
    tags, cues = joined(tmp_path, "file,object,t\n" + "".join(f"a.cif,{n},v{n}\n" for n in (1, 2, 3, 4)), cells)
    assert not tags and cues[-1].level == "problem" and "from 1" in cues[-1].text
    cells = roster(["a.cif"], cells=4, start=1)
    tags, cues = joined(tmp_path, "file,object,t\n" + "".join(f"a.cif,{n},v{n}\n" for n in (1, 2, 3, 4)), cells)
    assert tags == {"t": ["v1", "v2", "v3", "v4"]}


def test_rows_that_contradict_each_other_are_not_used(tmp_path):
    cells = roster(["a.cif", "b.cif"], cells=2)
    text = "file,object,t,donor\na.cif,0,x,1\na.cif,0,y,1\nb.cif,1,z,2\nb,1,z,\nA.CIF,1,w,1\n"
    tags, cues = joined(tmp_path, text, cells)
    assert tags == {"t": ["", "w", "", "z"], "donor": ["1", "1", "", "2"]}
    torn = [cue for cue in cues if "different values" in cue.text]
    assert len(torn) == 1 and torn[0].count == 1 and "'t'" in torn[0].text
    cells = roster(["a.tif", "b.tif"])
    assert joined(tmp_path, "file,t\na.tif,x\na,y\nb,z\nb.tif,z\n", cells)[0] == {"t": ["x", "z"]}


def test_cell_ids(tmp_path):
    cells = roster(["a.cif", "b.cif"], cells=2)
    text = f"cell_id,source,object,label\n{cell_id('b.cif', 1).upper()},b.cif,1,yes\n{'0' * 16},q,0,no\n"
    tags, cues = joined(tmp_path, text, cells)
    assert tags == {"label": ["", "", "", "yes"]}
    assert "cell id" in cues[0].text and any("1 rows" in cue.text for cue in cues)
    cells = roster(["a.cif", "b.cif"], cells=2)
    assert joined(tmp_path, f"key,label\n{cell_id('a.cif', 0)},yes\n", cells, file_column="key")[0] == {
        "label": ["yes", "", "", ""]
    }


def test_existing_tags_and_reserved_names(tmp_path):
    cells = roster(["a.tif", "b.tif", "c.tif"])
    cells.tags["class"] = np.array(["x", "y", "z"], object)
    tags, cues = joined(tmp_path, "file,Class, split ,empty\na.tif,new,s,\nb.tif,,t,\nc.tif,z,u,\n", cells)
    assert tags == {"class": ["new", "y", "z"], "split_tag": ["s", "t", "u"]}
    assert any("'class' was replaced" in cue.text and cue.count == 1 for cue in cues)


def test_the_column_that_fits_most_files_is_taken(tmp_path):
    cells = roster(["1/x.tif", "1/y.tif", "2/z.tif"])
    tags, cues = joined(tmp_path, "donor,number,picture\n1,1,x.tif\n1,2,y.tif\n2,3,z.tif\n", cells)
    assert tags == {"donor": ["1", "1", "2"], "number": ["1", "2", "3"]}
    assert "file (picture)" in cues[0].text


def test_accents_are_compared_whatever_way_they_are_written(tmp_path):
    cells = roster(["Mu\u0308ller/1.tif"])
    assert joined(tmp_path, "file,t\nM\u00fcller/1.TIF,x\n", cells)[0] == {"t": ["x"]}


def test_the_tables_of_the_shared_data(tmp_path):
    place = Path(__file__).parents[4] / "shared/data/bccd_cells"
    if not place.is_dir():
        pytest.skip("no shared data here")
    names = sorted(path.relative_to(place).as_posix() for path in place.rglob("*.jpg"))
    cells = roster(names, root=place)
    tables.join(tables.read_table(place / "metadata.csv"), cells)
    assert all(Path(name).parts[0] == label for name, label in zip(names, cells.tags["label"], strict=True))


def bomb(name, content):
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["file", "a"])
    book.active.append(["x", "y"])
    book.save(stream)
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("part", "content", "words"),
    [
        (SHEET, lambda old: old.replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>"), "far more"),
        (SHEET, lambda old: b'<!DOCTYPE a [<!ENTITY b "c">]>' + old, "entities"),
        (
            SHEET,
            lambda old: old.replace(
                b"</row>", np.random.default_rng(0).bytes(400_000).hex().encode() * 12 + b"</row>", 1
            ),
            "row of it",
        ),
        (SHEET, lambda old: old[: len(old) // 2], "damaged"),
        ("xl/workbook.xml", lambda old: b"", "damaged"),
    ],
)
def test_workbook_bombs_are_refused(tmp_path, part, content, words):
    start = time.monotonic()
    with pytest.raises(UserError) as caught:
        table(tmp_path, bomb(part, content), "a.xlsx")
    assert words in " ".join(caught.value.lines())
    assert time.monotonic() - start < 5


def test_declared_sizes_of_a_sheet_are_not_believed(tmp_path):
    data = bomb(
        SHEET, lambda old: old.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"').replace(b'r="2"', b'r="9999999999"')
    )
    start = time.monotonic()
    with pytest.raises(UserError):
        table(tmp_path, data, "a.xlsx")
    assert time.monotonic() - start < 5


def mutate(data, rng):
    changed = bytearray(data)
    if rng.random() < 0.2:
        return bytes(changed[: rng.integers(0, len(changed))])
    for _ in range(rng.integers(1, 8)):
        changed[rng.integers(0, len(changed))] = rng.integers(0, 256)
    return bytes(changed)


@pytest.mark.parametrize("kind", ["csv", "utf16", "xlsx", "parts"])
def test_mutations(tmp_path, kind):
    rng = np.random.default_rng(5)
    text = 'file,object,label\na.cif,0,"x, y"\na.cif,1,Zürich\nb.cif,0,\n'
    path = tmp_path / f"a.{kind}"
    seed = text.encode({"csv": "utf-8", "utf16": "utf-16"}.get(kind, "utf-8"))
    if kind == "xlsx":
        seed = bomb("", None)
    parts = zipfile.ZipFile(io.BytesIO(bomb("", None))).namelist()
    ends = {"joined": 0, "refused": 0}
    for _ in range(300):
        victim = parts[rng.integers(0, len(parts))]
        path.write_bytes(bomb(victim, lambda old: mutate(old, rng)) if kind == "parts" else mutate(seed, rng))
        cells = roster(["a.cif", "b.cif"], cells=2)
        start = time.monotonic()
        try:
            cues = tables.join(tables.read_table(path), cells)
            assert cues and all(len(values) == 4 for values in cells.tags.values())
            ends["joined"] += 1
        except UserError as error:
            assert path.name in error.what
            ends["refused"] += 1
        assert time.monotonic() - start < 5
    assert all(ends.values())


def test_many_rows_in_a_few_seconds(tmp_path):
    cells = roster([f"Day {n}/f{n}.cif" for n in range(20)], cells=10_000)
    text = "file,object,label,area\n" + "".join(
        f"Day {n // 10_000}/f{n // 10_000}.cif,{n % 10_000},c{n % 5},{n * 0.37:.4f}\n" for n in range(200_000)
    )
    start = time.monotonic()
    tags, _ = joined(tmp_path, text, cells)
    assert time.monotonic() - start < 10
    assert tags["label"] == [f"c{n % 5}" for n in range(200_000)]
    assert tags["area"][123_456] == f"{123_456 * 0.37:.4f}"
