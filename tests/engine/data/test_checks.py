from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cells import DEMO
from wizard.engine.data import checks
from wizard.engine.data.checks import Situation
from wizard.engine.data.checks_names import masked, suspicion
from wizard.engine.data.measuring import Sampled, measure
from wizard.engine.data.roster import Entry, Roster
from wizard.engine.readers.base import Cell, OneFile, Source, uniform
from wizard.results import Channel, Cue, Skipped

CH1, CH3, CH6 = (Channel(name=f"Ch{number}", number=number) for number in (1, 3, 6))


def entry(name, count=30, side=40, channels=(CH1, CH3), dtype="uint16", root="images", **more):
    contents = uniform(channels, count, side, side, np.dtype(dtype), **more)
    return Entry(OneFile(), Source(name, Path(root), (Path(root, name),)), contents)


def roster_of(*entries, **tags):
    """Make a roster; a tag has one value per source."""
    roster = Roster.of(entries)
    for name, values in tags.items():
        roster.tags[name] = roster.of_entries(values)
        roster.origins[name] = "folder names"
    return roster


def look(roster, skipped=(), **more):
    given = {"frame": 48, "larger": "crop", "centre": "auto", "target": "class", "group": "donor", "kept": [CH1, CH3]}
    given |= more
    if isinstance(given["frame"], int):
        given["frame"] = (given["frame"], given["frame"])
    return checks.cues(roster, list(skipped), Situation(**given))


def about(found, subject):
    return [cue for cue in found if cue.subject == subject]


def plain():
    """Two classes from three donors each: nothing is amiss."""
    names = [f"Donor {donor}/{kind}/a.cif" for donor in "ABC" for kind in ("x", "y")]
    return roster_of(*map(entry, names), donor=list("AABBCC"), **{"class": ["x", "y"] * 3})


def sampled(roster, **more):
    return [Sampled(row, f"digest {row}", False, high=900.0, low=1.0, **more) for row in range(len(roster))]


def test_nothing_is_said_of_good_cells():
    roster = plain()
    assert look(roster, sample=sampled(roster), n_sampled=len(roster)) == []


def test_unreadable_files_are_counted_by_reason():
    lost = [Skipped(file=f"/data/a{index}.tif", why="It is cut off.") for index in range(3)]
    lost.append(Skipped(file="/data/b.tif", why="It is empty."))
    (cue,) = about(look(plain(), lost), "Unreadable files")
    assert cue.level == "warning"
    assert cue.count == 4
    assert "3 × “It is cut off” (a0.tif, a1.tif and 1 more)" in cue.text
    assert cue.files[0] == "/data/a0.tif"


def test_one_unreadable_file_is_named():
    (cue,) = about(look(plain(), [Skipped(file="/data/b.tif", why="It is empty.")]), "Unreadable files")
    assert cue.text == "b.tif cannot be used: It is empty."


def test_mixed_channels():
    roster = roster_of(entry("a.cif", 30), entry("b.cif", 5, channels=(CH1, CH6)), **{"class": ["x", "y"]})
    (cue,) = about(look(roster, group=""), "Channels")
    assert cue.level == "warning"
    assert "Ch1, Ch3 (30 cells); Ch1, Ch6 (5 cells)" in cue.text
    assert "5 cells lack one of them" in cue.text
    assert cue.files == ["b.cif"]
    (cue,) = about(look(roster, group="", kept=[CH1]), "Channels")
    assert cue.level == "note"


def test_channels_that_become_alike_are_not_mixed():
    colour = tuple(Channel(name=name, number=number) for number, name in enumerate(("Red", "Green", "Blue"), 1))
    grey = (Channel(name="Grey", number=1),)
    roster = roster_of(entry("a.png", channels=colour), entry("b.png", channels=grey), **{"class": ["x", "y"]})
    assert about(look(roster, kept=colour), "Channels")
    assert not about(look(roster, kept=grey, colour="grey"), "Channels")


def test_mixed_types():
    roster = roster_of(entry("a.cif", 30), entry("b.cif", 5, dtype="uint8"), **{"class": ["x", "y"]})
    (cue,) = about(look(roster), "Bit depth")
    assert "16-bit (30 cells), 8-bit (5 cells)" in cue.text
    assert cue.count == 5
    assert cue.files == ["b.cif"]


def ranges(roster, tops):
    sample = sampled(roster)
    return [Sampled(item.row, item.digest, False, high=tops[roster.entry[item.row]], low=0.0) for item in sample]


def test_values_of_other_bit_depths_in_one_type():
    roster = plain()
    exported = ranges(roster, [255.0, 255.0, 3000.0, 3000.0, 2900.0, 4000.0])
    (cue,) = about(look(roster, sample=exported), "Bit depth")
    assert cue.level == "warning"
    assert "up to 255 (8 bits) in Donor A/x/a.cif, Donor A/y/a.cif, elsewhere up to 4,000 (12 bits)" in cue.text
    (cue,) = about(look(roster, sample=ranges(roster, [200.0, 250.0, 3000.0, 3000.0, 2900.0, 4000.0])), "Bit depth")
    assert cue.level == "note"
    assert not about(look(roster, sample=ranges(roster, [900.0] * 3 + [3000.0] * 3)), "Bit depth")


def test_cropped_cells():
    roster = roster_of(entry("a.cif", 80, side=40), entry("b.cif", 20, side=70), **{"class": ["x", "y"]})
    (cue,) = about(look(roster), "Frame size")
    assert cue.level == "warning"
    assert cue.count == 20
    assert "20 cells (20 %) are larger than the frame of 48 px and will be cropped" in cue.text
    assert "the largest is 70 px" in cue.text
    assert "72 px" in cue.action
    (cue,) = about(look(roster, larger="shrink"), "Frame size")
    assert (cue.level, "shrunk" in cue.text) == ("note", True)
    assert not about(look(roster, frame=72), "Frame size")


def test_frames_larger_than_allowed_are_not_proposed():
    roster = roster_of(entry("a.png", 10, side=1024), **{"class": ["x"]})
    (cue,) = about(look(roster, frame=128), "Frame size")
    assert "1024 px" not in cue.action
    assert "Large pictures" in cue.action


def test_scaling_counts_for_the_size():
    (cue,) = about(look(plain(), scale=2.0), "Frame size")
    assert "80 px" in cue.text


def test_a_few_cropped_cells_are_a_note():
    roster = roster_of(entry("a.cif", 99), entry("b.cif", 1, side=300), **{"class": ["x", "y"]})
    (cue,) = about(look(roster), "Frame size")
    assert cue.level == "note"
    assert "1 cell (1 %) is larger" in cue.text


def test_a_frame_much_larger_than_the_cells():
    (cue,) = about(look(plain(), frame=96), "Frame size")
    assert cue.level == "note"
    assert "A frame of 40 px is enough" in cue.action
    (cue,) = about(look(plain(), frame=400), "Frame size")
    assert cue.level == "warning"
    assert "about 100 times" in cue.action


def elongated(high, wide, count=30):
    """Make cells that are longer in one direction."""
    contents = uniform((CH1, CH3), count, high, wide, np.dtype("uint16"))
    return roster_of(Entry(OneFile(), Source("a.cif", Path("images"), (Path("images/a.cif"),)), contents))


def test_a_rectangle_is_proposed_for_elongated_cells():
    (cue,) = about(look(elongated(30, 60), frame=64), "Frame shape")
    assert cue.level == "note"
    assert "wider than high: 95 % are up to 60 px wide and up to 30 px high" in cue.text
    assert "A frame of 64x32 (width x height) holds 100 % of the cells with 50 % of the pixels" in cue.action
    (cue,) = about(look(elongated(60, 30), frame=64), "Frame shape")
    assert "higher than wide" in cue.text
    assert "32x64" in cue.action
    assert not about(look(elongated(30, 60), frame=(32, 64)), "Frame shape")
    assert not about(look(elongated(30, 36), frame=40), "Frame shape")
    assert not about(look(elongated(100, 400), frame=128), "Frame shape"), "it would hold none of them"


def test_either_side_can_be_too_small():
    cells = elongated(30, 60)
    assert not about(look(cells, frame=(32, 64)), "Frame size")
    for frame, shown in (((24, 64), "64 × 24 px"), ((32, 56), "56 × 32 px"), ((128, 24), "24 × 128 px")):
        (cue,) = about(look(cells, frame=frame), "Frame size")
        assert cue.count == 30
        assert f"larger than the frame of {shown} and will be cropped" in cue.text
        assert "A frame of 64 × 32 px holds all of the cells." in cue.action
    (cue,) = about(look(cells, frame=(96, 128)), "Frame size")
    assert "A frame of 64 × 32 px is enough and makes all steps about 6 times faster." in cue.action


def test_the_object_counts_where_its_size_is_known():
    small = np.full(30, 20, np.float32)
    roster = roster_of(entry("a.rtdc", side=250, extents=small), **{"class": ["x"]})
    assert checks.sides(roster, "auto").max() == 20
    assert checks.sides(roster, "image").max() == 250


def test_mixed_magnification():
    roster = roster_of(
        entry("a.cif", facts={"Magnification": "40x"}), entry("b.cif", 9, facts={"Magnification": "60x"}),
        **{"class": ["x", "y"]},
    )  # fmt: skip
    (cue,) = about(look(roster), "Magnification")
    assert "mixed magnification: 40x (30 cells), 60x (9 cells)" in cue.text
    roster = roster_of(entry("a.cif", pixel_size=0.5), entry("b.cif", pixel_size=0.33), **{"class": ["x", "y"]})
    (cue,) = about(look(roster), "Magnification")
    assert "0.33 µm (30 cells), 0.5 µm (30 cells)" in cue.text
    near = roster_of(entry("a.cif", pixel_size=0.5), entry("b.cif", pixel_size=0.501), **{"class": ["x", "y"]})
    assert not about(look(near), "Magnification")


def cell(image, number=0):
    return Cell(number, np.asarray(image))


def test_measuring_a_cell():
    image = np.full((2, 10, 10), 100, np.uint16)
    image[1, :2] = 4095
    image[1, 2, 2] = 5
    found = measure(cell(image), 7)
    assert (found.row, found.flat, found.saturated, found.worst) == (7, False, 0.2, 1)
    assert (found.low, found.high, found.flat_channels) == (5.0, 4095.0, (True, False))
    assert measure(cell(image), 1).digest == found.digest
    assert measure(cell(image.astype(np.int32)), 1).digest != found.digest
    assert measure(cell(image[:1]), 0).flat
    assert measure(cell(image + 1), 0).saturated == 0
    assert measure(cell(image.astype(np.float32)), 0).saturated == 0
    assert measure(cell(np.full((1, 4, 4), 255, np.uint8)), 0).saturated == 1


def test_saturated_cells():
    roster = plain()
    sample = sampled(roster)
    sample[:30] = [Sampled(row, f"{row}", False, saturated=0.2, high=4095.0, worst=1) for row in range(30)]
    (cue,) = about(look(roster, sample=sample, n_sampled=len(roster)), "Saturated cells")
    assert cue.level == "warning"
    assert cue.count == 30
    assert "30 cells (17 %) have at least 1 % of the pixels" in cue.text
    assert "4,095" in cue.text
    assert "mostly in Ch3" in cue.text
    assert cue.files == ["Donor A/x/a.cif"]


def test_a_sample_is_called_a_sample():
    roster = plain()
    sample = [Sampled(0, "a", True), Sampled(1, "b", False)]
    (cue,) = about(look(roster, sample=sample, n_sampled=2), "Empty cells")
    assert cue.text.startswith("Of 2 sampled cells, 1 cell (50 %) is empty")


def test_empty_channels():
    roster = plain()
    sample = sampled(roster, flat_channels=(False, True))
    (cue,) = about(look(roster, sample=sample, n_sampled=len(roster)), "Empty channels")
    assert "No cell has anything in Ch3" in cue.text


def test_all_empty_is_a_problem():
    roster = plain()
    (cue,) = about(look(roster, sample=[Sampled(0, "a", True)], n_sampled=1), "Empty cells")
    assert cue.level == "problem"


def test_copies_and_contradictions():
    roster = plain()
    sample = sampled(roster)
    for row, digest in ((0, "same"), (1, "same"), (2, "torn"), (30, "torn")):
        sample[row] = Sampled(row, digest, False)
    found = look(roster, sample=sample, n_sampled=len(roster))
    (cue,) = about(found, "Contradictory labels")
    assert cue.level == "warning"
    assert cue.count == 2
    assert "(x / y)" in cue.text
    assert cue.files == ["Donor A/x/a.cif", "Donor A/y/a.cif"]
    (cue,) = about(found, "Copies")
    assert cue.count == 2


def test_empty_cells_are_no_copies():
    roster = plain()
    found = look(roster, sample=[Sampled(0, "a", True), Sampled(40, "a", True)])
    assert not about(found, "Copies")
    assert not about(found, "Contradictory labels")


def test_small_and_uneven_classes():
    entries = [entry(f"{donor}{kind}", count) for donor in "ABC" for kind, count in (("x", 300), ("y", 5))]
    roster = roster_of(
        *entries, entry("z", 1), entry("w", 40), donor=[*"AABBCC", "A", "B"], **{"class": ["x", "y"] * 3 + ["z", "w"]}
    )
    found = look(roster)
    problem, warning = about(found, "Too few cells")
    assert problem.level == "problem"
    assert "z has one cell only" in problem.text
    assert warning.level == "warning"
    assert "y (15)" in warning.text
    (cue,) = about(found, "Uneven classes")
    assert cue.level == "note"
    assert "x has 900 times as many cells as z (900 and 1)" in cue.text
    (cue,) = about(found, "Classes and groups")
    assert "w, z come from one donor only" in cue.text
    assert found[0] == problem
    assert [cue.level for cue in found] == sorted(
        (cue.level for cue in found), key=["problem", "warning", "note"].index
    )


def test_each_class_in_one_group():
    roster = roster_of(entry("a"), entry("b"), entry("c"), donor=["A", "B", "C"], **{"class": ["x", "y", "y"]})
    found = look(roster_of(entry("a"), entry("b"), donor=["A", "B"], **{"class": ["x", "y"]}))
    (cue,) = about(found, "Classes and groups")
    assert "Each class comes from one donor only" in cue.text
    assert "Few groups" in {cue.subject for cue in found}
    assert "x comes from one donor only" in about(look(roster), "Classes and groups")[0].text


def test_files_that_give_the_class_away():
    roster = roster_of(entry("a"), entry("b"), file=["a", "b"], **{"class": ["x", "y"]})
    assert "Each class comes from one file only" in about(look(roster, group=""), "Classes and groups")[0].text


def test_one_group_only():
    roster = roster_of(entry("a"), entry("b"), donor=["A", "A"], **{"class": ["x", "y"]})
    (cue,) = about(look(roster), "One group only")
    assert cue.level == "warning"
    (cue,) = about(look(roster, group=""), "One group only")
    assert cue.level == "note"
    assert "donor A" in cue.text


def test_one_class_only():
    roster = roster_of(entry("a"), entry("b"), donor=["A", "B"], **{"class": ["x", "x"]})
    assert "the same class (x)" in about(look(roster), "Classes")[0].text
    assert "no tag with two values" in about(look(roster, target=""), "Classes")[0].text


def test_cells_without_a_class():
    roster = plain()
    roster.tags["class"][:7] = ""
    (cue,) = about(look(roster), "Cells without a class")
    assert cue.count == 7
    assert 'class: ""' in cue.action


def test_values_typed_in_two_ways():
    roster = roster_of(*(entry(f"{index}") for index in range(6)), donor=list("ABCABC"), **{
        "class": ["G1", "G1", "G1 ", "g1", "G2", "G2"]})  # fmt: skip
    (cue,) = about(look(roster), "Similar names")
    assert cue.count == 120
    assert "“G1” (60), “G1 ” (30), “g1” (30)" in cue.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Müller, Anna", "name"),
        ("O'Brien, Mary Jane", "name"),
        ("Doe,_John", "name"),
        ("Patient John Smith", "name"),
        ("1987-03-12", "date"),
        ("12.3.1954", "date"),
        ("19540312", "date"),
        ("MRN 12", "words"),
        ("mrn_00123", "words"),
        ("DOB", "words"),
        ("Patient name", "words"),
        ("Date of birth", "words"),
        ("4812345", "number"),
        ("Donor 123456", "number"),
        ("P0048123456", "number"),
        ("Donor A", ""),
        ("Patient 7", ""),
        ("Experiment_1", ""),
        ("2021-05-01", ""),
        ("20210501", ""),
        ("210501_run", ""),
        ("run 20210501", ""),
        ("T, CD4", ""),
        ("CD45, CD3", ""),
        ("Late mitosis", ""),
        ("mRNA", ""),
        ("image_00012", ""),
        ("d41d8cd98f00b204e9800998ecf8427e", ""),
        ("Normal", ""),
        ("12345", ""),
    ],
)
def test_names_that_look_like_patients(name, kind):
    assert suspicion(name) == kind


def test_names_of_patients_are_never_shown():
    names = ["Müller, Anna/G1/a.cif", "Doe, John/G2/a.cif", "Donor C/G1/4812345.cif"]
    roster = roster_of(*map(entry, names), donor=["a", "b", "c"], **{"class": ["G1", "G2", "G1"]})
    first, second = about(look(roster), "Patient data")
    assert "2 names among the folders of level 1" in first.text
    assert "D…, J…, M…, A…" in first.text
    assert "1 name among the file names" in second.text
    text = "".join(cue.text + cue.action + "".join(cue.files) for cue in (first, second))
    assert not any(word in text for word in ("Müller", "Anna", "Doe", "John", "4812345"))
    assert masked("Müller, Anna 1987-03-12") == "M…, A… 1…-0…-1…"


def test_other_cues_do_not_tell_names_either():
    names = ["Müller, Anna", "Müller, anna", "Doe, John"]
    roster = roster_of(*(entry(name, 3) for name in names), donor=["Doe, John"] * 3, **{"class": names})
    found = [cue for cue in look(roster) if cue.subject != "Patient data"]
    assert {"Too few cells", "One group only", "Similar names"} <= {cue.subject for cue in found}
    assert not any(word in cue.text for cue in found for word in ("Anna", "Doe", "John"))


def test_tables_are_looked_through():
    roster = roster_of(
        entry("a"), entry("b"), **{"class": ["x", "y"], "patient_id": ["4812345", "9"], "area": ["4812345", "1"]}
    )
    roster.origins |= {"patient_id": "label table", "area": "label table"}
    (cue,) = about(look(roster, group=""), "Patient data")
    assert "values of the tag patient_id" in cue.text


def test_numbers_that_count_files_are_no_records():
    counted = [entry(f"x/{100000 + index}.tif", 1) for index in range(60)]
    objects = [entry("x/4812345_Ch1.tif", 1)]
    objects[0].contents.objects[0] = 4812345
    roster = roster_of(*counted, *objects, **{"class": ["x"] * 61})
    assert not about(look(roster, group=""), "Patient data")


def test_what_the_files_say_is_grouped():
    def cut(text="The file is cut off."):
        return [Cue(level="warning", subject="File", text=text, count=2)]

    roster = roster_of(
        entry("a", cues=cut()), entry("b", cues=cut()), entry("c", cues=cut("Other.")), **{"class": ["x", "y", "x"]}
    )
    first, second = about(look(roster), "File")
    assert (first.text, first.count, first.files) == ("The file is cut off.", 4, ["a", "b"])
    assert second.text == "Other."
    many = roster_of(*(entry(f"{i}", cues=cut(f"Cut at {i}.")) for i in range(50)), **{"class": ["x", "y"] * 25})
    found = about(look(many), "File")
    assert len(found) == 9
    assert "42 other files" in found[-1].text


def test_sources_without_cells_left_do_not_count():
    roster = roster_of(entry("a"), entry("b", dtype="uint8"), **{"class": ["x", "y"]})
    assert not about(look(roster.select(roster.entry == 0)), "Bit depth")


def test_the_demo_cells_are_measured():
    import tifffile

    planes = [tifffile.imread(path) for path in sorted((DEMO / "Experiment_1/Part_1/G1").glob("*_Ch3.tif"))[:20]]
    found = [measure(cell(plane[None]), row) for row, plane in enumerate(planes)]
    assert not any(item.flat for item in found)
    assert len({item.digest for item in found}) == len(planes)
    assert [item.high for item in found] == [float(plane.max()) for plane in planes]
