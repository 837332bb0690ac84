from __future__ import annotations

import csv

import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from PIL import Image
from scipy.io import loadmat

from tests.engine.extracting import made
from wizard import fileio
from wizard.engine.events import Tell
from wizard.engine.extracting import formats, matlab_files, naming, projector
from wizard.engine.extracting.anndata_file import hdf_names
from wizard.engine.extracting.table import groups, stretches


@pytest.fixture
def written(tmp_path):
    """Writes formats of the odd table; returns source, its numbers, titles and what was said."""

    def write(*wanted, **options):
        source, values = made.source(tmp_path, **options)
        tell = Tell()
        return source, values, formats.write(wanted, source, tmp_path, tell, 0.5), [item.text for item in tell.notices]

    return write


def read_text(path, delimiter):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_spreadsheets_have_every_cell_and_no_formula(written, tmp_path, name, delimiter):
    source, values, files, _ = written(name)
    assert files == {f"Features ({name.upper()})": f"features.{name}"}
    head, *rows = read_text(tmp_path / f"features.{name}", delimiter)
    assert len(rows) == made.CELLS and {len(row) for row in rows} == {len(head)}
    assert head == [fileio.safe_cell(text) for text in (*source.columns.texts,
                                                        *(item.name for item in source.columns.features))]  # fmt: skip
    texts = len(source.columns.texts)
    numbers = np.array([[float(text or "nan") for text in row[texts:]] for row in rows])
    np.testing.assert_allclose(numbers, values, rtol=1e-6)
    assert rows[3][texts + 5] == "" and rows[0][1] == "'=1+1" and rows[7][1] == made.ODD[7]
    for row in [head, *rows]:
        assert not any(text[:1] in "=@" for text in row[:texts] if text)
        assert not any(text[:1] == "+" for text in row)


@pytest.mark.parametrize("backed", [None, "r"])
def test_anndata_opens_it(written, tmp_path, backed):
    anndata = pytest.importorskip("anndata")
    source, values, files, _ = written("h5ad")
    assert files == {"Features (AnnData)": "features.h5ad"}
    found = anndata.read_h5ad(tmp_path / "features.h5ad", backed=backed)
    assert found.shape == (made.CELLS, 5)
    np.testing.assert_allclose(found.X[:], values[:, :5], rtol=1e-6)
    assert found.var_names.tolist() == source.columns.of("network")
    assert found.obs_names.tolist() == source.data.cells["cell_id"].tolist()
    assert found.obs["class"].dtype == "category"
    for tag in ("class", "=cmd", "<b>", "y" * 300, "\U0001f9ec", "\u05ea\u05d0", "f0001_2"):
        expected = source.data.cells["f0001" if tag == "f0001_2" else tag].tolist()
        assert found.obs[tag].astype(str).tolist() == expected, tag
    assert {"a_b", "a_b_2", "._", "_index_"} <= set(found.obs.columns)
    np.testing.assert_allclose(found.obs["area"], values[:, 5], rtol=1e-6)
    np.testing.assert_allclose(found.obs["area_2"], values[:, 7])
    assert found.obs["object"].tolist() == list(range(made.CELLS))
    assert found.uns["layer"] == source.about["layer"] and found.uns["a_b"] == "c"
    if backed:
        found.file.close()
    else:
        found.write_h5ad(tmp_path / "again.h5ad")


def test_keys_of_hdf5_are_usable_and_different():
    names = ["a/b", "a_b", "", " ", ".", "..", "_index", "x", "x"]
    found = hdf_names(names)
    assert len(set(found)) == len(names) and not any("/" in name or name in ("", ".", "..") for name in found)


def plain(values):
    return [str(item.ravel()[0]) if item.size else "" for item in values.ravel()]


def test_matlab_opens_it(written, tmp_path):
    source, values, files, _ = written("mat")
    assert files == {"Features (MATLAB)": "features.mat"}
    found = loadmat(tmp_path / "features.mat")
    assert all(name.isidentifier() and name[0] != "_" for name in found if not name.startswith("__"))
    assert found["features"].dtype == np.float32
    np.testing.assert_allclose(found["features"], values[:, :5], rtol=1e-6)
    np.testing.assert_allclose(found["classical"], values[:, 5:7], rtol=1e-6)
    np.testing.assert_allclose(found["measured"], values[:, 7:])
    assert plain(found["classical_names"]) == ["area", "=Ch2 mean"]
    assert plain(found["cell_id"]) == source.data.cells["cell_id"].tolist()
    assert found["object"].ravel().tolist() == list(range(made.CELLS))
    assert found["tags"].shape == (made.CELLS, len(made.TAGS))

    names = plain(found["tag_names"])
    assert names[0] == "=cmd" and names[3] == "[U+1F9EC]" and names[4] == "\u05ea\u05d0" and names[2] == "y" * 300
    tag = plain(found["tags"][:, names.index("class")])
    expected = [text.replace("\U0001f9ec", "[U+1F9EC]") for text in source.data.cells["class"].tolist()]
    assert tag == expected


def test_matlab_files_of_a_large_table_are_parts(written, tmp_path, monkeypatch):
    monkeypatch.setattr(matlab_files, "_BYTES", 23 * (8 * 10 + 200 * 16))
    _, values, files, said = written("mat")
    assert list(files.values()) == ["features_001.mat", "features_002.mat", "features_003.mat"]
    assert "3 files" in said[0]
    parts = [loadmat(tmp_path / name)["features"] for name in files.values()]
    assert [len(part) for part in parts] == [23, 23, 14]
    np.testing.assert_allclose(np.concatenate(parts), values[:, :5], rtol=1e-6)


@pytest.fixture(scope="module")
def projector_config():
    """TensorBoard's ProjectorConfig message, from its description in projector_config.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="projector_config.proto", package="tensorboard", syntax="proto3")
    fields = {
        "SpriteMetadata": [("image_path", 1, 9, ""), ("single_image_dim", 2, 13, "")],
        "EmbeddingInfo": [("tensor_name", 1, 9, ""), ("metadata_path", 2, 9, ""), ("bookmarks_path", 3, 9, ""),
                          ("tensor_shape", 4, 13, ""), ("sprite", 5, 11, "SpriteMetadata"), ("tensor_path", 6, 9, "")],
        "ProjectorConfig": [("model_checkpoint_path", 1, 9, ""), ("embeddings", 2, 11, "EmbeddingInfo"),
                            ("model_checkpoint_dir", 3, 9, "")],
    }  # fmt: skip
    for name, members in fields.items():
        message = file.message_type.add(name=name)
        for title, number, kind, of in members:
            several = title in ("single_image_dim", "tensor_shape", "embeddings")
            made_field = message.field.add(name=title, number=number, type=kind, label=3 if several else 1)
            if of:
                made_field.type_name = f".tensorboard.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tensorboard.ProjectorConfig"))


def test_the_projector_finds_its_files(written, tmp_path, projector_config):
    source, values, files, said = written("projector")
    folder = tmp_path / "projector"
    assert set(files.values()) == {f"projector/{path.name}" for path in folder.iterdir()} and said == []
    text = (folder / "projector_config.pbtxt").read_text(encoding="utf-8")
    (found,) = text_format.Parse(text, projector_config()).embeddings
    assert found.tensor_name == f"Features of {source.about['layer']}"
    assert (found.tensor_path, found.metadata_path) == ("tensors.tsv", "metadata.tsv")
    assert found.sprite.image_path == "sprite.png" and list(found.sprite.single_image_dim) == [24, 20]
    with Image.open(folder / "sprite.png") as sprite:
        assert sprite.size == (8 * 24, 8 * 20)
    np.testing.assert_allclose(np.loadtxt(folder / "tensors.tsv"), values[:, :5], rtol=1e-5)
    lines = (folder / "metadata.tsv").read_text(encoding="utf-8").split("\n")
    assert len(lines) == made.CELLS + 2 and lines[-1] == ""
    width = {len(line.split("\t")) for line in lines[:-1]}
    assert width == {len(source.columns.texts)}
    assert not any(word[:1] in "=@" for line in lines[:-1] for word in line.split("\t"))


def test_more_cells_than_fit_are_thinned_and_it_is_said(written, tmp_path, monkeypatch):
    monkeypatch.setattr(projector, "SIDE", 96)
    monkeypatch.setattr(projector, "_SMALLEST", 16)
    _, values, _, said = written("projector")
    assert said == ["The projector shows 36 of 60 cells, evenly chosen: more pictures do not fit."]
    kept = np.unique(np.linspace(0, 59, 36).round().astype(int))
    np.testing.assert_allclose(np.loadtxt(tmp_path / "projector" / "tensors.tsv"), values[kept, :5], rtol=1e-5)
    with Image.open(tmp_path / "projector" / "sprite.png") as sprite:
        assert max(sprite.size) <= 96


def test_the_same_cell_is_at_the_same_place_of_the_sprite(tmp_path):
    data = made.data_set(9, (10, 10), ["class"])
    images = np.zeros((9, 2, 10, 10), np.uint16)
    images[:] = np.arange(9)[:, None, None, None] * 100
    data.load = lambda rows: images[rows]
    source, _ = made.source(tmp_path, 9, 4, data)
    formats.write(["projector"], source, tmp_path, Tell(), 0.5)
    with Image.open(tmp_path / "projector" / "sprite.png") as sprite:
        shades = [sprite.getpixel((at % 3 * 10 + 5, at // 3 * 10 + 5)) for at in range(9)]
    assert shades == sorted(shades) and len(set(shades)) == 9


def test_names_never_meet():
    columns = naming.columns(
        ["f0000", "split", "area", "f0000_2", "Area"], 2, naming.classical(["Ch1"])[:1], ["area", "f0001", "area"]
    )
    every = [*columns.texts, *(item.name for item in columns.features)]
    assert len(set(every)) == len(every) and {"f0000", "f0001"} == set(columns.of("network"))
    assert columns.renamed == {"f0000": "f0000_2_2", "split": "split_2"}
    assert columns.of("classical") == ["area_2"] and columns.of("measured") == ["area_3", "f0001_2", "area_4"]


def test_which_formats_are_written():
    assert formats.chosen([], 100, 200) == ["csv"] and formats.chosen([], 1_000_000, 200) == []
    assert formats.chosen(["h5ad", "h5ad", "csv"], 10**9, 200) == ["h5ad", "csv"]


@pytest.mark.parametrize(("cells", "columns"), [(0, 5), (1, 5), (100_000, 224), (1_000_000, 2048), (20_000, 16000)])
def test_groups_cover_all_cells_and_are_neither_long_nor_many(cells, columns):
    parts = stretches(cells, columns)
    assert sum(part.stop - part.start for part in parts) == cells
    assert all(one.stop == two.start for one, two in zip(parts, parts[1:], strict=False))
    assert max((part.stop - part.start for part in parts), default=0) * columns * 4 <= 128 * 2**20


def test_groups_are_read_one_by_one(written):
    source, *_ = written()
    assert [group.num_rows for group in groups(source.path)] == [25, 25, 10]
    assert [group.column_names for group in groups(source.path, ["f0001"])] == [["f0001"]] * 3
