"""Tables, boxes and masks with marks: known positions, names, and files that are damaged."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wizard.engine.errors import UserError
from wizard.engine.readers.base import Source, Unreadable
from wizard.engine.readers.cutting_boxes import read_coco, read_voc
from wizard.engine.readers.cutting_marks import bare, read_marks
from wizard.engine.readers.cutting_tables import Unusable, read_table

VOC = """<annotation><filename>img1.jpg</filename><size><width>640</width><height>480</height><depth>3</depth></size>
<object><name>WBC</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>60</ymax></bndbox>
<part><name>nucleus</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part></object>
<object><name>RBC</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>100</xmax><ymax>100</ymax></bndbox></object>
<object><name>bad</name><bndbox><xmin>x</xmin></bndbox></object></annotation>"""

COCO = {
    "images": [{"id": 7, "file_name": "sub/img1.png", "height": 100, "width": 90}, {"id": 8, "file_name": "img2.png"}],
    "categories": [{"id": 1, "name": "cell"}],
    "annotations": [
        {"image_id": 7, "category_id": 1, "bbox": [10, 20, 5, 8]},
        {"image_id": 7, "category_id": 1, "bbox": [0, 0, 5, 8], "iscrowd": 1},
        {"image_id": 7, "category_id": 9, "bbox": [1.5, 2.5, 4, 4]},
        {"image_id": 8, "category_id": 1, "bbox": ["a", None, 4, 4]},
    ],
}

PROFILER = (
    "ImageNumber,ObjectNumber,Metadata_Well,FileName_DNA,FileName_Actin,PathName_DNA,AreaShape_Area,"
    "AreaShape_Center_X,AreaShape_Center_Y,Location_Center_X,Location_Center_Y,Location_Center_Z\n"
    "1,1,A1,a_d1.tif,a_d2.tif,/x,55.5,0,0,10,20,0\n"
    "1,2,A1,a_d1.tif,a_d2.tif,/x,nan,0,0,11.5,nan,0\n"
    "2,1,B2,b_d1.tif,b_d2.tif,/x,60,0,0,30,40,0\n"
)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def picture(path, value=0, size=(40, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), value, np.uint8)).save(path)
    return path


def source(root, *names):
    return Source(names[0], root, tuple(root / name for name in names))


def test_cellprofiler_table(tmp_path):
    table = read_table(write(tmp_path / "Nuclei.csv", PROFILER))
    assert set(table.marked) == {"a_d1.tif", "a_d2.tif", "b_d1.tif", "b_d2.tif"}
    first = table.marked["a_d1.tif"]
    np.testing.assert_array_equal(first.middles, [[20.5, 10.5], [np.nan, 12.0]])
    assert np.isnan(first.sizes).all()
    assert first.tags == {"well": ["A1", "A1"]}
    assert set(first.figures) == {"ObjectNumber", "AreaShape_Area", "AreaShape_Center_X", "AreaShape_Center_Y",
                                  "Location_Center_Z"}  # fmt: skip
    np.testing.assert_array_equal(first.figures["AreaShape_Area"], [55.5, np.nan])


def test_cellprofiler_tables_of_images_and_objects(tmp_path):
    write(
        tmp_path / "Image.csv",
        "FileName_DNA,FileName_Actin,ImageNumber,PathName_DNA\na1.tif,a2.tif,1,/x\nb1.tif,b2.tif,2,/x\n",
    )
    write(tmp_path / "Cells.csv", "ImageNumber,ObjectNumber,Location_Center_X,Location_Center_Y\n2,1,5,6\n2,2,7,8\n")
    write(tmp_path / "Experiment.csv", "Key,Value\nPipeline,x\n")
    marks = read_marks([tmp_path], masks_only=False)
    mark = marks.of(source(tmp_path, "b2.tif"))
    assert mark.what.middles.tolist() == [[6.5, 5.5], [8.5, 7.5]]
    assert marks.of(source(tmp_path, "a1.tif")) is None
    with pytest.raises(UserError) as caught:
        read_marks([tmp_path / "Cells.csv"], masks_only=False)
    assert "by number only" in caught.value.why


@pytest.mark.parametrize(
    ("text", "middle", "size"),
    [
        ("file,x,y\na.png,10,20\n", [20, 10], None),
        ("File;X;Y;Width;Height\na.png;10,5;20;4;6\n", [20, 10.5], [6, 4]),
        ("\ufefffilename\txmin\tymin\txmax\tymax\na.png\t10\t20\t14\t30\n", [25, 12], [10, 4]),
        ("image,left,top,width,height\na.png,10,20,4,6\n", [23, 12], [6, 4]),
        ('image_name,centre_x,centre_y,"a, note"\n"a.png",10,20,"x, y"\n', [20, 10], None),
    ],
)
def test_plain_tables(tmp_path, text, middle, size):
    marked = read_table(write(tmp_path / "t.csv", text)).marked["a.png"]
    assert marked.middles.tolist() == [middle]
    assert np.isnan(marked.sizes).all() if size is None else marked.sizes.tolist() == [size]


def test_columns_of_plain_tables_become_class_tags_and_measurements(tmp_path):
    text = "file,x,y,label,area,stain,plate no\na.png,1,2,5,3.5,HE,\na.png,1,2,6,,PAS,\nb.png,3,4,5,1,HE,\n"
    table = read_table(write(tmp_path / "t.csv", text))
    assert table.marked["a.png"].tags == {"class": ["5", "6"], "stain": ["HE", "PAS"]}
    assert list(table.marked["a.png"].figures) == ["area"]
    assert table.marked["b.png"].figures["area"].tolist() == [1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "no columns x and y"),
        ("x,y\n1,2\n", "names the picture"),
        ("file,x,y\na.png,1\n", "plain table"),
        (b"file,x,y\na.png,1,\0\n", "characters"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, text, words):
    with pytest.raises(Unusable, match=words):
        read_table(write(tmp_path / "t.csv", text))


def test_a_word_among_the_positions_is_no_position(tmp_path):
    table = read_table(write(tmp_path / "t.csv", "file,x,y\na,1,2\na,oops,2\na,1e400,2\na,,2\n"))
    assert table.marked["a"].middles[:, 1].tolist()[0] == 1
    assert np.isnan(table.marked["a"].middles[1:, 1]).all()


def test_voc(tmp_path):
    name, marked = read_voc(write(tmp_path / "a.xml", VOC))
    assert name == "img1.jpg"
    assert marked.size == (480, 640)
    assert marked.tags == {"class": ["WBC", "RBC", "bad"]}
    assert marked.middles[:2].tolist() == [[40, 20], [50, 50]]
    assert marked.sizes[:2].tolist() == [[40, 20], [100, 100]]
    assert np.isnan(marked.middles[2]).all()


def test_entities_in_xml_are_refused(tmp_path):
    bomb = (
        '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><annotation><filename>&c;</filename></annotation>'
    )
    with pytest.raises(Unusable):
        read_voc(write(tmp_path / "a.xml", bomb))


def test_coco(tmp_path):
    found = read_coco(write(tmp_path / "a.json", json.dumps(COCO)))
    first = found["sub/img1.png"]
    assert first.size == (100, 90)
    assert first.middles.tolist() == [[24, 12.5], [4.5, 3.5]]
    assert first.sizes.tolist() == [[8, 5], [4, 4]]
    assert first.tags == {"class": ["cell", ""]}
    assert np.isnan(found["img2.png"].middles).all()


@pytest.mark.parametrize("text", ["[]", "{}", '{"images": [1, {"id": 3}]}', "[" * 100_000, '{"images": [{}]}', "nul"])
def test_other_json_is_no_coco(tmp_path, text):
    with pytest.raises(Unusable):
        read_coco(write(tmp_path / "a.json", text))


def test_marks_are_found_by_the_pictures_name(tmp_path):
    assert bare("A_1.OME.TIF") == "a_1"
    masks = tmp_path / "masks"
    for name in ("img1.png", "img2_mask.png", "img3_cp_masks.png"):
        picture(masks / name)
    write(masks / "img4.xml", VOC)
    marks = read_marks([masks], masks_only=False)
    for name, file in (("img1.jpg", "img1.png"), ("IMG2.TIF", "img2_mask.png"), ("img3.png", "img3_cp_masks.png")):
        assert marks.of(source(tmp_path, name)).what == masks / file
    assert marks.of(source(tmp_path, "img4.png")).file.name == "img4.xml"
    assert marks.of(source(tmp_path, "img5.png")) is None
    assert {path.name for path in marks.files} == {"img1.png", "img2_mask.png", "img3_cp_masks.png", "img4.xml"}
    assert read_marks([masks], masks_only=True).of(source(tmp_path, "img4.png")) is None


def test_of_several_marks_the_one_in_the_like_named_folder_counts(tmp_path):
    for day in ("day1", "day2"):
        picture(tmp_path / "masks" / day / "img.png")
    marks = read_marks([tmp_path / "masks"], masks_only=True)
    assert marks.of(source(tmp_path, "raw/day2/img.png")).what.parent.name == "day2"
    with pytest.raises(Unreadable, match="Several marks"):
        marks.of(source(tmp_path, "raw/day3/img.png"))


def test_a_picture_is_not_its_own_mask(tmp_path):
    picture(tmp_path / "img.png")
    picture(tmp_path / "img_mask.png")
    marks = read_marks([tmp_path], masks_only=True)
    assert marks.of(source(tmp_path, "img.png")).what.name == "img_mask.png"


def test_a_damaged_voc_file_counts_for_its_own_picture_only(tmp_path):
    write(tmp_path / "a.xml", "<annotation>")
    write(tmp_path / "b.xml", VOC.replace("img1", "b"))
    marks = read_marks([tmp_path], masks_only=False)
    with pytest.raises(Unreadable, match=r"a\.xml cannot be used"):
        marks.of(source(tmp_path, "a.png"))
    assert marks.of(source(tmp_path, "b.png")) is not None


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    if rng.random() < 0.3:
        return bytes(changed[: rng.integers(0, len(changed))])
    for _ in range(rng.integers(1, 6)):
        changed[rng.integers(0, len(changed))] = rng.integers(0, 256)
    if rng.random() < 0.2:
        at = int(rng.integers(0, len(changed)))
        changed[at:at] = rng.choice([b"9" * 400, b"-1e308", b'"', b"\xff\xfe", b"NaN", b"\n\n", b"[[[["])
    return bytes(changed)


@pytest.mark.parametrize(
    ("name", "text"), [("t.csv", PROFILER), ("plain.csv", "file,x,y,w,h,class\na.png,1,2,3,4,A\na.png,5,6,7,8,B\n"),
                       ("a.xml", VOC), ("a.json", json.dumps(COCO))],
)  # fmt: skip
def test_mutated_marks(tmp_path, name, text):
    from wizard.engine.readers.cutting_cells import marked_cells

    rng = np.random.default_rng(11)
    path = tmp_path / name
    for _ in range(300):
        path.write_bytes(mutate(text.encode(), rng))
        start = time.perf_counter()
        try:
            marks = read_marks([path], masks_only=False)
        except UserError as error:
            assert error.why
            continue
        assert time.perf_counter() - start < 5
        for found in marks.by_name.values():
            for mark in found:
                if isinstance(mark.what, (str, Path)):
                    continue
                cut = marked_cells(mark.what, 300, 200, 32)
                assert (cut.boxes[:, 2:] > 0).all()
                assert (cut.boxes[:, :2] >= 0).all()
                assert (cut.boxes[:, :2] + cut.boxes[:, 2:] <= [300, 200]).all()
                assert np.isfinite(cut.centres).all()
                assert all(len(values) == len(cut.boxes) for values in (*cut.tags.values(), *cut.figures.values()))
