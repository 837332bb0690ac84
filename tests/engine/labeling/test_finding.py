from __future__ import annotations

import numpy as np
import pytest
import tifffile
import zarr

from tests.engine.labeling.pictures import light, nuclei, published_field, save
from wizard.engine.errors import UserError
from wizard.engine.labeling import names
from wizard.engine.labeling.fields import chosen_planes, from_centre, pixels, share, stack
from wizard.engine.labeling.finding import Wish, find_fields

STAIN, _ = nuclei()
STACK = light(STAIN)


def flat(value=0.5, height=40, width=48):
    return np.random.default_rng(int(value * 100)).uniform(0, 1, (height, width))


def test_both_published_styles():
    first = names.published(
        "lab-FINKBEINER,acquisition_date,year-2015,well-A4,z_depth-12,channel-PHASE_CONTRAST,is_mask-false"
    )
    assert (first.channel, first.z, first.mask, first.predicted) == ("PHASE_CONTRAST", 12, False, False)
    assert first.tags == {"lab": "FINKBEINER", "year": "2015", "well": "A4"}
    other = names.published(
        "lab,value-FINKBEINER,well,value-A4,channel,value-DAPI_CONFOCAL,depth_computation,value-MAXPROJECT,kind,value-ORIGINAL"
    )
    assert (other.channel, other.z, other.predicted) == ("DAPI_CONFOCAL", None, False)
    assert other.tags == {"lab": "FINKBEINER", "well": "A4"}
    assert names.published("well,value-A4,z_depth,value-7,channel,value-BRIGHTFIELD,kind,value-ORIGINAL").z == 7
    guess = names.published(
        "well-A4,channel,value-X,depth_computation,value-MAXPROJECT,kind,value-PREDICTED,statistic,value-MEDIAN"
    )
    assert guess.predicted and guess.view == "well-A4"
    assert names.published("well-A4,is_mask-true,channel-X,z_depth-0").mask
    assert names.published("a picture, of something") is None


@pytest.mark.parametrize(
    ("stem", "field", "channel", "z", "mask"),
    [
        ("A4_BF_z03", "A4", "BF", 3, False),
        ("A4_bright-field_Z12", "A4", "bright-field", 12, False),
        ("well B2 phase contrast slice 7", "well B2", "phase contrast", 7, False),
        ("A4_s1_DAPI", "A4_s1", "DAPI", None, False),
        ("A4_DAPI_mask", "A4", "DAPI", None, True),
        ("alpha_phase2", "alpha_phase2", "", None, False),
        ("A4_Synapsin_z0", "A4", "Synapsin", 0, False),
    ],
)
def test_words_in_names(stem, field, channel, z, mask):
    found = names.plain(stem, ("Synapsin",))
    assert (found.view, found.channel, found.z, found.mask) == (field, channel, z, mask)


def test_a_published_folder(tmp_path):
    stack_, stains = published_field(tmp_path, planes=13)
    found = find_fields([str(tmp_path)])
    (one,) = found.fields
    assert found.labels == ("DAPI_CONFOCAL", "MAP2_CONFOCAL") and found.planes == 13
    assert one.shape == (128, 160) and one.tags["well"] == "A1"
    np.testing.assert_allclose(share(stack(one.inputs)), stack_, atol=1e-4)
    np.testing.assert_allclose(share(pixels(one.targets["DAPI_CONFOCAL"][0])), stains["DAPI_CONFOCAL"], atol=1e-4)
    assert [cue.subject for cue in found.cues] == ["One field"]


def test_missing_labels_and_masks(tmp_path):
    published_field(tmp_path, well="A1")
    published_field(tmp_path, well="A2", stains=("DAPI_CONFOCAL",))
    head = "lab-TEST,condition-A,acquisition_date,year-2015,well-A2,tile_computation-STITCHED"
    save(tmp_path / f"{head},depth_computation-MAXPROJECT,channel-DAPI_CONFOCAL,is_mask-true.png", np.ones((128, 160)))
    save(
        tmp_path / f"{head},depth_computation-MAXPROJECT,channel-MAP2_CONFOCAL,kind-PREDICTED.png", np.ones((128, 160))
    )
    found = find_fields([str(tmp_path)])
    assert [sorted(made.targets) for made in found.fields] == [["DAPI_CONFOCAL", "MAP2_CONFOCAL"], ["DAPI_CONFOCAL"]]
    assert list(found.fields[1].masks) == ["DAPI_CONFOCAL"]
    assert [cue.subject for cue in found.cues] == ["Missing stains", "Predicted pictures"]


def test_plain_folders(tmp_path):
    for name in ("one", "two"):
        for z in range(3):
            save(tmp_path / name / f"BF_z{z}.png", flat(z / 4))
        save(tmp_path / name / "Actin fibres.png", flat())
        save(tmp_path / name / "DAPI.png", flat(0.7))
    found = find_fields([str(tmp_path)])
    assert [made.name for made in found.fields] == ["one", "two"]
    assert found.labels == ("Actin fibres", "DAPI") and found.planes == 3


def test_one_folder_for_all(tmp_path):
    for name in ("A1", "A10"):
        save(tmp_path / f"{name}_phase_z1.png", flat(0.1))
        save(tmp_path / f"{name}_phase_z2.png", flat(0.2))
        save(tmp_path / f"{name}_Synapsin.png", flat(0.3))
    found = find_fields([str(tmp_path)])
    assert [made.name for made in found.fields] == ["A1", "A10"]
    assert found.labels == ("Synapsin",) and found.planes == 2


def test_a_folder_for_each_channel(tmp_path):
    for name in ("s1", "s2"):
        for folder in ("DIC", "DAPI", "Golgi"):
            save(tmp_path / folder / f"{name}.png", flat())
    found = find_fields([str(tmp_path)])
    assert [made.name for made in found.fields] == ["s1", "s2"]
    assert found.labels == ("DAPI", "Golgi") and found.planes == 1


def test_channels_that_the_user_names(tmp_path):
    save(tmp_path / "A_w1.png", flat(0.1))
    save(tmp_path / "A_w2.png", flat(0.2))
    save(tmp_path / "A_w3.png", flat(0.3))
    with pytest.raises(UserError, match="No transmitted-light picture"):
        find_fields([str(tmp_path)])
    found = find_fields([str(tmp_path)], Wish(("w1",), ("w3",)))
    assert found.labels == ("w3",)
    assert found.fields[0].inputs[0].file == "A_w1.png"


def test_tiff_stacks(tmp_path):
    """A stack of planes in one file, the stain as a file beside it, or as a stack of its own."""
    tifffile.imwrite(tmp_path / "f1_BF.tif", (STACK * 65535).astype(np.uint16), photometric="minisblack")
    tifffile.imwrite(
        tmp_path / "f1_DAPI.tif", (np.array([STAIN, STAIN]) * 255).astype(np.uint8), photometric="minisblack"
    )
    found = find_fields([str(tmp_path)])
    (one,) = found.fields
    assert one.name == "f1" and found.planes == 5 and len(one.targets["DAPI"]) == 2
    np.testing.assert_allclose(share(stack(one.inputs)), STACK, atol=1e-4)


@pytest.mark.parametrize("ome", [True, False])
def test_all_channels_in_one_tiff(tmp_path, ome):
    both = np.stack([STACK, np.broadcast_to(STAIN, STACK.shape)])
    data = (both * 65535).astype(np.uint16)
    if ome:
        tifffile.imwrite(tmp_path / "f1.ome.tif", data, photometric="minisblack",
                         metadata={"axes": "CZYX", "Channel": {"Name": ["Brightfield", "DAPI"]}})  # fmt: skip
        wish = None
    else:
        tifffile.imwrite(tmp_path / "f1.tif", data.transpose(1, 0, 2, 3), imagej=True, metadata={"axes": "ZCYX"})
        wish = Wish(("Ch1",))
    found = find_fields([str(tmp_path)], wish)
    (one,) = found.fields
    assert one.name == "f1" and found.planes == 5
    assert found.labels == (("DAPI",) if ome else ("Ch2",))
    np.testing.assert_allclose(share(stack(one.inputs)), STACK, atol=1e-4)


def test_ome_zarr(tmp_path):
    place = tmp_path / "f1.zarr"
    group = zarr.open_group(place, mode="w", zarr_format=2)
    data = (np.stack([STACK, np.broadcast_to(STAIN, STACK.shape)]) * 65535).astype(np.uint16)
    array = group.create_array("0", shape=data.shape, dtype=data.dtype, chunks=(1, 1, 64, 64))
    array[:] = data
    axes = [{"name": "c", "type": "channel"}, *({"name": a, "type": "space", "unit": "micrometer"} for a in "zyx")]
    scale = [{"type": "scale", "scale": [1, 1, 0.3, 0.3]}]
    group.attrs["multiscales"] = [
        {"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    ]
    group.attrs["omero"] = {"channels": [{"label": "Phase contrast"}, {"label": "DAPI"}]}
    for chosen in (tmp_path, place):
        found = find_fields([str(chosen)])
        (one,) = found.fields
        assert found.planes == 5 and found.labels == ("DAPI",)
        assert one.pixel_size == pytest.approx(0.3)
        np.testing.assert_allclose(share(stack(one.inputs)), STACK, atol=1e-4)


def test_a_plane_is_missing(tmp_path):
    published_field(tmp_path)
    next(tmp_path.glob("*z_depth-2,*")).unlink()
    with pytest.raises(UserError, match="No field of view") as caught:
        find_fields([str(tmp_path)])
    assert "lacks 2" in caught.value.why and "z_depth-0" in caught.value.why


def test_planes_chosen_evenly_are_a_stack(tmp_path):
    published_field(tmp_path, planes=9)
    for z in (0, 1, 2, 3, 5, 7):
        next(tmp_path.glob(f"*z_depth-{z},*")).unlink()
    found = find_fields([str(tmp_path)])
    assert found.planes == 3
    (cue,) = [cue for cue in found.cues if cue.subject == "Missing planes"]
    assert cue.level == "warning" and "4, 6, 8" in cue.text
    for z in (4, 8):
        next(tmp_path.glob(f"*z_depth-{z},*")).unlink()
    assert find_fields([str(tmp_path)]).planes == 1


def test_sizes_differ(tmp_path):
    published_field(tmp_path)
    (target,) = tmp_path.glob("*MAP2*")
    save(target, flat())
    found = find_fields([str(tmp_path)])
    assert found.labels == ("DAPI_CONFOCAL",)
    (cue,) = [cue for cue in found.cues if cue.level == "problem"]
    assert cue.subject == "Unequal sizes" and target.name in cue.text and "48×40" in cue.text
    save(next(tmp_path.glob("*z_depth-3,*")), flat())
    with pytest.raises(UserError, match="No field of view") as caught:
        find_fields([str(tmp_path)])
    assert "z_depth-3" in caught.value.why or "48×40" in caught.value.why


def test_files_that_are_none(tmp_path):
    with pytest.raises(UserError, match="No images were chosen"):
        find_fields([])
    with pytest.raises(UserError, match="does not exist"):
        find_fields([str(tmp_path / "nowhere")])
    with pytest.raises(UserError, match="No readable picture"):
        find_fields([str(tmp_path)])
    (tmp_path / "A_BF.tif").write_bytes(b"II*\0 and no more")
    with pytest.raises(UserError, match="No readable picture") as caught:
        find_fields([str(tmp_path)])
    assert "A_BF.tif" in caught.value.why
    save(tmp_path / "A_DIC.png", flat())
    found = find_fields([str(tmp_path)])
    assert len(found.fields) == 1 and found.skipped[0].file.endswith("A_BF.tif")


def test_colour_pictures_are_refused(tmp_path):
    from PIL import Image

    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "A_DAPI.png")
    save(tmp_path / "A_BF.png", flat())
    assert "colour" in find_fields([str(tmp_path)]).skipped[0].why


def test_a_damaged_file_is_named_when_it_is_read(tmp_path):
    published_field(tmp_path)
    found = find_fields([str(tmp_path)])
    plane = found.fields[0].inputs[0]
    plane.source.files[0].write_bytes(plane.source.files[0].read_bytes()[:-200])
    with pytest.raises(UserError, match="z_depth-0.* cannot be read"):
        pixels(plane)


def test_planes_are_chosen_by_depth():
    assert chosen_planes(13, 13) == list(range(13))
    assert chosen_planes(13, 3) == [0, 6, 12]
    assert chosen_planes(13, 26)[:4] == [0, 0, 1, 1] and len(set(chosen_planes(13, 26))) == 13
    assert chosen_planes(13, 1) == [6]
    assert [from_centre(13, n) for n in (1, 3, 5, 13)] == [[6], [4, 6, 8], [2, 4, 6, 8, 10], list(range(13))]
