"""The methods text says what the results say, and cites only what was used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.reports import samples
from wizard.reports import citations, methods
from wizard.reports.study import Study
from wizard.results_base import Estimate
from wizard.results_visualize import BatchEffect, Cluster, Clusters, Progression


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of all steps."""
    made = samples.every_step(tmp_path)
    return Study("Demo", {step: result for step, (result, _) in made.items()})


def test_numbers_are_those_of_the_results(study):
    text = methods.as_text(study)
    judged, trained = study.judged, study.trained
    assert "Images of 243 single cells were read from 729 files" in text
    assert "81 cells (33.3 %) were set apart" in text and "by part (3 values)" in text
    assert f"{trained.epochs} epochs" in text and f"epoch {trained.best_epoch} were kept" in text
    assert f"Accuracy was {judged.accuracy.value:.2f} (95 % interval {judged.accuracy.low:.2f}" in text
    assert "optimizer AdamW;" in text and "label smoothing 0.05" in text and "1000 rounds" in text
    assert "Research use only" in text


def test_references_are_numbered_in_the_order_of_the_text(study):
    text = methods.as_text(study)
    body, _, listed = text.partition("\nReferences\n")
    cited = [int(number) for found in re.findall(r"\[([\d, ]+)\]", body) for number in found.split(",")]
    first = list(dict.fromkeys(cited))
    assert first == sorted(first) and len(first) == len(methods.references(study))
    assert listed.count("\n") == len(first)


def test_methods_that_were_not_used_are_not_cited(study):
    keys = citations.used(study)
    assert {"tsne", "openTSNE", "umap", "phate", "keras", "deepometry"} <= set(keys)
    assert not {"leiden", "harmony", "combat", "pseudotime", "gradcam", "mixup"} & set(keys)
    without = Study("Demo", {step: study.results[step] for step in ("parse", "train")})
    assert not {"umap", "phate", "openTSNE", "scikit-learn", "temperature"} & set(citations.used(without))
    assert "PHATE" not in methods.as_text(without)


def test_analyses_of_maps_are_told_and_cited(study):
    maps = study.mapped
    maps.clusters = Clusters(method="Leiden", resolution=1.0, clusters=[Cluster(name="1", cells=243, tags={})])
    maps.progression = Progression(tag="day", order=["1", "7"], root="1",
                                   correlation=Estimate(value=0.8, low=0.7, high=0.9))  # fmt: skip
    maps.batch = BatchEffect(tag="donor", class_tag="class", correction="harmony")
    text = methods.as_text(study)
    assert "1 cluster" in text and "from day = 1; the rank correlation (Spearman) with day was 0.80" in text
    assert re.search(r"removed with Harmony \[\d+\]", text)
    assert {"leiden", "pseudotime", "harmony"} <= set(citations.used(study))


def test_what_was_not_done_is_said(study):
    assert "not tested on cells of another laboratory" in methods.as_text(study)
    alone = Study("Demo", {"parse": study.results["parse"], "train": study.results["train"]})
    text = methods.as_text(alone)
    assert "not judged on hold-out cells" in text and "There was no cross-validation" in text
    assert "Accuracy was" not in text


def test_a_path_has_no_place_in_the_text(study):
    study.predicted.data = "9 cells of /home/me/cells"
    study.judged.data = r"9 cells of C:\cells"
    assert "/home/me" not in methods.as_text(study) and "C:" not in methods.as_text(study)


def test_an_empty_study_has_a_text(tmp_path):
    assert "CytoWizard" in methods.as_text(Study("Demo", {"check": samples.check()}))
