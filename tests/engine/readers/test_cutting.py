"""Large pictures become cells: known tiles, marked cells with their masks, the same from every thread."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from wizard.engine.data.roster import Entry
from wizard.engine.errors import UserError
from wizard.engine.readers import READERS, cutting
from wizard.engine.readers.base import Cell, Lost, Reading, Source, Unreadable, uniform
from wizard.engine.readers.cutting import Cutting, cut, cutting_of
from wizard.parse_plan import ParsePlan
from wizard.results import Channel

RGB = tuple(Channel(name=name, number=n) for n, name in enumerate(("Red", "Green", "Blue"), 1))


class Fields:
    """A reader of pictures that are in memory; it counts what it decodes."""

    name, extensions = "Fields", (".bmp",)

    def __init__(self, *images, masks=None):
        self.images, self.masks, self.decoded = images, masks, []

    def can_open(self, path):
        return path.suffix == ".bmp"

    def cells(self, source, contents, channels, picks):
        for pick in picks:
            self.decoded.append(pick)
            image = self.images[pick]
            if image is None:
                yield Lost(pick, "It is torn.")
                continue
            planes = [number - 1 for number in channels]
            yield Cell(pick, image[planes], None if self.masks is None else self.masks[pick][planes])


def entry_of(*images, root, name="img1.bmp", masks=None):
    shape = next(image for image in images if image is not None).shape
    channels = RGB if shape[0] == 3 else tuple(Channel(name=f"Ch{n}", number=n) for n in range(1, shape[0] + 1))
    contents = uniform(channels, len(images), *shape[1:], np.uint16, masks=masks is not None, pixel_size=0.5,
                       tags={"population": ["P"] * len(images)})  # fmt: skip
    source = Source(name, root, (root / name,))
    return Entry(Fields(*images, masks=masks), source, contents)


def noise(channels, height, width, seed=0):
    return np.random.default_rng(seed).integers(1, 4000, (channels, height, width)).astype(np.uint16)


def cells_of(made, picks=None, channels=None):
    numbers = channels or [channel.number for channel in made.contents.channels]
    chosen = range(len(made.contents)) if picks is None else picks
    return list(made.reader.cells(made.source, made.contents, numbers, chosen))


def check_pixels(made, image, picks=None):
    """Every cut-out is the part of the picture where its box says it lies."""
    for pick, cell in zip(range(len(made.contents)), cells_of(made), strict=True):
        top, left, height, width = made.contents.boxes[pick]
        assert cell.object == made.contents.objects[pick]
        np.testing.assert_array_equal(cell.image, image[:, top : top + height, left : left + width])
        assert cell.image.shape[1:] == (made.contents.heights[pick], made.contents.widths[pick])


def write(path, text):
    path.write_text(text)
    return path


def save(path, pixels, **more):
    Image.fromarray(pixels).save(path, **more)
    return path


def test_no_cutting():
    assert cutting_of(ParsePlan()) is None


def test_a_montage_sheet_gives_its_cells_and_no_empty_tile(tmp_path):
    image = np.zeros((2, 50, 40), np.uint16)
    image[:, :20, :40] = noise(2, 20, 40)
    image[1, 25, 3] = 7
    made = cut(entry_of(image, root=tmp_path), Cutting("montage", 20))
    assert made.contents.objects.tolist() == [0, 1, 2]
    assert made.contents.boxes.tolist() == [[0, 0, 20, 20], [0, 20, 20, 20], [20, 0, 20, 20]]
    assert made.contents.tags["picture"] == ["img1.bmp"] * 3
    assert made.contents.tags["population"] == ["P"] * 3
    assert made.contents.pixel_size == 0.5
    assert [(cue.level, cue.files) for cue in made.contents.cues] == [("warning", ["img1.bmp"])]
    check_pixels(made, image)


def test_gaps_of_a_sheet_keep_the_numbers(tmp_path):
    image = noise(1, 20, 40)
    image[:, :, 10:20] = 0
    image[:, 10:] = 777
    made = cut(entry_of(image, root=tmp_path), Cutting("montage", 10))
    assert made.contents.objects.tolist() == [0, 2, 3]


def test_sheets_of_one_file_per_channel(tmp_path):
    image = noise(2, 24, 24)
    for number, plane in enumerate(image, 1):
        tifffile.imwrite(tmp_path / f"sheet_Ch{number}.tif", plane)
    reader = READERS["TIFF, one file per channel"]
    (source,), _ = reader.claim(tmp_path, sorted(tmp_path.iterdir()), Reading())
    made = cut(Entry(reader, source, reader.check(source, Reading())), Cutting("montage", 12))
    assert len(made.contents) == 4
    check_pixels(made, image)


def test_several_pictures_in_one_source(tmp_path):
    images = [noise(1, 20, 20, 1), noise(1, 20, 20, 2)]
    entry = entry_of(*images, root=tmp_path)
    made = cut(entry, Cutting("tiles", 10))
    assert made.contents.objects.tolist() == list(range(8))
    assert made.contents.tags["picture"] == ["img1.bmp 0"] * 4 + ["img1.bmp 1"] * 4
    found = cells_of(made, [6, 0, 7, 1])
    assert entry.reader.decoded == [1, 0], "each picture once, whatever the order"
    for cell, pick in zip(found, [6, 0, 7, 1], strict=True):
        top, left = made.contents.boxes[pick, :2]
        np.testing.assert_array_equal(cell.image, images[pick // 4][:, top : top + 10, left : left + 10])


def test_a_picture_that_is_lost_loses_its_tiles_only(tmp_path):
    made = cut(entry_of(noise(1, 20, 20), None, root=tmp_path), Cutting("tiles", 10))
    found = cells_of(made)
    assert [type(cell) for cell in found] == [Cell] * 4 + [Lost] * 4
    assert [cell.object for cell in found] == list(range(8))


def test_masks_of_the_picture_are_cut_alike(tmp_path):
    image = noise(2, 20, 20)
    masks = (image % 3).astype(np.uint8)
    made = cut(entry_of(image, root=tmp_path, masks=[masks]), Cutting("tiles", 10))
    assert made.contents.masks
    cell = cells_of(made, [3], channels=[2])[0]
    np.testing.assert_array_equal(cell.mask, masks[1:, 10:, 10:])


def test_tiles_without_marks_have_no_class(tmp_path):
    made = cut(entry_of(noise(1, 35, 33), root=tmp_path), Cutting("tiles", 32))
    assert set(made.contents.tags) == {"picture", "population"}
    assert made.contents.boxes.tolist() == [[0, 0, 32, 32]]
    assert [cue.level for cue in made.contents.cues] == ["note"]
    small = cut(entry_of(noise(1, 35, 33), root=tmp_path), Cutting("tiles", 64))
    assert len(small.contents) == 0
    assert small.contents.cues[0].level == "warning"


def adipocytes(tmp_path, **more):
    """A field of 320 × 320 px with a mask of three marked spots."""
    marked = np.zeros((320, 320), np.uint8)
    marked[5, 5:15] = 255
    marked[70, 64:73] = 1
    marked[100:110, 90:110] = 200
    save(tmp_path / "img1.png", marked, **more)
    return marked


def test_the_adipocyte_protocol(tmp_path):
    marked = adipocytes(tmp_path)
    image = noise(3, 320, 320)
    plan = ParsePlan(cut="tiles", tile=32, marks=str(tmp_path / "img1.png"), mark_pixels=10, extra_tiles=20)
    how = cutting_of(plan)
    made = cut(entry_of(image, root=tmp_path), how)
    classes = np.array(made.contents.tags["tile"])
    positive = [n for n in range(100) if marked[n // 10 * 32 :, n % 10 * 32 :][:32, :32].astype(bool).sum() >= 10]
    assert np.flatnonzero(classes[:100] == "positive").tolist() == positive == [0, 32, 33]
    assert len(made.contents) == 120
    assert (classes[100:] == "positive").all()
    assert made.contents.objects.tolist() == list(range(120))
    for top, left, _, _ in made.contents.boxes[100:].tolist():
        assert marked[top : top + 32, left : left + 32].astype(bool).sum() >= 10
    check_pixels(made, image)
    again = cut(entry_of(image, root=tmp_path), cutting_of(plan))
    np.testing.assert_array_equal(made.contents.boxes, again.contents.boxes)
    other = cut(entry_of(image, root=tmp_path), cutting_of(plan.model_copy(update={"seed": 5})))
    assert (made.contents.boxes != other.contents.boxes).any()


@pytest.mark.parametrize(("kind", "colour"), [("png", "#ff0000"), ("png", "255, 0, 0"), ("jpg", "#ff0000")])
def test_painted_copies(tmp_path, kind, colour):
    painted = np.random.default_rng(0).integers(60, 190, (64, 64, 3)).astype(np.uint8)
    painted[3:9, 40:50] = (255, 0, 0)
    save(tmp_path / f"img1.{kind}", painted, **({"quality": 95, "subsampling": 0} if kind == "jpg" else {}))
    how = cutting_of(ParsePlan(cut="tiles", marks=str(tmp_path), mark_colour=colour, mark_pixels=30))
    made = cut(entry_of(noise(3, 64, 64), root=tmp_path / "raw"), how)
    assert made.contents.tags["tile"] == ["negative", "positive", "negative", "negative"]


def test_pictures_without_marks_are_negative_with_a_note(tmp_path):
    adipocytes(tmp_path)
    how = cutting_of(ParsePlan(cut="tiles", marks=str(tmp_path), extra_tiles=5))
    made = cut(entry_of(noise(1, 64, 64), root=tmp_path, name="img2.bmp"), how)
    assert made.contents.tags["tile"] == ["negative"] * 4
    assert [cue.level for cue in made.contents.cues] == ["note"]


@pytest.mark.parametrize(
    ("name", "pixels", "words"),
    [("img1.png", np.zeros((64, 32), np.uint8), "another size"), ("img1.jpg", np.zeros((64, 64), np.uint8), "JPEG")],
)
def test_masks_that_do_not_fit_are_refused(tmp_path, name, pixels, words):
    save(tmp_path / name, pixels)
    how = cutting_of(ParsePlan(cut="tiles", marks=str(tmp_path)))
    with pytest.raises(Unreadable, match=words):
        cut(entry_of(noise(1, 64, 64), root=tmp_path), how)


def test_a_grey_copy_holds_no_marking_colour(tmp_path):
    save(tmp_path / "img1.png", np.zeros((64, 64), np.uint8))
    how = cutting_of(ParsePlan(cut="tiles", marks=str(tmp_path), mark_colour="#ff0000"))
    with pytest.raises(Unreadable, match="colour"):
        cut(entry_of(noise(1, 64, 64), root=tmp_path), how)


def test_cells_around_centres(tmp_path):
    table = write(tmp_path / "t.csv", "file,x,y,class,area\nimg1.bmp,30,20,A,1\nimg1.bmp,2,39,B,2\n"
                                      "img1.bmp,200,5,C,3\nimg2.bmp,5,5,D,4\nimg1.bmp,,5,E,5\n")  # fmt: skip
    image = noise(2, 40, 60)
    made = cut(entry_of(image, root=tmp_path), cutting_of(ParsePlan(cut="cells", tile=16, marks=str(table))))
    assert made.contents.boxes.tolist() == [[12, 22, 16, 16], [31, 0, 9, 10]]
    assert made.contents.centres.tolist() == [[8, 8], [8, 2]]
    assert made.contents.tags["class"] == ["A", "B"]
    assert made.contents.measurements["area"].tolist() == [1, 2]
    assert made.contents.objects.tolist() == [0, 1]
    assert {(cue.level, cue.count) for cue in made.contents.cues} == {("warning", 1)}
    assert len(made.contents.cues) == 2
    check_pixels(made, image)
    none = cut(entry_of(image, root=tmp_path, name="img9.bmp"), cutting_of(ParsePlan(cut="cells", marks=str(table))))
    assert len(none.contents) == 0
    assert none.contents.cues[0].level == "warning"


def test_boxes_are_clipped_to_the_picture(tmp_path):
    write(tmp_path / "img1.xml", "<annotation><object><name>WBC</name><bndbox><xmin>51</xmin><ymin>1</ymin>"
          "<xmax>80</xmax><ymax>5</ymax></bndbox></object></annotation>")  # fmt: skip
    image = noise(3, 40, 60)
    made = cut(entry_of(image, root=tmp_path), cutting_of(ParsePlan(cut="cells", marks=str(tmp_path))))
    assert made.contents.boxes.tolist() == [[0, 50, 5, 10]]
    assert made.contents.tags["class"] == ["WBC"]
    assert made.contents.centres.tolist() == [[2.5, 15]]
    check_pixels(made, image)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_labels_of_a_mask_become_cells_with_masks(tmp_path, dtype):
    labels = np.zeros((40, 60), dtype)
    labels[10:18, 20:32] = 200
    labels[10:14, 32:36] = 7
    labels[36:, :4] = 9
    tifffile.imwrite(tmp_path / "img1.tif", labels)
    image = noise(2, 40, 60)
    made = cut(entry_of(image, root=tmp_path), cutting_of(ParsePlan(cut="cells", marks=str(tmp_path / "img1.tif"))))
    assert made.contents.masks
    assert made.contents.measurements["label"].tolist() == [7, 9, 200]
    assert made.contents.boxes.tolist() == [[9, 31, 6, 6], [35, 0, 5, 5], [8, 17, 12, 18]]
    assert made.contents.centres.tolist() == [[3, 3], [3, 2], [6, 9]]
    check_pixels(made, image)
    mask = cells_of(made, [2], channels=[1])[0].mask
    expected = np.zeros((1, 12, 18), np.uint8)
    expected[0, 2:10, 3:15] = 1
    expected[0, 2:6, 15:] = 2
    np.testing.assert_array_equal(mask, expected)


def test_large_and_coloured_labels(tmp_path):
    labels = np.zeros((20, 20), np.int32)
    labels[:5, :5], labels[10:14, 10:15] = 2**30, 3
    tifffile.imwrite(tmp_path / "img1.tif", labels)
    made = cut(entry_of(noise(1, 20, 20), root=tmp_path), Cutting("cells", 32, (tmp_path / "img1.tif",)))
    assert made.contents.measurements["label"].tolist() == [3, 2**30]
    assert cells_of(made)[1].mask.sum() == 25
    coloured = np.zeros((20, 20, 3), np.uint8)
    coloured[:5, :5], coloured[:5, 5:9] = (255, 0, 0), (0, 9, 0)
    save(tmp_path / "img2.png", coloured)
    made = cut(
        entry_of(noise(1, 20, 20), root=tmp_path, name="img2.bmp"), Cutting("cells", 32, (tmp_path / "img2.png",))
    )
    assert made.contents.measurements["label"].tolist() == [9 << 8, 255 << 16]


def test_a_mask_of_one_label_is_told(tmp_path):
    save(tmp_path / "img1.png", np.eye(20, dtype=np.uint8) * 255)
    made = cut(entry_of(noise(1, 20, 20), root=tmp_path), Cutting("cells", 32, (tmp_path / "img1.png",)))
    assert made.contents.cues[0].subject == "Label mask"


def test_marks_that_are_missing_are_a_users_error(tmp_path):
    for plan in (
        ParsePlan(cut="cells"),
        ParsePlan(cut="cells", marks=str(tmp_path / "nowhere")),
        ParsePlan(cut="tiles", marks=str(tmp_path / "nowhere")),
        ParsePlan(cut="tiles", marks=str(write(tmp_path / "t.csv", "file,x,y\na,1,2\n"))),
        ParsePlan(cut="cells", marks=str(write(tmp_path / "u.csv", "nothing\n1\n"))),
        ParsePlan(cut="tiles", mark_colour="300,0,0"),
    ):
        with pytest.raises(UserError):
            cutting_of(plan)
    assert cutting_of(ParsePlan(cut="montage", marks=str(tmp_path / "nowhere"))).marks == ()


def test_a_picture_beyond_memory_is_refused(tmp_path):
    entry = entry_of(noise(1, 20, 20), root=tmp_path)
    entry.contents.heights[:] = entry.contents.widths[:] = 60000
    with pytest.raises(Unreadable, match="1 GB"):
        cut(entry, Cutting("tiles", 32))
    entry.contents.heights[:] = entry.contents.widths[:] = 20000
    with pytest.raises(Unreadable, match="tiles"):
        cut(entry, Cutting("tiles", 8))


def test_threads_share_a_decoded_picture(tmp_path):
    image = noise(1, 320, 320)
    entry = entry_of(image, root=tmp_path)
    made = cut(entry, Cutting("tiles", 32))
    answers = {}

    def work(start):
        answers[start] = cells_of(made, range(start, start + 25))

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entry.reader.decoded == [0]
    found = [cell for start in sorted(answers) for cell in answers[start]]
    np.testing.assert_array_equal(found[99].image, image[:, 288:, 288:])


def test_memory_is_given_back(tmp_path):
    gc.collect()
    before = len(cutting._CACHE._slots)
    made = cut(entry_of(noise(1, 64, 64), root=tmp_path), Cutting("tiles", 32))
    cells_of(made)
    assert len(cutting._CACHE._slots) == before + 1
    del made
    gc.collect()
    assert len(cutting._CACHE._slots) == before


def test_the_cache_is_bounded(monkeypatch, tmp_path):
    monkeypatch.setattr(cutting._CACHE, "_most", 2000)
    images = [noise(1, 20, 20, n) for n in range(6)]
    made = cut(entry_of(*images, root=tmp_path), Cutting("tiles", 10))
    cells_of(made)
    assert sum(slot.bytes for slot in cutting._CACHE._slots.values()) <= 2000
    np.testing.assert_array_equal(cells_of(made, [0])[0].image, images[0][:, :10, :10])


def test_a_picture_larger_than_the_cache_is_not_decoded_again_for_every_call(monkeypatch, tmp_path):
    monkeypatch.setattr(cutting._CACHE, "_most", 10)
    entry = entry_of(noise(1, 20, 20), root=tmp_path)
    made = cut(entry, Cutting("tiles", 10))
    for pick in range(4):
        cells_of(made, [pick])
    assert entry.reader.decoded == [0]


def mutate(data, rng):
    changed = bytearray(data)
    if rng.random() < 0.3:
        return bytes(changed[: rng.integers(0, len(changed))])
    for _ in range(rng.integers(1, 6)):
        changed[rng.integers(0, len(changed))] = rng.integers(0, 256)
    return bytes(changed)


@pytest.mark.parametrize("kind", ["png", "tif", "bmp"])
def test_mutated_masks(tmp_path, kind):
    rng = np.random.default_rng(3)
    path = tmp_path / f"img1.{kind}"
    labels = np.zeros((30, 40), np.uint8)
    labels[3:9, 5:15], labels[20:25, 30:] = 1, 2
    save(path, labels)
    data = path.read_bytes()
    image = noise(1, 30, 40)
    for _ in range(300):
        path.write_bytes(mutate(data, rng))
        for kind_of_cut in ("cells", "tiles"):
            try:
                made = cut(entry_of(image, root=tmp_path / "raw", name="img1.jpg"), Cutting(kind_of_cut, 10, (path,)))
            except (Unreadable, UserError) as error:
                assert str(error)
                continue
            check_pixels(made, image)


ISL = Path(__file__).parents[3].parent / "shared" / "data" / "isl"


@pytest.mark.skipif(not ISL.is_dir(), reason="the sample fields are not here")
def test_a_real_field_is_cut_into_tiles():
    reader = READERS["Single pictures"]
    (path,) = ISL.glob("*z_depth-6,*.png")
    (source,), _ = reader.claim(ISL, [path], Reading(longest=65535))
    made = cut(Entry(reader, source, reader.check(source, Reading(longest=65535))), Cutting("tiles", 32))
    assert len(made.contents) == 32 * 19
    with Image.open(path) as picture:
        check_pixels(made, np.asarray(picture)[None])
