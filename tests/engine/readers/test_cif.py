"""ImageStream files: pixels, masks, channels, object numbers and figures as they were written."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.engine.readers import cif_writer as writer
from tests.engine.readers.cif_writer import DOUBLE, LONG, PLAIN, SHORT, File
from wizard.engine.readers.base import Cell, Lost, Reading, Unreadable
from wizard.engine.readers.cif import Cif

IFC = Path(__file__).parents[4] / "shared" / "data" / "ifc"
EXAMPLE = IFC / "example.cif"
READER = Cif()
real = pytest.mark.skipif(not EXAMPLE.is_file(), reason="the example file is not here")


def opened(path, how=None):
    how = how or Reading()
    (source,), skipped = READER.claim(path.parent, [path], how)
    assert not skipped
    return source, READER.check(source, how)


def read(path, channels=None, picks=None):
    source, contents = opened(path)
    channels = [channel.number for channel in contents.channels] if channels is None else channels
    picks = range(len(contents)) if picks is None else picks
    return contents, list(READER.cells(source, contents, channels, picks))


def subjects(contents):
    return {cue.subject for cue in contents.cues}


def check(found, wanted, masks=True):
    assert len(found) == len(wanted)
    for cell, (image, mask) in zip(found, wanted, strict=True):
        assert isinstance(cell, Cell)
        assert cell.image.dtype == np.int16
        np.testing.assert_array_equal(cell.image, image)
        if masks:
            assert cell.mask.dtype == np.uint8
            np.testing.assert_array_equal(cell.mask, mask)
        else:
            assert cell.mask is None


@real
def test_golden_objects_are_byte_identical():
    contents, found = read(EXAMPLE)
    with np.load(IFC / "example_golden_000_049.npz", allow_pickle=False) as golden:
        for at in range(50):
            assert found[at].image.astype("<u2").tobytes() == golden[f"img_{at:04}"].astype("<u2").tobytes()
            assert found[at].mask.tobytes() == golden[f"msk_{at:04}"].tobytes()
            assert found[at].image.shape == golden[f"img_{at:04}"].shape
        np.testing.assert_array_equal(contents.objects[:50], golden["object_id"])
        for name, key in (
            ("Flow Speed", "tag33012"), ("Camera Line Number", "tag33016"), ("Camera Timer", "tag33017"),
            ("Object Number in Acquisition", "tag33024"), ("Object Center X", "tag33071"), ("Object Center Y", "tag33072"),
        ):  # fmt: skip
            np.testing.assert_array_equal(contents.measurements[name][:50], golden[key])
        for name, key in (
            ("Bkgd Mean", "bg_mean"), ("Bkgd StdDev", "bg_std"),
            ("Saturation Count", "sat_count"), ("Saturation Percent", "sat_percent"),
        ):  # fmt: skip
            for channel in range(6):
                np.testing.assert_array_equal(
                    contents.measurements[f"{name} Ch{channel + 1}"][:50], golden[key][:, channel]
                )


@real
def test_the_whole_example():
    contents, found = read(EXAMPLE)
    digest = hashlib.sha256()
    for cell in found:
        digest.update(cell.image.astype("<u2").tobytes() + cell.mask.tobytes())
    assert digest.hexdigest() == "9cbc02b4442347b194b17567844805ceb89946b5cd56fc3a4631e3a65ac4ae0b"
    assert len(contents) == 111
    assert contents.masks
    assert contents.pixel_size == 0.5
    assert [channel.shown for channel in contents.channels] == ["Ch1", "Ch2", "Ch3", "Ch4", "Ch5 Bright field", "Ch6"]
    assert contents.facts["Instrument"] == "IS100-Lab"
    assert contents.facts["Magnification"] == "40x"
    assert contents.facts["Analysed with"] == "IDEAS 6.0.354.0"
    assert "Merged file" not in contents.facts
    assert subjects(contents) == {"Compensation"}


@real
def test_no_person_and_no_path_is_told():
    _, contents = opened(EXAMPLE)
    data = EXAMPLE.read_bytes()
    person = data[442:457].decode().strip("\0 ")
    told = " ".join([*contents.facts.values(), *(cue.text for cue in contents.cues)])
    assert person not in told
    assert "\\" not in told
    assert "/work" not in told


@real
def test_an_example_repeated(tmp_path):
    path = writer.repeat(EXAMPLE, tmp_path / "many.cif", 250)
    contents, found = read(path)
    assert len(contents) == 250
    assert subjects(contents) == {"Compensation"}
    np.testing.assert_array_equal(contents.objects, np.arange(250))
    np.testing.assert_array_equal(found[249].image, found[27].image)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("layout", ["usual", "values_first", "backwards"])
@pytest.mark.parametrize("strips", [1, 3])
@pytest.mark.parametrize("packed", [writer.GREYSCALE, PLAIN])
def test_round_trip(tmp_path, order, layout, strips, packed):
    made = writer.cells(np.random.default_rng(3), count=4)
    file = File(order, layout).about(t33018=(LONG, [4]))
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number, packed, strips, mask_packed=writer.RUNS if packed != PLAIN else PLAIN)
    contents, found = read(file.write(tmp_path / "a.cif"))
    check(found, made)
    assert subjects(contents) == {"Compensation"}
    np.testing.assert_array_equal(contents.measurements["Bkgd Mean Ch2"], np.arange(4) + 0.25)
    np.testing.assert_array_equal(contents.measurements["Camera Timer"], np.arange(4) * 77)


@pytest.mark.parametrize("seed", range(25))
def test_any_pixels_round_trip(tmp_path, seed):
    rng = np.random.default_rng(seed)
    channels = int(rng.integers(1, 5))
    made = writer.cells(rng, 5, channels, 1, 30, top=int(rng.choice([2, 200, 4095, 32000])))
    if seed % 5 == 0:
        made = [(rng.integers(-32768, 32768, image.shape).astype(np.int16), mask) for image, mask in made]
    if seed % 5 == 1:
        made = [(image, np.full_like(mask, seed % 2)) for image, mask in made]
    file = File(order=str(rng.choice(["<", ">"]))).about(writer.settings(range(1, channels + 1)))
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number)
    check(read(file.write(tmp_path / "a.cif"))[1], made)


def test_without_masks(tmp_path):
    made = writer.small(tmp_path / "a.rif", masks=False)
    contents, found = read(tmp_path / "a.rif")
    check(found, made, masks=False)
    assert not contents.masks
    assert subjects(contents) == {"Raw file"}


def test_masks_of_some(tmp_path):
    made = writer.cells(np.random.default_rng(0))
    file = File().about()
    for number, (image, mask) in enumerate(made):
        file.add(image, mask if number != 1 else None, number)
    contents, found = read(file.write(tmp_path / "a.cif"))
    assert [cell.mask is None for cell in found] == [False, True, False]
    assert contents.masks
    (cue,) = [cue for cue in contents.cues if cue.subject == "Objects without mask"]
    assert cue.count == 1
    np.testing.assert_array_equal(found[2].mask, made[2][1])


def test_channel_gaps_names_and_choice(tmp_path):
    daf = (
        "&lt;Assay&gt;&lt;Images&gt;&lt;image name=&quot;DNA&quot; physicalChannel=&quot;6&quot; /&gt;"
        "&lt;image name=&quot;Ch09&quot; physicalChannel=&quot;8&quot; /&gt;&lt;/Images&gt;&lt;/Assay&gt;"
    )
    xml = writer.settings((2, 7, 9), bright=(2, 9), names={2: "Ch02", 7: "other", 9: "BF &amp; more"}, daf=daf)
    made = writer.cells(np.random.default_rng(5), channels=3)
    file = File().about(xml, t33029=(LONG, [1]), t33070=(LONG, [5000]))
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number)
    contents, found = read(file.write(tmp_path / "a.cif"), [9, 2])
    assert [(channel.name, channel.number, channel.label) for channel in contents.channels] == [
        ("Ch2", 2, "Bright field"), ("Ch7", 7, "DNA"), ("Ch9", 9, "BF & more")
    ]  # fmt: skip
    check(found, [(image[[2, 0]], mask[[2, 0]]) for image, mask in made])
    assert contents.facts["Merged file"] == "Yes"
    assert contents.facts["Subset"] == "Of 5,000 objects"
    assert "Bkgd Mean Ch7" in contents.measurements


def test_picks_in_any_order_and_from_one_object_twice(tmp_path):
    made = writer.small(tmp_path / "a.cif", count=9)
    _, found = read(tmp_path / "a.cif", picks=[8, 0, 3, 3, 7])
    check(found, [made[at] for at in (8, 0, 3, 3, 7)])
    assert [cell.object for cell in found] == [8, 0, 3, 3, 7]
    assert read(tmp_path / "a.cif", picks=[])[1] == []


def test_numbers_of_merged_files(tmp_path):
    file = File().about()
    for number, (image, mask) in zip((4, 9, 4), writer.cells(np.random.default_rng(0)), strict=True):
        file.add(image, mask, number)
    contents, found = read(file.write(tmp_path / "a.cif"))
    assert [cell.object for cell in found] == contents.objects.tolist() == [0, 1, 2]
    assert contents.measurements["Object Number"].tolist() == [4, 9, 4]
    assert "Object numbers" in subjects(contents)


def test_own_numbers_are_kept(tmp_path):
    file = File().about()
    for number, (image, mask) in zip((40, 9, 12), writer.cells(np.random.default_rng(0)), strict=True):
        file.add(image, mask, number)
    contents, _ = read(file.write(tmp_path / "a.cif"))
    assert contents.objects.tolist() == [40, 9, 12]
    assert "Object Number" not in contents.measurements


def test_tables_without_a_word_of_what_they_are(tmp_path):
    made = writer.cells(np.random.default_rng(2))
    file = File().about()
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number)
    for table in file.tables[1:]:
        del table.tags[33002]
    check(read(file.write(tmp_path / "a.cif"))[1], made)


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"\xff\xfe\0"])
def test_without_settings_the_channels_are_counted(tmp_path, xml):
    made = writer.cells(np.random.default_rng(2), channels=3)
    file = File().about(xml)
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number)
    contents, found = read(file.write(tmp_path / "a.cif"))
    check(found, made)
    assert [channel.number for channel in contents.channels] == [1, 2, 3]
    assert "Channels" in subjects(contents)


def test_broken_settings_still_tell_their_fields(tmp_path):
    made = writer.cells(np.random.default_rng(2), channels=2)
    file = File().about(writer.settings((3, 11)).replace(b"<Imaging>", b"<Imaging\x01><&>"))
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number)
    contents, _ = read(file.write(tmp_path / "a.cif"))
    assert [channel.number for channel in contents.channels] == [3, 11]
    assert contents.pixel_size == 0.5


def test_settings_that_contradict_the_objects_are_told(tmp_path):
    made = writer.cells(np.random.default_rng(2), channels=2)
    file = File().about(writer.settings((1, 2, 3)))
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number)
    contents, found = read(file.write(tmp_path / "a.cif"))
    assert "Channels" in subjects(contents)
    if len(contents.channels) == 2:
        check(found, made)


@pytest.mark.parametrize(("power", "size"), [(20, 1.0), (40, 0.5), (60, 0.3), (10, 0.0), ("x", 0.0)])
def test_pixel_size(tmp_path, power, size):
    file = File().about(writer.settings(magnification=power))
    file.add(*writer.cells(np.random.default_rng(2))[0])
    assert opened(file.write(tmp_path / "a.cif"))[1].pixel_size == size


@pytest.mark.parametrize(("matrix", "told"), [(np.zeros(4), True), (np.eye(2).ravel(), True), ([1, 0.1, 0, 1], False)])
def test_compensation(tmp_path, matrix, told):
    file = File().about(t33020=(DOUBLE, list(matrix)))
    file.add(*writer.cells(np.random.default_rng(2))[0])
    contents = opened(file.write(tmp_path / "a.cif"))[1]
    assert ("Compensation" in subjects(contents)) == told
    assert contents.facts["Compensation"] == ("Not compensated" if told else "Compensated")


def test_object_count_that_differs(tmp_path):
    file = File().about(t33018=(LONG, [7]))
    for number, (image, mask) in enumerate(writer.cells(np.random.default_rng(0))):
        file.add(image, mask, number)
    contents = opened(file.write(tmp_path / "a.cif"))[1]
    (cue,) = [cue for cue in contents.cues if cue.subject == "Object count"]
    assert "7" in cue.text and "3" in cue.text


def test_objects_shown_to_be_damaged_are_left_out(tmp_path):
    (image, mask), *_ = writer.cells(np.random.default_rng(0))
    file = File().about().add(image, mask, 0)
    file.add(image, mask[:, 1:], 1)
    file.add(image, mask, 2, t257=(LONG, [0]))
    file.add(image, mask, 3, t256=(LONG, [2 * image.shape[2] + 1]))
    file.add(image, mask, 4, t259=(SHORT, [5]))
    file.add(image, mask, 5, t257=(LONG, [4000]))
    file.add(image, mask, 6)
    contents, found = read(file.write(tmp_path / "a.cif"))
    assert contents.objects.tolist() == [0, 6]
    check(found, [(image, mask)] * 2)
    assert sum(cue.count for cue in contents.cues if cue.subject == "Damaged objects") == 5


def test_images_larger_than_allowed_are_left_out(tmp_path):
    writer.small(tmp_path / "a.cif")
    with pytest.raises(Unreadable, match="larger than 3 px"):
        opened(tmp_path / "a.cif", Reading(longest=3))


def test_damaged_pixels_lose_one_object(tmp_path):
    made = writer.cells(np.random.default_rng(0), count=4)
    file = File().about()
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number)
    pixels = file.tables[3].pixels
    file.tables[3].pixels = b"\xff" * 4 + pixels[4:]
    mask = bytearray(file.tables[6].pixels)
    mask[-1] += 1
    file.tables[6].pixels = bytes(mask)
    _, found = read(file.write(tmp_path / "a.cif"))
    assert [type(cell) for cell in found] == [Cell, Lost, Lost, Cell]
    assert "damaged" in found[1].why
    assert "size" in found[2].why


def test_claims_by_ending_only(tmp_path):
    names = ["a.cif", "B.CIF", "c.rif", "d.tif", "e.cif.txt"]
    sources, skipped = READER.claim(tmp_path, [tmp_path / name for name in names], Reading())
    assert [source.name for source in sources] == ["a.cif", "B.CIF", "c.rif"]
    assert not skipped


def test_slices_join_seamlessly(tmp_path, monkeypatch):
    monkeypatch.setattr("wizard.engine.readers.cif._AT_ONCE", 2)
    made = writer.cells(np.random.default_rng(8), count=7)
    file = File().about()
    for number, (image, mask) in enumerate(made):
        file.add(image, mask if number not in (2, 3) else None, number, strips=1 + number % 3)
    _, found = read(file.write(tmp_path / "a.cif"))
    for at, (cell, (image, mask)) in enumerate(zip(found, made, strict=True)):
        np.testing.assert_array_equal(cell.image, image)
        assert (cell.mask is None) == (at in (2, 3))
        assert cell.mask is None or (cell.mask == mask).all()


def test_an_analysis_is_joined(tmp_path, monkeypatch):
    from wizard.engine.readers import ideas

    joined = []
    path, daf = tmp_path / "a.cif", tmp_path / "b.daf"
    monkeypatch.setattr(ideas, "group", lambda root, files: {path: daf})
    monkeypatch.setattr(ideas, "join", lambda *given: joined.append(given))
    (image, mask), *_ = writer.cells(np.random.default_rng(0))
    made = File().about().add(image, mask, 8).add(image, mask[:, 1:], 7).add(image, mask, 6)
    file = made.write(path)
    (source,), _ = READER.claim(tmp_path, [path, daf], Reading())
    assert source.files == (path, daf)
    how = Reading(populations=("G1",))
    contents = READER.check(source, how)
    ((given, offsets, numbers, analysis, reading),) = joined
    assert (given, analysis, reading) == (contents, daf, how)
    assert numbers.tolist() == contents.objects.tolist() == [8, 6]
    assert offsets.dtype == np.uint64
    data = file.read_bytes()
    entries = len(made.tables[1].tags) + 2
    assert [data[offset] for offset in offsets.tolist()] == [entries, entries]
