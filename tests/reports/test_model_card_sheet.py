from __future__ import annotations

from openpyxl import load_workbook

from tests.cells import easy_folder
from wizard.engine.events import Tell
from wizard.engine.model import load, read_card
from wizard.engine.run import run_steps
from wizard.project import Project


def test_the_card_lies_beside_the_result_and_in_the_workbook(tmp_path):
    with Project.open(tmp_path / "p") as project:
        project.change({"parse.input": [str(easy_folder(tmp_path / "cells"))], "train.epochs": 1,
                        "train.network": "fast"})  # fmt: skip
        run_steps(project, ["parse", "train"], Tell())
        place, result = project.result_dir("train"), project.result("train")
        card = (place / result.files["Model card"]).read_text(encoding="utf-8")
        assert card == read_card(project.root / result.model) and "## Intended use" in card
        sheet = load_workbook(place / "train.xlsx")["Model card"]
        rows = [(part, text) for part, text, *_ in sheet.iter_rows(values_only=True)]
        name = load(project.root / result.model).manifest["network_title"]
        assert ("Model", f"Network: {name}") in rows
        assert all("\\" not in str(text) for part, text in rows if part == "Model")
