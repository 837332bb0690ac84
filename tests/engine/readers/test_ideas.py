"""An analysis beside its images becomes tags, measurements and channel names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.readers.daf_writer import ALL, gate, logic, region, tagged, write_daf
from wizard.engine.readers.base import Contents, Reading, Unreadable
from wizard.engine.readers.ideas import LoneDaf, group, hex_colour, join, populations
from wizard.results import Channel

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "ifc"
OFFSETS = np.array([1008, 2008, 3008, 4008, 5008], np.uint64)
POPULATIONS = [
    ALL, gate("Large", "R", "Area"), tagged("G1", [0, 1]), tagged("S", [1, 2, 3]), logic("G1 large", "G1", "Large"),
]  # fmt: skip
REGIONS = [region("R", "line", [(2, 0), (9, 0)])]
FEATURES = {"Area": np.array([1.0, 2, 3, np.nan, 1])}
IMAGES = [
    {"name": "DNA", "color": "DarkOrchid", "physicalChannel": 0}, {"name": "Ch04", "color": "Lime", "physicalChannel": 3},
]  # fmt: skip


def contents(picks=(0, 1, 2, 3, 4), height=20):
    count = len(picks)
    channels = (Channel(name="Ch1", number=1), Channel(name="Ch4", number=4, label="x"), Channel(name="Ch5", number=5))
    size = np.full(count, height, np.int32)
    return Contents(channels, np.arange(count), size, size, np.dtype(np.uint16))


def analysis(path, **more):
    given = {"populations": POPULATIONS, "regions": REGIONS, "images": IMAGES} | more
    return write_daf(path / "cells.daf", FEATURES, **given)


def joined(daf, how=None, picks=(0, 1, 2, 3, 4), **more):
    cells = contents(picks, **more)
    join(cells, OFFSETS[list(picks)], np.array(picks), daf, how or Reading())
    return cells


def test_the_innermost_gate_becomes_the_tag(tmp_path):
    cells = joined(analysis(tmp_path))
    assert list(cells.tags["population"]) == ["G1", "G1 large", "Large", "S", ""]
    assert list(cells.tags) == ["population"]
    np.testing.assert_array_equal(cells.measurements["Area"], FEATURES["Area"])
    assert [(c.name, c.number, c.label, c.colour) for c in cells.channels] == [
        ("Ch1", 1, "DNA", "#9932cc"), ("Ch4", 4, "x", "#00ff00"), ("Ch5", 5, "", ""),
    ]  # fmt: skip
    assert cells.facts["IDEAS analysis"] == "cells.daf"
    assert cells.facts["IDEAS version"] == "6.2.0.0"
    assert cells.facts["IDEAS populations"] == "5"
    assert not cells.cues
    assert populations(tmp_path / "cells.daf") == {"All": 5, "Large": 2, "G1": 2, "S": 3, "G1 large": 1}


def test_named_populations_in_the_order_of_their_names(tmp_path):
    daf = analysis(tmp_path)
    assert joined(daf, Reading(populations=("G1", "s"))).tags["population"] == ["G1", "G1", "S", "S", ""]
    assert joined(daf, Reading(populations=("S", "G1"))).tags["population"] == ["G1", "S", "S", "S", ""]
    assert joined(daf, Reading(populations=("G1", "all"))).tags["population"] == ["G1", "G1", "All", "All", "All"]


def test_a_name_as_written_goes_before_one_in_other_letters(tmp_path):
    daf = analysis(tmp_path, populations=[ALL, tagged("a", [0]), tagged("A", [1])])
    assert joined(daf, Reading(populations=("A",))).tags["population"] == ["", "A", "", "", ""]
    daf = analysis(tmp_path, populations=[ALL, tagged("ab", [0]), tagged("AB", [1])])
    with pytest.raises(Unreadable):
        joined(daf, Reading(populations=("Ab",)))


def test_an_unknown_population_is_named_with_those_that_there_are(tmp_path):
    with pytest.raises(Unreadable, match="G2.*All, Large, G1, S, G1 large"):
        joined(analysis(tmp_path), Reading(populations=("G1", "G2")))


def test_every_population_as_a_tag_of_its_own(tmp_path):
    cells = joined(analysis(tmp_path), Reading(populations=("*",)))
    assert list(cells.tags) == ["population", "in All", "in Large", "in G1", "in S", "in G1 large"]
    assert cells.tags["in S"] == ["no", "yes", "yes", "yes", "no"]


def test_some_cells_in_another_order(tmp_path):
    cells = joined(analysis(tmp_path), picks=(3, 1))
    assert cells.tags["population"] == ["S", "G1 large"]
    np.testing.assert_array_equal(cells.measurements["Area"], [np.nan, 2])
    assert [cue.level for cue in cells.cues] == ["note"]


@pytest.mark.parametrize("wrong", ["offset", "height", "more", "id"])
def test_an_analysis_of_other_images_is_left_out(tmp_path, wrong):
    cells = contents(height=21 if wrong == "height" else 20)
    offsets, ids, daf = OFFSETS.copy(), np.arange(5), analysis(tmp_path)
    if wrong == "offset":
        offsets[2] += 1
    if wrong == "more":
        cells = contents(picks=range(6))
        offsets, ids = np.append(OFFSETS, np.uint64(6008)), np.arange(6)
    if wrong == "id":
        offsets, ids = np.append(OFFSETS[:4], np.uint64(5008 + 2**32)), np.array([0, 1, 2, 3, 9])
    join(cells, offsets, ids, daf, Reading(populations=("G1",)))
    assert (cells.tags, cells.measurements, cells.facts) == ({}, {}, {})
    assert cells.channels[0].label == ""
    assert [(cue.level, cue.files) for cue in cells.cues] == [("warning", ["cells.daf"])]


def test_offsets_of_32_bits_are_told_by_the_numbers_of_the_objects(tmp_path):
    offsets = OFFSETS + np.uint64(2**32)
    cells = contents()
    join(cells, offsets, np.arange(5), analysis(tmp_path), Reading())
    assert cells.tags["population"][1] == "G1 large"


def test_populations_that_cannot_be_worked_out_are_named(tmp_path):
    daf = analysis(tmp_path, populations=[*POPULATIONS, gate("Lost", "R", "Perimeter"), logic("Round", "Round")])
    cells = joined(daf)
    assert cells.tags["population"] == ["G1", "G1 large", "Large", "S", ""]
    assert [cue.level for cue in cells.cues] == ["warning"]
    assert "Lost" in cells.cues[0].text
    assert "Perimeter" in cells.cues[0].text
    assert "Round" in cells.cues[0].text
    with pytest.raises(Unreadable, match="Perimeter"):
        joined(daf, Reading(populations=("G1", "Lost")))


def test_numbers_of_cells_are_compared_with_those_stored(tmp_path):
    stored = [{"population": name, "feature": "Area", "count": count, "mean": 1, "nans": 0}
              for name, count in (("G1", 2), ("S", 4), ("Gone", 1))]  # fmt: skip
    cells = joined(analysis(tmp_path, statistics=stored))
    assert [cue.level for cue in cells.cues] == ["warning"]
    assert "S: 3 here, 4 there" in cells.cues[0].text
    assert "G1:" not in cells.cues[0].text


def test_a_damaged_analysis_is_left_out_with_a_cue(tmp_path):
    daf = analysis(tmp_path)
    daf.write_bytes(daf.read_bytes()[:-1])
    cells = joined(daf)
    assert cells.tags == {}
    assert [cue.level for cue in cells.cues] == ["warning"]


def files(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return [folder / name for name in names]


def test_analyses_find_their_images(tmp_path):
    first = files(tmp_path / "1", "cells.CIF", "cells.rif", "other.cif")
    second = files(tmp_path / "2", "cells.cif", "b.rif")
    dafs = [write_daf(tmp_path / "1" / "Second look.daf", FEATURES, file="D:\\far\\Cells.cif"),
            write_daf(tmp_path / "1" / "third look.DAF", FEATURES, file="cells.cif"),
            write_daf(tmp_path / "2" / "B.daf", FEATURES, file="gone.cif")]  # fmt: skip
    paths = [*first, *second, *dafs]
    assert group(tmp_path, paths) == {first[0]: dafs[0], second[1]: dafs[2]}
    dafs.append(write_daf(tmp_path / "1" / "cells.daf", FEATURES, file="cells.cif"))
    assert group(tmp_path, [*paths, dafs[3]])[first[0]] == dafs[3]
    (tmp_path / "1" / "other.daf").write_bytes(b"damaged")
    assert group(tmp_path, [*paths, tmp_path / "1" / "other.daf"])[first[2]].name == "other.daf"


def test_analyses_without_images_are_reported(tmp_path):
    reader = LoneDaf()
    beside = write_daf(tmp_path / "a.daf", FEATURES, file="a.cif")
    second = write_daf(tmp_path / "look.daf", FEATURES, file="a.cif")
    lone = write_daf(tmp_path / "b.daf", FEATURES, file="C:\\names\\far.cif")
    flow = write_daf(tmp_path / "c.daf", FEATURES, file="c.fcs", subject="FCS", binary=False)
    (tmp_path / "d.daf").write_bytes(b"damaged")
    files(tmp_path, "a.cif")
    paths = [beside, second, lone, flow, tmp_path / "d.daf"]
    assert all(reader.can_open(path) for path in paths)
    sources, skipped = reader.claim(tmp_path, paths, Reading())
    assert sources == []
    said = {Path(one.file).name: one.why for one in skipped}
    assert set(said) == {"look.daf", "b.daf", "c.daf", "d.daf"}
    assert said["b.daf"] == "The images are in far.cif, which is not in this folder."
    assert "a.daf" in said["look.daf"]
    assert "FCS" in said["c.daf"]


def test_colours():
    assert hex_colour("DarkOrchid") == "#9932cc"
    assert hex_colour("LightGray") == "#d3d3d3"
    assert hex_colour("#00FF7f") == "#00ff7f"
    assert hex_colour("ff00ff7f") == "#00ff7f"
    assert hex_colour("Nonsense") == ""
    assert hex_colour("") == ""


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared test data are not here")
def test_a_real_analysis_names_the_cells():
    with np.load(DATA / "example_daf_golden.npz", allow_pickle=False) as golden:
        offsets, ids = golden["img_ifd"], golden["object_id"].astype(np.int64)
        heights, widths = golden["height"].astype(np.int32), golden["width"].astype(np.int32)
        members = dict(zip(golden["pop_names"].tolist(), golden["pop_members"], strict=True))
    channels = tuple(Channel(name=f"Ch{number}", number=number) for number in range(1, 7))
    cells = Contents(channels, ids, heights, widths // 6, np.dtype(np.int16))
    join(cells, offsets, ids, DATA / "example.daf", Reading())
    assert not cells.cues
    assert len(cells.measurements) == 196
    assert [channel.label for channel in cells.channels] == ["DAPI", "ARK2_AF488", "aTub_PE", "BF", "pH3_AF647", "DF"]
    phases = [f"{name} & Mphase" for name in ("Metaphase", "Prophase", "Anaphase", "Telophase")]
    phases.sort(key=lambda name: members[name].sum())
    for cell, text in enumerate(cells.tags["population"]):
        deepest = next((name for name in phases if members[name][cell]), None)
        assert text == deepest if deepest else not text or members[text][cell]
        assert bool(text) == any(within[cell] for name, within in members.items() if name != "All")
    tagged_names = tuple(name for name in members if name.startswith("tagged-"))
    cells.tags.clear()
    join(cells, offsets, ids, DATA / "example_6.0.daf", Reading(populations=tagged_names))
    assert {name: cells.tags["population"].count(name) for name in tagged_names} == {
        name: int(members[name].sum()) for name in tagged_names
    }
