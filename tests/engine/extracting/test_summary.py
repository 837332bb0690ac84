from __future__ import annotations

import csv

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.engine.extracting import made
from wizard.engine.extracting import naming, summary
from wizard.engine.extracting.table import Writer
from wizard.feature_lines import FILE


def summarised(tmp_path, values, classes, names, group=17):
    data = made.data_set(len(values), tags=["class"])
    columns = naming.columns(["class"], values.shape[1])
    found = summary.Summary(columns, np.asarray(classes), names)
    with Writer(tmp_path / "features.parquet", columns, data) as writer:
        for start in range(0, len(values), group):
            part = slice(start, min(start + group, len(values)))
            found.add(part, [values[part].astype(np.float32)])
            writer.write(part, [values[part].astype(np.float32)])
    found.write(tmp_path, tmp_path / "features.parquet")
    with (tmp_path / FILE).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_figures_are_those_of_the_whole_table(tmp_path):
    chance = np.random.default_rng(0)
    classes = np.repeat([0, 1, -1], [40, 50, 10])
    values = chance.normal(1e4, 1, (100, 3))
    values[:, 1] += 3 * (classes == 1)
    values[4:14, 2] = np.nan
    values = values.astype(np.float32).astype(float)
    rows = summarised(tmp_path, values, classes, ["no", "yes"])
    for at, row in enumerate(rows):
        assert float(row["mean"]) == pytest.approx(np.nanmean(values[:, at]), rel=1e-5)
        assert float(row["sd"]) == pytest.approx(np.nanstd(values[:, at]), rel=1e-4)
    assert [row["missing"] for row in rows] == ["0", "0", "0.1"]
    known = classes >= 0
    whole, inside = values[known, 1], [values[classes == at, 1] for at in (0, 1)]
    between = sum(len(one) * (one.mean() - whole.mean()) ** 2 for one in inside) / ((whole - whole.mean()) ** 2).sum()
    assert float(rows[1]["eta2"]) == pytest.approx(between, rel=1e-4)
    assert float(rows[1]["auc"]) == pytest.approx(roc_auc_score(classes[known], whole), rel=1e-5)
    assert rows[1]["auc_class"] == "yes" and rows[1]["rank"] == "1"


def test_the_class_that_stands_out_is_named(tmp_path):
    classes = np.arange(90) % 3
    values = np.random.default_rng(0).normal(size=(90, 2))
    values[classes == 2, 0] -= 4
    row = summarised(tmp_path, values, classes, ["a", "=b", "c"])[0]
    assert row["auc_class"] == "c" and float(row["auc"]) < 0.05


@pytest.mark.parametrize("kind", ["constant", "all missing", "one class", "no class"])
def test_what_tells_nothing_has_no_relation(tmp_path, kind):
    values = np.random.default_rng(0).normal(size=(30, 1))
    classes, names = np.arange(30) % 2, ["a", "b"]
    if kind == "constant":
        values[:] = 1e6 + 0.1
    elif kind == "all missing":
        values[:] = np.nan
    elif kind == "one class":
        classes = np.zeros(30, int)
    else:
        classes, names = np.full(30, -1), []
    (row,) = summarised(tmp_path, values, classes, names)
    assert row["eta2"] == row["auc"] == row["rank"] == ""
    assert (row["missing"], row["mean"]) == (("1", "") if kind == "all missing" else ("0", row["mean"]))
