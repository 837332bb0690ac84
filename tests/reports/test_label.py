"""The report pages of in silico labeling."""

from __future__ import annotations

import re

import pytest

from tests.engine.labeling import made_project
from tests.reports.test_pseudonyms import texts
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.reports import citations, methods, pseudonym_fields
from wizard.reports.pseudonym_results import without_names
from wizard.reports.pseudonyms import KEY, Names
from wizard.reports.study import Study
from wizard.results_label import CAUTION, LabelVisualizeResult

SECRET = ("Meier", "Station7", "Qx910", "Qx911", "Qx912", "geheim")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A project with all steps done, whose folders and files carry the names of people and places."""
    root = tmp_path_factory.mktemp("stains")
    pictures = made_project.write_fields(root / "Station7 geheim", 3)
    for path in sorted(pictures.rglob("*")):
        if path.is_file():
            name = path.name.replace("lab-TEST", "lab-Meier").replace("well-A", "well-Qx91")
            path.rename(path.with_name(name))
    with made_project.opened(root / "geheim", pictures) as project:
        made_project.run(project, "parse", "train", "evaluate", "predict", "extract", "visualize")
        yield project


def report(project, **settings):
    project.change({f"report.{name}": value for name, value in settings.items()})
    run_steps(project, ["report"], Tell())
    return project.result("report"), project.result_dir("report")


def test_a_report_over_the_steps_for_stains(tmp_path):
    pictures = made_project.write_fields(tmp_path / "p", 2)
    with made_project.opened(tmp_path / "project", pictures) as project:
        with pytest.raises(UserError, match="nothing to report yet"):
            run_steps(project, ["report"], Tell())
        made_project.run(project, "parse")
        result, folder = report(project)
        assert result.steps == ["label_parse"] and "label_train" in result.missing
        page = (folder / "report.html").read_text(encoding="utf-8")
        assert "2 fields of view with 3 planes of transmitted light were read" in page
        assert "hold-out cells yet" not in page and "Deepometry" not in page
        assert (folder / "report.pdf").stat().st_size > 1000 and (folder / "report.xlsx").is_file()


def test_no_name_is_in_a_report_without_names(done):
    result, folder = report(done, pseudonyms=True)
    assert result.pseudonyms and result.missing == []
    seen = 0
    for where, text in texts(folder):
        seen += 1
        for name in SECRET:
            assert name.lower() not in text.lower(), (where, name)
    assert seen > 20
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Field 1" in page and "Field 3" in page and "DAPI_CONFOCAL" in page and "are replaced by numbers" in page
    assert "Errors: Field" in page and "Project: Project" in page


def test_names_stay_where_they_are_wanted(done):
    _result, folder = report(done, pseudonyms=False)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Meier" in page and "Field 1" not in page


def test_the_key_knows_the_fields_and_the_next_report_has_the_same_numbers(done):
    report(done, pseudonyms=True)
    before = (done.root / KEY).read_text(encoding="utf-8-sig")
    assert before.count("\nfield,") == 3 and "Qx910" in before
    report(done, pseudonyms=True)
    assert (done.root / KEY).read_text(encoding="utf-8-sig") == before


def test_fields_whose_names_are_plain_numbers_are_replaced_in_their_place(tmp_path):
    names = Names(tmp_path / KEY)
    result = LabelVisualizeResult(panels={"1": "1_errors.png"}, files={"Error panel 1": "1_errors.png", "n": "1 of 1"})
    pseudonym_fields.add(names, [result], [])
    made = without_names(result, names, "")
    assert made.panels == {"Field 1": "Field 1_errors.png"}
    assert made.files == {"Error panel Field 1": "Field 1_errors.png", "n": "1 of 1"}


def test_the_methods_tell_what_was_done(done):
    result, folder = report(done, pseudonyms=False)
    text = (folder / "methods.txt").read_text(encoding="utf-8")
    parsed, trained, judged = (done.result(f"label_{step}") for step in ("parse", "train", "evaluate"))
    assert f"3 fields of view with {parsed.planes} planes of transmitted light were read" in text
    assert f"The hold-out is by {parsed.split_by}" in text and "random seed 1" in text
    assert f"network {trained.network_title} (" in text and "told of each pixel: median and interval" in text
    assert "The network learnt 30 steps of 4 crops of 64 px in" in text and "The number of steps was given." in text
    assert f"DAPI_CONFOCAL: Pearson correlation {judged.stains[0].pearson:.3f} over all pixels" in text
    assert "for a linear model of their surroundings" in text and CAUTION in text
    assert "Research use only" in text and "CytoWizard" in text and "Keras" in text
    assert result.files["Methods in words"] == "methods.txt"


def test_references_are_numbered_in_the_order_of_the_text(done):
    steps = ("parse", "train", "evaluate", "predict", "extract", "visualize")
    study = Study("Demo", {f"label_{step}": done.result(f"label_{step}") for step in steps})
    body, _, listed = methods.as_text(study).partition("\nReferences\n")
    cited = [int(number) for found in re.findall(r"\[([\d, ]+)\]", body) for number in found.split(",")]
    first = list(dict.fromkeys(cited))
    assert first == sorted(first) == list(range(1, len(citations.used(study)) + 1))
    assert listed.count("\n") == len(first) and "deepometry" not in citations.used(study)


def test_without_an_evaluation_the_methods_say_so(done):
    study = Study("Demo", {f"label_{step}": done.result(f"label_{step}") for step in ("parse", "train")})
    assert "The model was not judged on pixels that were held out" in methods.as_text(study)


def test_the_checklists_know_the_task(done):
    result, folder = report(done, checklists=True)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "predicts fluorescence stains from transmitted light" in page and "CLAIM checklist" in page
    assert 0 < result.to_fill_in < result.items
    assert "Pearson correlation over all and over bright pixels" in page
