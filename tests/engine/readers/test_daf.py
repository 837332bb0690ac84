"""Analysis files are read to the last number, and refused when they are damaged."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest

from tests.engine.readers.daf_writer import ALL, gate, logic, region, tagged, write_daf
from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.daf import head, read

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "ifc"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test data are not here")
FEATURES = {"Area": np.array([1.5, 2, np.nan, 4]), "Intensity & <more>": np.array([-1e300, 0, 1e-9, np.inf])}


@pytest.mark.parametrize("binary", [True, False])
def test_everything_is_read(tmp_path, binary):
    images = [
        {"name": "DNA", "color": "Blue", "physicalChannel": 3, "function": "", "baseimage": ""},
        {"name": "Sum", "color": "Red", "physicalChannel": 1, "function": "Add", "baseimage": "DNA"},
    ]
    found = read(
        write_daf(
            tmp_path / "a.daf", FEATURES, [ALL, tagged("T", [0, 3])], [region("R", "line", [(1, 2), (3, 4)], "1000")],
            binary=binary, images=images, file="C:\\data\\x.cif", ids=[0, 1, 2, 3], offsets=[10, 20, 5_000_000_000, 40],
            statistics=[{"population": "T", "feature": "Area", "count": 2, "mean": 2.75, "nans": 0}],
        )
    )  # fmt: skip
    assert (found.images_file, found.of_images, found.version, found.count) == ("x.cif", True, "6.2.0.0", 4)
    assert list(found.values) == list(FEATURES)
    for name, values in FEATURES.items():
        np.testing.assert_array_equal(found.values[name], values)
    assert [(image.name, image.number, image.colour) for image in found.images] == [
        ("DNA", 4, "Blue"),
        ("Sum", 0, "Red"),
    ]
    assert found.masks == {"MC": "M01|Or|M02"}
    assert found.features["Area"] == ("single", "Area|M01")
    assert (found.regions[0].kind, found.regions[0].x_log, found.regions[0].xs.tolist()) == ("line", "1000", [1, 3])
    assert found.populations[1].objects.tolist() == [0, 3]
    assert (found.statistics[0].population, found.statistics[0].count, found.statistics[0].mean) == ("T", 2, 2.75)
    objects = found.objects
    assert objects.ids.tolist() == [0, 1, 2, 3]
    assert objects.image_offsets.dtype == np.uint64
    assert objects.image_offsets.tolist() == [10, 20, 5_000_000_000, 40]
    assert objects.mask_offsets.tolist() == [510, 520, 5_000_000_500, 540]
    assert (objects.widths[0], objects.heights[0], objects.flow_speed[0]) == (40, 20, 60.5)
    assert (objects.camera_line[3], objects.camera_timer[3]) == (300, 3000)
    assert objects.centres[1].tolist() == [1.25, 1.5]
    assert objects.background_mean[1].tolist() == [3, 4]
    assert objects.background_sd[1].tolist() == [2, 3]
    assert objects.saturated_count[0].tolist() == [2, 3]
    assert objects.saturated_percent[0].tolist() == [3, 4]
    assert head(tmp_path / "a.daf") == ("x.cif", True)


def test_words_among_the_values_are_nan(tmp_path):
    path = write_daf(tmp_path / "a.daf", {"A": np.array([1.0, np.nan, 3])}, binary=False)
    path.write_bytes(path.read_bytes().replace(b"1.0|NaN|3.0", b"1.0|n. def.|3.0"))
    np.testing.assert_array_equal(read(path).values["A"], [1, np.nan, 3])


def test_an_analysis_without_images(tmp_path):
    found = read(write_daf(tmp_path / "a.daf", FEATURES, binary=False, subject="FCS", file="b.fcs"))
    assert not found.of_images
    assert found.objects is None
    assert found.gating().members["All"].all()


def test_no_objects_at_all(tmp_path):
    for binary in (True, False):
        found = read(write_daf(tmp_path / "a.daf", {"A": np.zeros(0)}, binary=binary))
        assert found.count == 0


def test_combined_features_are_worked_out_only_without_values(tmp_path):
    values = {"A": np.array([1.0, 4]), "x|y": np.array([2.0, 0]), "Twice": np.array([7.0, 7])}
    combined = {
        "Twice": "A|*|2", "Ratio": "A|/|x|y", "Root": "SQRT|(|A|+|(|x|y|-|2|)|)", "Mixed": "1|+|A|*|-|SQR|x|y",
        "Later": "ABS|(|Mixed|)|-|COS|0", "Lost": "A|+|Unknown", "Round": "Round|+|1", "Bare": "SIN|A",
    }  # fmt: skip
    found = read(write_daf(tmp_path / "a.daf", values, combined=combined))
    assert found.values["Twice"].tolist() == [7, 7]
    assert found.values["Ratio"].tolist() == [0.5, np.inf]
    np.testing.assert_allclose(found.values["Root"], [1, np.sqrt(2)])
    assert found.values["Mixed"].tolist() == [-3, 1]
    assert found.values["Later"].tolist() == [2, 0]
    np.testing.assert_allclose(found.values["Bare"], np.sin([1, 4]))
    assert set(found.failed) == {"Lost", "Round"}
    assert "Unknown" in found.failed["Lost"]


@real
@pytest.mark.parametrize("name", ["example.daf", "example_6.0.daf"])
def test_a_real_analysis(name):
    with np.load(DATA / "example_daf_golden.npz", allow_pickle=False) as golden:
        wanted = dict(golden)
    found = read(DATA / name)
    assert list(found.values) == wanted["names"].tolist()
    np.testing.assert_allclose(np.stack(list(found.values.values())), wanted["values"], rtol=1e-4)
    exact = {"ids": "object_id", "image_offsets": "img_ifd", "mask_offsets": "msk_ifd", "widths": "width",
             "heights": "height", "camera_line": "camera_line", "camera_timer": "camera_timer"}  # fmt: skip
    for ours, theirs in exact.items():
        np.testing.assert_array_equal(getattr(found.objects, ours), wanted[theirs])
    near = {"flow_speed": "flow_speed", "background_sd": "bgstd", "background_mean": "bgmean",
            "saturated_count": "satcount", "saturated_percent": "satpercent"}  # fmt: skip
    for ours, theirs in near.items():
        np.testing.assert_allclose(getattr(found.objects, ours), wanted[theirs], rtol=1e-9)
    np.testing.assert_allclose(found.objects.centres, np.stack([wanted["center_y"], wanted["center_x"]], 1), rtol=1e-9)
    gating = found.gating()
    assert not gating.failed
    assert list(gating.members) == wanted["pop_names"].tolist()
    np.testing.assert_array_equal(np.stack(list(gating.members.values())), wanted["pop_members"])


@real
@pytest.mark.parametrize("name", ["example.daf", "example_6.0.daf"])
def test_statistics_that_the_instrument_software_stored_itself(name):
    found = read(DATA / name)
    members = found.gating().members
    assert len(found.statistics) == 48
    for one in found.statistics:
        values = found.values[one.feature][members[one.population]]
        assert one.count == len(values)
        if len(values):
            np.testing.assert_allclose(values.mean(), one.mean, rtol=1e-6)


def small(path, binary):
    populations = [ALL, gate("G", "R", "Area"), logic("C", "G|And|Not|T"), tagged("T", [0, 3])]
    return write_daf(path, FEATURES, populations, [region("R", "line", [(1, 2), (3, 4)])], binary=binary)


@pytest.mark.parametrize("binary", [True, False])
def test_an_analysis_cut_anywhere_is_refused(tmp_path, binary):
    whole = small(tmp_path / "a.daf", binary).read_bytes()
    read(tmp_path / "a.daf")
    cut = tmp_path / "cut.daf"
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(Unreadable):
            read(cut)


def test_more_than_the_end_is_refused(tmp_path):
    for binary in (True, False):
        path = small(tmp_path / "a.daf", binary)
        path.write_bytes(path.read_bytes() + b"more")
        with pytest.raises(Unreadable):
            read(path)


BOMB = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE Assay [<!ENTITY a0 "x">{BOMB}]><Assay><SOD file="&a9;" objcount="0"/></Assay>',
        '<!DOCTYPE Assay [<!ENTITY a SYSTEM "file:///etc/passwd">]><Assay><SOD file="&a;" objcount="0"/></Assay>',
        '<!DOCTYPE Assay SYSTEM "http://127.0.0.1/x.dtd"><Assay><SOD file="a" objcount="0"/></Assay>',
        "<Assay>" * 100_000 + "</Assay>",
        '<?xml version="1.0" encoding="nonsense"?><Assay></Assay>',
        '<Assay><SOD file="a.cif" objcount="999999999999"></SOD></Assay>',
        '<Assay binaryfeatures="True"><SOD file="a.cif" objcount="4294967295"></SOD></Assay>\n\0\x1e\1\0\0\0\xff\xff\xff\xff',
        '<Assay><SOD file="a.cif" objcount="1"/><SOD file="b.cif" objcount="1"/></Assay>',
        '<Assay><SOD objcount="0"><Region><axy x="1"/><Region></Region><axy x="1"/></Region></SOD></Assay>',
        '<Assay><SOD objcount="-1"/></Assay>',
        "<html></html>",
        "<Assay></Assay>",
        "",
        "\0" * 1000,
    ],
)  # fmt: skip
def test_hostile_texts_are_refused(tmp_path, text):
    path = tmp_path / "a.daf"
    path.write_bytes(text.encode())
    start = time.perf_counter()
    with pytest.raises(Unreadable):
        read(path)
    assert time.perf_counter() - start < 2


def test_objects_that_do_not_fit_are_refused(tmp_path):
    path = small(tmp_path / "a.daf", False)
    good = path.read_bytes()
    for old, new in [
        (b'objcount="4"', b'objcount="5"'), (b'id="1"', b'id="2"'), (b'imgIFD="2008"', b'imgIFD=""'),
        (b'w="40.0"', b'w="4|0.0"'), (b'bgmean="1.0|2.0"', b'bgmean="1.0|2.0|3.0"'), (b'fid="1"', b'fid="0"'),
        (b'fid="1"', b'fid="7"'), (b'<ChannelPresets count="2"', b'<ChannelPresets count="3"'),
    ]:  # fmt: skip
        assert old in good
        path.write_bytes(good.replace(old, new, 1))
        with pytest.raises(Unreadable):
            read(path)


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(Unreadable):
        read(tmp_path / "none.daf")
    with pytest.raises(Unreadable):
        head(tmp_path)


def mutated(good, chance):
    data = bytearray(good)
    for _ in range(chance.choice([1, 1, 2, 8])):
        at = chance.randrange(len(data))
        what = chance.randrange(5)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif what == 2:
            del data[at : at + chance.randrange(1, 40)]
        elif what == 3:
            data[at:at] = data[chance.randrange(len(data)) :][: chance.randrange(1, 60)]
        else:
            data[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"9999", b"|(|)", b"&#1;"])
        data = data or bytearray(b"\0")
    return bytes(data)


@pytest.mark.parametrize("binary", [True, False])
def test_mutations_are_read_or_refused(tmp_path, binary):
    good = small(tmp_path / "a.daf", binary).read_bytes()
    chance = random.Random(20)
    path = tmp_path / "b.daf"
    outcomes = {True: 0, False: 0}
    for _ in range(300):
        path.write_bytes(mutated(good, chance))
        start = time.perf_counter()
        try:
            found = read(path)
            gating = found.gating()
            assert all(len(within) == found.count for within in gating.members.values())
            assert all(len(values) == found.count for values in found.values.values())
            outcomes[True] += 1
        except Unreadable as error:
            assert str(error).endswith(".")
            outcomes[False] += 1
        assert time.perf_counter() - start < 5
    assert min(outcomes.values()) > 10
