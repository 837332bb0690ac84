from __future__ import annotations

import numpy as np
import pytest

from tests.cells import DEMO, easy_folder, write_cell
from wizard.engine.data import sampling
from wizard.engine.data.roster import Entry, Roster
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Progress, Tell
from wizard.engine.readers.base import Cell, Lost, OneFile, Source, uniform
from wizard.engine.survey import survey
from wizard.results import Channel, SurveyResult


def look(project, folder, tell=None, **settings):
    project.change({f"parse.{name}": value for name, value in settings.items()})
    return survey(project.plan.parse, project, tell or Tell(), folder)


def pictures(folder):
    with np.load(folder / "preview.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def subjects(result):
    return {cue.subject for cue in result.cues}


def test_the_demo_cells(project, tmp_path):
    found = []
    result = look(project, tmp_path / "out", Tell(emit=found.append), input=[str(DEMO)])
    assert result.n_cells == 243
    assert result.n_files == 729
    assert list(result.dtypes.values()) == [243]
    assert [channel.number for channel in result.channels] == [3, 4, 6]
    assert result.kept == [3, 4, 6]
    assert result.target == "class"
    assert result.group == "part"
    assert result.tags["class"] == {"G1": 66, "G2": 66, "Metaphase": 45, "Prophase": 66}
    assert result.raw_tags == result.tags
    assert result.origins["class"] == "folder names"
    assert result.frame == result.suggested_frame == (result.suggested, result.suggested)
    assert sum(result.formats.values()) == 243
    assert not [cue for cue in result.cues if cue.level == "problem"]
    assert "Sample" not in subjects(result)
    assert "Patient data" not in subjects(result)
    fractions = [event.fraction for event in found if isinstance(event, Progress)]
    assert fractions == sorted(fractions)


def test_the_preview_shows_cells_of_each_class(project, tmp_path):
    result = look(project, tmp_path / "out", input=[str(DEMO)], frame=48)
    assert [cell.label for cell in result.preview] == sorted(["G1", "G2", "Metaphase", "Prophase"] * 4)
    arrays = pictures(tmp_path / "out")
    assert {name.split("_")[0] for name in arrays} == {"raw", "framed"}
    for index in range(16):
        assert arrays[f"framed_{index}"].shape == (3, 48, 48)
        assert arrays[f"raw_{index}"].shape[0] == 3
        assert arrays[f"raw_{index}"].dtype == arrays[f"framed_{index}"].dtype


def test_a_look_that_was_stored_with_one_number_can_be_read():
    assert SurveyResult.model_validate({"frame": 48, "suggested": 40}).frame == (48, 48)


def elongated(folder, count=6):
    rng = np.random.default_rng(1)
    for index in range(count):
        for name in ("one", "two"):
            write_cell(folder / name, f"{name}{index}", rng.integers(100, 200, (2, 22, 50)).astype(np.uint16))
    return folder


def test_a_rectangle_is_suggested_for_elongated_cells(project, tmp_path):
    images = elongated(tmp_path / "images")
    result = look(project, tmp_path / "out", input=[str(images)])
    assert (result.frame, result.suggested, result.suggested_frame) == ((56, 56), 56, (24, 56))
    assert "Frame shape" in subjects(result)
    assert result.cropped == 0
    result = look(project, tmp_path / "out", frame="0x0")
    assert result.frame == result.suggested_frame == (24, 56)
    assert "Frame shape" not in subjects(result)
    assert pictures(tmp_path / "out")["framed_0"].shape == (2, 24, 56)
    result = look(project, tmp_path / "out", frame="64x20")
    assert (result.frame, result.cropped) == ((20, 64), 12)
    assert pictures(tmp_path / "out")["framed_0"].shape == (2, 20, 64)


def test_tag_rules_and_sizes(project, tmp_path):
    result = look(
        project, tmp_path / "out", input=[str(DEMO)], frame=24, rename=["part = donor"],
        merge=["class: G1, G2 = Interphase"], exclude=["class: Prophase", "experiment"],
    )  # fmt: skip
    assert set(result.tags) == {"donor", "class"}
    assert result.tags["class"] == {"Interphase": 132, "Metaphase": 45}
    assert result.tags["donor"] == {"1": 59, "2": 59, "3": 59}
    assert result.raw_tags["class"]["Prophase"] == 66
    assert result.group == "donor"
    assert result.origins["part"] == "folder names"
    assert result.cropped > 0
    assert {"Frame size", "Tag rules"} <= subjects(result)
    assert result.sizes["p0"] <= result.sizes["p50"] <= result.sizes["p100"]


def test_damage_and_copies_are_told(project, tmp_path):
    easy = easy_folder(tmp_path / "easy", per_class=8)
    first = next((easy / "Donor A" / "dim").glob("*_Ch1.tif"))
    first.write_bytes(first.read_bytes()[:50])
    same = np.full((2, 20, 20), 7, np.uint16)
    same[:, 4:8] = 900
    for place in ("dim", "bright"):
        write_cell(easy / "Donor B" / place, "copy", same)
    write_cell(easy / "Donor C" / "dim", "empty", np.zeros((2, 20, 20), np.uint16))
    (easy / "notes.txt").write_text("x")
    result = look(project, tmp_path / "out", input=[str(easy)])
    assert {"Unreadable files", "Contradictory labels", "Empty cells", "Other files"} <= subjects(result)
    assert "Too few cells" in subjects(result)
    levels = [cue.level for cue in result.cues]
    assert levels == sorted(levels, key=["problem", "warning", "note"].index)


def test_settings_that_do_not_fit_are_problems(project, tmp_path):
    easy = easy_folder(tmp_path / "easy", per_class=4)
    result = look(project, tmp_path / "out", input=[str(easy)], channels="9", group="plate", frame=8)
    problems = [cue for cue in result.cues if cue.level == "problem"]
    assert {cue.subject for cue in problems} >= {"Channels", "Group", "Frame size"}
    assert result.kept == [1, 2]
    assert result.group == "donor"


def test_no_image_is_an_error(project, tmp_path):
    with pytest.raises(UserError):
        look(project, tmp_path / "out", input=[str(tmp_path)])


def test_cancelling(project, tmp_path):
    with pytest.raises(Cancelled):
        look(project, tmp_path / "out", Tell(cancelled=lambda: True), input=[str(DEMO)])


class Counted(OneFile):
    """Cells whose pixels tell their number; some of them are lost."""

    name = "counted"

    def cells(self, source, contents, channels, picks):
        for pick in picks:
            if pick % 10 == 9:
                yield Lost(pick, "It is cut off.")
            else:
                image = np.full((len(channels), 8, 8), pick, np.uint16)
                image[0, 0, 0] = 1
                yield Cell(pick, image)


CH1 = Channel(name="Ch1", number=1)


def made_up(sizes, classes):
    entries = []
    for index, size in enumerate(sizes):
        source = Source(f"{index}.cif", DEMO, (DEMO / f"{index}.cif",))
        entries.append(Entry(Counted(), source, uniform([CH1], size, 8, 8, np.dtype("uint16"))))
    roster = Roster.of(entries)
    roster.tags["class"] = roster.of_entries(classes)
    return roster


def test_a_sample_is_spread_over_classes_and_files():
    roster = made_up([5000, 40, 3000, 10], ["x", "x", "y", "z"])
    rows = sampling.spread(roster, np.arange(len(roster)), "class", 1)
    assert sorted(rows.tolist()) == list(range(len(roster)))
    first = roster.tags["class"][rows[:30]].tolist()
    assert {name: first.count(name) for name in "xyz"} == {"x": 10, "y": 10, "z": 10}
    files = roster.entry[rows[:30]]
    assert sum(files == 0) == sum(files == 1) == 5
    assert (rows == sampling.spread(roster, np.arange(len(roster)), "class", 1)).all()
    assert (rows != sampling.spread(roster, np.arange(len(roster)), "class", 2)).any()


def test_looking_reads_each_row_once():
    roster = made_up([100, 60], ["x", "y"])
    said = []
    looked = sampling.look(
        roster, np.arange(160)[::-1], [CH1], "stored", 60, lambda fraction, text: said.append(fraction)
    )
    assert looked.n == 160
    assert [item.row for item in looked.sample] == [row for row in range(160) if roster.pick[row] % 10 != 9]
    assert [item.high for item in looked.sample[:3]] == [1.0, 1.0, 2.0]
    assert len(looked.lost) == 16
    assert looked.lost[0].why.endswith("It is cut off.")
    assert said[-1] == 1.0


def test_looking_ends_when_the_time_is_over():
    roster = made_up([100_000], ["x"])
    looked = sampling.look(roster, np.arange(100_000), [CH1], "stored", 0.05, lambda fraction, text: None)
    assert 0 < looked.n < 100_000
