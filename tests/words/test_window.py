"""The window in German: nothing of the program's own is left in English."""

from __future__ import annotations

import re
import tkinter as tk
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import made_explanation, made_results, made_runs, made_stains, made_survey
from tests.window import below, go, settle, words
from wizard.plan import LABEL_STEPS, STEPS
from wizard.project import Project
from wizard.words import catalogue

NAMES = re.compile(
    r"CytoWizard|AUC|SSIM|Kolmogorov-Smirnov|(DAPI|MAP2|NFH)_CONFOCAL.*|auto|class|group|level_\d|population|(un)?familiar|unsure|pool|object|source|predicted|confidence"
    r"|cell_id|p_\w+|\w+ [23]-D|t-SNE [23]-D|(G1|G2|Metaphase|Prophase)\b.*|\S+\.(cytomodel|csv|html|xlsx|parquet)"
)
"""Names of the user, of files and of columns of files, which stay as they are."""


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """German everywhere; yields the texts that were shown without a translation."""
    missing: set[str] = set()
    monkeypatch.setenv("CYTOWIZARD_LANGUAGE", "de")
    catalogue.record(missing)
    yield missing
    catalogue.record(None)
    catalogue.use("en")


@pytest.fixture
def full_project(done_project: Path) -> Path:
    """A project in which everything was done, with a look, a history, a comparison and an explanation."""
    with Project.open(done_project) as project:
        made_runs.write_runs(project)
        made_runs.write_comparison(project)
        made_survey.write_survey(project)
        made_explanation.write(project.result_dir("explain"))
    return done_project


def made_up() -> str:
    """Return all that the tests' own results say, which the program need not know."""
    modules = (made_results, made_runs, made_survey, made_explanation, made_stains)
    source = "\n".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)
    return re.sub(r'"\s*\n\s*"', "", source).replace("\\u00b1", "\u00b1")


def left_over(missing: set[str], source: str) -> list[str]:
    """Return what was not translated and is neither a name nor made up for the tests."""
    texts = {re.sub(r"^\u2022 ", "", text) for text in missing}
    return sorted(text for text in texts if not NAMES.fullmatch(text) and text.rstrip(".") not in source)


def test_every_page_and_view_is_german(german: set[str], full_project: Path, open_app: Callable[..., Any]) -> None:
    app = open_app(full_project)
    for step in STEPS:
        page = go(app, step)
        if page.form is not None:
            page.form.unfold(everything=True)
        for tab in list(page.tabs.heads) if page.tabs is not None else ():
            page.tabs.choose(tab)
            settle(app, 0.2)
    assert left_over(german, made_up()) == []


def test_every_page_for_stains_is_german(german: set[str], tmp_path: Path, open_app: Callable[..., Any]) -> None:
    steps = (*LABEL_STEPS, "label_compare", "label_look")
    app = open_app(made_stains.write_project(tmp_path / "Stains", tmp_path / "pictures", steps))
    for step in app.project.steps:
        page = go(app, step)
        if page.form is not None:
            page.form.unfold(everything=True)
        for tab in list(page.tabs.heads) if page.tabs is not None else ():
            page.tabs.choose(tab)
            settle(app, 0.2)
    app.run_remaining()
    settle(app, 0.3)
    assert left_over(german, made_up()) == []


def test_first_page_and_messages_are_german(german: set[str], open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app()
    shown = words(app)
    assert "Netze an Bildern einzelner Zellen trainieren" in shown
    for ask in (app.new_project, app.new_demo):
        ask()
        settle(app, 0.2)
        app.overlay.close()
    app.open_project(str(done_project / "nowhere"))
    settle(app, 0.2)
    assert "CytoWizard-Projekt" in words(app)
    app.overlay.close()
    assert left_over(german, "") == []


def test_menus_hand_on_what_they_were_given(german: set[str], root: Any) -> None:
    from wizard.widgets.choice import Choice

    catalogue.use("de")
    heard: list[str] = []
    menu = Choice(root, ["all classes", "Cells"], ("all classes",), command=heard.append)
    menu.grid()
    labels = [menu._dropdown_menu.entrycget(index, "label").strip() for index in (0, 1)]
    assert labels == ["alle Klassen", "Cells"]  # the second one is the name of a class
    menu._dropdown_menu.invoke(0)
    assert heard == ["all classes"] and menu.get() == "all classes"
    assert below(menu, tk.Label)[0].cget("text") == "alle Klassen"
    menu.configure(values=["Cells", "all classes"])
    assert menu._dropdown_menu.entrycget(1, "label").strip() == "alle Klassen"


def test_a_decimal_comma_is_taken_and_shown(german: set[str], open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    form = go(app, "parse").form
    assert form.fields["holdout"].entry.get() == "0,2"
    form.fields["holdout"].type("0,35")
    assert app.project.plan.parse.holdout == 0.35 and not form.wrong
    form = go(app, "train").form
    form.unfold(everything=True)
    settle(app, 0.2)
    rates = form.fields["compare_rates"]
    assert rates.entry.get() == "0,002"
    rates.type("0,002; 0,0005")
    assert app.project.plan.train.compare_rates == [0.002, 0.0005]
    rates.type("0.001, 0.003")
    assert app.project.plan.train.compare_rates == [0.001, 0.003]
    form.fields["class_weight_values"].type("G1 = 2,5; G2 = 1")
    assert app.project.plan.train.class_weight_values == ["G1 = 2.5", "G2 = 1"]
    form.fields["epochs"].type("viele")
    assert form.fields["epochs"]._warning.cget("text").strip() == (
        "Epochen: 'viele' kann nicht verwendet werden. Anzugeben: eine ganze Zahl von 0 bis 2000."
    )


def test_dates_are_iso(german: set[str], open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    go(app, "predict", "Files")
    assert re.search(r"Erstellt am \d{4}-\d\d-\d\d \d\d:\d\d in ", words(app))


def test_the_language_changes_with_the_preferences(
    open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CYTOWIZARD_LANGUAGE", raising=False)
    app = open_app(done_project)
    app.desk.prefer("language", "en")
    go(app, "train")
    app.page.form.fields["epochs"].entry.insert(0, "1")  # typed, not stored yet
    app.desk.prefer("language", "de")
    settle(app, 0.5)
    assert catalogue.language() == "de" and app.step == "train"
    assert "Trainieren" in words(app) and "Train again" not in words(app)
    assert app.project.plan.train.epochs == 10
    app.desk.prefer("decimals", "point")
    settle(app, 0.5)
    assert go(app, "parse").form.fields["holdout"].entry.get() == "0.2"
    app.desk.prefer("language", "en")
    settle(app, 0.5)
    assert "Parse the images again" in app.page.acts.button.cget("text")
    catalogue.use("en")
