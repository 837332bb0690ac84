"""The glossary: complete in both languages, one meaning for each word, found where it is needed."""

from __future__ import annotations

import pytest

from wizard.help import glossary, texts

PROMISED = (
    "cell", "channel", "frame-size", "class", "hold-out", "tag", "target", "group", "data-set", "epoch",
    "confusion-matrix", "calibration", "unsure", "interval", "augmentation", "batch-correction", "progression",
)  # fmt: skip


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_term_has_a_meaning_of_one_sentence(language):
    found = glossary.terms(language)
    assert set(PROMISED) <= set(found) and len(found) >= 60
    for term in found.values():
        assert term.name and term.means.endswith(".") and ". " not in term.means.replace("e.g. ", ""), term.key
        assert len(term.means) <= 160, term.key


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_no_word_means_two_things(language):
    known: dict[str, str] = {}
    for term in glossary.terms(language).values():
        for form in (term.name, *term.also):
            assert known.setdefault(form.casefold(), term.key) == term.key, form


def test_both_languages_and_english_names_lead_to_the_same_terms():
    assert set(glossary.terms("en")) == set(glossary.terms("de"))
    assert glossary.named("Hold-out share", "de") == glossary.terms("de")["hold-out"]
    assert glossary.named("Makro-F1", "de") == glossary.terms("de")["macro-f1"]


def test_names_of_figures_are_found():
    assert glossary.named("Calibration error (ECE)").key == "calibration-error"
    assert glossary.named(" balanced accuracy ").key == "balanced-accuracy"
    assert glossary.named("Learning rate (1/s)").key == "learning-rate"
    assert glossary.named("A sentence about accuracy") is None


def test_terms_inside_of_a_title():
    assert [term.key for term in glossary.inside("Resolution of the clusters")] == ["cluster"]
    assert [term.key for term in glossary.inside("Grouping")] == []
    assert glossary.tip("Frame of the network").startswith("Frame size: ")
    assert glossary.tip("Learning rate").count(": ") == 1
    assert glossary.tip("Shear") == "" and glossary.tip("Exclude cells") == ""
    assert glossary.tip("Cells").startswith("Cell: ")
