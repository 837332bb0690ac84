from __future__ import annotations

import json
import shutil
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from wizard.engine.errors import UserError
from wizard.engine.model import load, read_manifest


@pytest.fixture
def model_file(analysed, tmp_path):
    path = tmp_path / "m.cytomodel"
    shutil.copy(analysed.root / analysed.result("train").model, path)
    return path


def rewrite(path, change=lambda parts: None, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def with_weights(parts, change):
    import hashlib

    arrays = load_tensors(parts["weights.safetensors"])
    change(arrays)
    parts["weights.safetensors"] = save_tensors(arrays)
    manifest = json.loads(parts["manifest.json"])
    manifest["weights_sha256"] = hashlib.sha256(parts["weights.safetensors"]).hexdigest()
    parts["manifest.json"] = json.dumps(manifest)


def test_a_model_knows_all_it_needs(model_file):
    model = load(model_file)
    manifest = model.manifest
    assert model.classes == ["bright", "dim"]
    assert [channel["name"] for channel in manifest["channels"]] == ["Ch1", "Ch2"]
    assert manifest["frame"] == [24, 24]
    assert manifest["normalisation"]["kind"] == "mean_sd"
    assert manifest["temperature"] > 0
    assert read_manifest(model_file)["id"] == manifest["id"]
    assert sorted(zipfile.ZipFile(model_file).namelist()) == ["card.md", "manifest.json", "weights.safetensors"]


def test_saving_and_loading_gives_the_same_answers(model_file, tmp_path):
    model = load(model_file)
    cells = np.random.default_rng(0).normal(size=(5, 24, 24, 2)).astype(np.float32)
    answer = np.asarray(model.network(cells, training=False))
    again = load(model.save(tmp_path / "again.cytomodel", "card"))
    np.testing.assert_allclose(again.network(cells, training=False), answer, atol=1e-6)
    assert again.familiarity.limit == pytest.approx(model.familiarity.limit)


def first(arrays):
    return next(name for name in arrays if name.startswith("network/"))


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.pop(first(a)),
        lambda a: a.update({"network/extra": np.zeros(3, np.float32)}),
        lambda a: a.update({first(a): a[first(a)][..., :-1].copy()}),
        lambda a: a.update({first(a): a[first(a)].astype(np.float64)}),
        lambda a: a.update({first(a): np.full_like(a[first(a)], np.nan)}),
        lambda a: a.pop("familiarity/means"),
        lambda a: a.update({"familiarity/means": np.zeros((2, 3), np.float32)}),
    ],
)
def test_weights_are_checked_by_name_shape_and_type(model_file, change):
    rewrite(model_file, lambda parts: with_weights(parts, change))
    with pytest.raises(UserError, match="m.cytomodel cannot be used"):
        load(model_file)


def manifest_with(**values):
    def change(parts):
        manifest = json.loads(parts["manifest.json"]) | values
        parts["manifest.json"] = json.dumps(manifest)

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.update({"weights.safetensors": parts["weights.safetensors"][:-4] + b"abcd"}),
        lambda parts: parts.update({"code.py": b"print(1)"}),
        lambda parts: parts.pop("card.md"),
        lambda parts: parts.update({"manifest.json": b"[]"}),
        lambda parts: parts.update({"manifest.json": b"{"}),
        manifest_with(network="no_such_network"),
        manifest_with(frame=[100000, 100000]),
        manifest_with(classes=["one"]),
        manifest_with(channels=[]),
        manifest_with(schema=99),
        manifest_with(temperature=0),
    ],
)
def test_foreign_and_changed_files_are_refused(model_file, change):
    rewrite(model_file, change)
    with pytest.raises(UserError):
        load(model_file)


def test_compressed_truncated_and_missing_files_are_refused(model_file, tmp_path):
    rewrite(model_file, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError):
        load(model_file)
    model_file.write_bytes(model_file.read_bytes()[:1000])
    with pytest.raises(UserError):
        load(model_file)
    with pytest.raises(UserError, match="does not exist"):
        load(tmp_path / "none.cytomodel")


def test_layers_by_name(model_file):
    model = load(model_file)
    assert model.layer("stage 4").output.shape[1:] == (3, 3, 128)
    assert model.layer("pool").name == "pool"
    with pytest.raises(UserError, match="no layer 'stage 9'"):
        model.layer("stage 9")
