from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.engine.labeling import made_project
from tests.engine.labeling.pictures import nuclei, published_field, save
from wizard.engine.errors import UserError
from wizard.engine.labeling.field_set import open_set


def parsed(tmp_path, pictures, **more):
    with made_project.opened(tmp_path / "project", pictures, **more) as project:
        return made_project.run(project, "parse"), open_set(tmp_path / "project" / "data" / "pictures.fields")


def test_fields_are_stored_divided_and_scaled(tmp_path, pictures):
    result, made = parsed(tmp_path, pictures)
    assert (result.n_fields, result.planes, result.split_by) == (3, 3, "well")
    assert result.labels == {"DAPI_CONFOCAL": 3, "MAP2_CONFOCAL": 2}
    assert {one.view for one in made.train}.isdisjoint({one.view for one in made.holdout})
    view = made.view(0)
    light = view.light[:, :, 1]
    assert light.shape == (160, 192) and light.dtype == np.float32
    whole = np.concatenate([made.view(at).light[:].ravel() for at in range(3)])
    assert whole.mean() == pytest.approx(0.5, abs=0.02) and whole.std() == pytest.approx(0.125, abs=0.02)
    assert not made.view(1).known[..., 1].any() and made.view(0).known[:].all()


def test_pixels_are_those_of_the_files(tmp_path, pictures):
    stack, stains = published_field(tmp_path / "again", 0, 3, "A0", height=160, width=192, count=14)
    _, made = parsed(tmp_path, pictures, **{"label_parse.levels": "none"})
    view = made.view(0)
    np.testing.assert_allclose(view.light[10:20, 5:9], np.moveaxis(stack, 0, -1)[10:20, 5:9], atol=2e-5)
    np.testing.assert_allclose(view.stains[..., 0], np.clip(stains["DAPI_CONFOCAL"], 0, 1), atol=2e-5)


def test_stains_are_chosen_in_the_order_asked_for(tmp_path, pictures):
    _, made = parsed(tmp_path, pictures)
    view = made.view(0, ["MAP2_CONFOCAL", "OTHER", "DAPI_CONFOCAL"])
    np.testing.assert_array_equal(view.stains[..., 2], made.view(0).stains[..., 0])
    assert not view.known[..., 1].any() and view.known[..., 0].all()


def test_half_size_halves_everything(tmp_path, pictures):
    result, made = parsed(tmp_path, pictures, **{"label_parse.prepare": "half,even"})
    assert result.sizes == [(80, 96)] * 3 and made.view(0).known.shape == (80, 96, 2)
    assert any("Even light was left out for MAP2" in cue.text for cue in result.cues)
    assert result.previewed == [
        "light: as taken, Half size, Even light",
        "DAPI_CONFOCAL: as taken, Half size",
        "MAP2_CONFOCAL: as taken, Half size",
    ]
    with Image.open(tmp_path / "project" / "results" / "label_parse" / "preparation.png") as picture:
        assert picture.size == (3 * (192 + 4), 3 * (160 + 4))


def test_one_field_gives_a_strip_and_a_warning(tmp_path):
    result, made = parsed(tmp_path, made_project.write_fields(tmp_path / "one", 1))
    assert result.split_by == "strip of one picture" and len(made.train) == len(made.holdout) == 1
    assert made.train[0].right + 32 == made.holdout[0].left
    assert any(cue.subject == "One field" for cue in result.cues)


def test_what_cannot_be_learnt_is_refused(tmp_path):
    with pytest.raises(UserError, match="No pictures were chosen"):
        parsed(tmp_path / "a", tmp_path, **{"label_parse.input": []})
    folder = tmp_path / "light"
    published_field(folder, 0, 3, stains=())
    with pytest.raises(UserError, match="There is no stain to learn"):
        parsed(tmp_path / "b", folder)
    folder = tmp_path / "flat"
    published_field(folder, 0, 3, stains=("DAPI_CONFOCAL",))
    (stain,) = folder.glob("*DAPI*")
    save(stain, np.full((128, 160), 0.4))
    with pytest.raises(UserError, match="no stain to learn") as caught:
        parsed(tmp_path / "c", folder)
    assert "constant" in caught.value.why


def test_pictures_brought_to_the_published_levels_before_are_left_as_they_are(tmp_path):
    rng = np.random.default_rng(0)
    head = "lab-X,year-2015,well-A1"
    for z in range(3):
        save(tmp_path / "p" / f"{head},z_depth-{z},channel-DIC,is_mask-false.png", rng.normal(0.5, 0.12, (96, 128)))
    save(tmp_path / "p" / f"{head},depth_computation-MAXPROJECT,channel-DAPI,is_mask-false.png",
         rng.normal(0.25, 0.1, (96, 128)))  # fmt: skip
    result, _ = parsed(tmp_path, tmp_path / "p")
    assert set(result.levels.values()) == {"left as they are"}


def test_what_is_amiss_is_said_with_the_name_of_the_file(tmp_path):
    folder = tmp_path / "p"
    for at, well in enumerate(("A1", "B1", "C1", "D1")):
        published_field(folder, at, 3, well, height=128, width=160)
    (one,) = folder.glob("*well-B1*z_depth-1*")
    one.unlink()
    (stain,) = folder.glob("*well-A1*MAP2*")
    save(stain, np.full((100, 160), 0.4) + np.eye(100, 160) * 0.1)
    (stain,) = folder.glob("*well-C1*DAPI*")
    save(stain, np.minimum(nuclei(2, 128, 160)[0], 0.3))
    (stain,) = folder.glob("*well-D1*DAPI*")
    save(stain, np.roll(nuclei(3, 128, 160)[0], 14, axis=0))
    result, _ = parsed(tmp_path, folder)
    said = {cue.subject: cue.text for cue in result.cues if cue.level != "note"}
    for subject, file in (("Missing planes", "well-B1"), ("Unequal sizes", "well-A1"), ("Saturated stain", "well-C1"),
                          ("Shifted pictures", "well-D1")):  # fmt: skip
        assert file in said[subject], subject
    assert all(any(text in one.text and one.file for one in result.notices) for text in said.values())


def test_channels_can_be_named(tmp_path, pictures):
    more = {"label_parse.light": "MAP2_CONFOCAL", "label_parse.stains": "DAPI_CONFOCAL"}
    result, made = parsed(tmp_path, pictures, **more)
    assert (result.n_fields, result.planes, made.labels, made.named) == (2, 1, ("DAPI_CONFOCAL",), ("MAP2_CONFOCAL",))


def test_a_look_finds_fields_and_previews_the_preparation_without_storing(tmp_path, pictures):
    with made_project.opened(tmp_path / "p", pictures, **{"label_parse.prepare": "median,half"}) as project:
        found = made_project.run(project, "look")
        assert (found.n_fields, found.planes) == (3, 3) and found.names[0]
        assert found.labels == {"DAPI_CONFOCAL": 3, "MAP2_CONFOCAL": 2}
        assert found.previewed[1] == "DAPI_CONFOCAL: as taken, Median filter, Half size"
        with Image.open(project.result_dir("label_look") / found.picture) as picture:
            # The original and two operations for DAPI beside each other, three channels below each other.
            assert picture.width == 3 * (192 + 4) and picture.height == 3 * (160 + 4)
        assert not (project.root / "data" / "pictures.fields").exists()
        assert project.result("label_parse") is None


def test_a_look_says_what_parse_would_refuse(tmp_path):
    with made_project.opened(tmp_path / "p", tmp_path / "nothing") as project, pytest.raises(UserError):
        made_project.run(project, "look")
