"""The card of a model."""

from __future__ import annotations

from wizard.reports import model_card

MANIFEST = {
    "name": "Demo: class", "created": "2025-11-21T05:17:00+00:00", "network": "compact", "network_title": "Compact",
    "parameters": 312404, "target": "class", "classes": ["G1", "G2"], "weak": False, "dtype": "uint16",
    "counts": {"G1": {"train": 40, "validation": 10}, "G2": {"train": 38, "validation": 11}},
    "channels": [{"name": "Ch3", "number": 3}, {"name": "Ch6", "number": 6}], "frame": [40, 56],
    "normalisation": {"kind": "mean_sd", "mean": [1.0, 2.0]}, "parse": {"padding": "background", "larger": "crop"},
    "data_set": {"fingerprint": "abc123", "n_cells": 243, "group": "donor", "split_by": "group donor",
                 "training_groups": ["Patient Smith", "B"]},
    "validation": {"loss": 0.5, "accuracy": 0.81, "balanced_accuracy": 0.8, "n_cells": 21},
    "validation_by": "group donor", "temperature": 1.3, "settings": {"epochs": 40, "minutes": 0.0},
    "versions": {"keras": "3.15.1"},
}  # fmt: skip


def test_it_says_what_a_reader_needs():
    card = model_card(MANIFEST)
    for words in (
        "# Model card: Demo: class", "Research use only", "## Intended use", "| G1 | 40 | 10 |", "Ch6 (number 6)",
        "56 × 40 px", "Accuracy on validation cells: 0.810", "optimistic", "report of the step Evaluate", "--model",
        "- epochs: 40", "- keras: 3.15.1", "abc123", "calibrated", "312\u202f404", "split by group donor",
    ):  # fmt: skip
        assert words in card, words


def test_names_of_groups_are_counted_not_named():
    card = model_card(MANIFEST)
    assert "Smith" not in card and "Values of it among the training cells: 2" in card


def test_a_weak_target_is_said():
    assert "tag of whole samples" in model_card({**MANIFEST, "weak": True})
    assert "tag of whole samples" not in model_card(MANIFEST)


def test_an_empty_manifest_makes_a_card():
    card = model_card({})
    assert card.startswith("# Model card: model") and "None" not in card and "## Versions" not in card


def test_every_key_may_be_missing():
    for key in MANIFEST:
        assert "None" not in model_card({name: value for name, value in MANIFEST.items() if name != key})
