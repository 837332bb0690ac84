"""The report pages of in silico labeling."""

from __future__ import annotations

import pytest

from tests.engine.labeling import made_project
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps


def test_a_report_over_the_steps_for_stains(tmp_path):
    pictures = made_project.write_fields(tmp_path / "p", 2)
    with made_project.opened(tmp_path / "project", pictures) as project:
        with pytest.raises(UserError, match="nothing to report yet"):
            run_steps(project, ["report"], Tell())
        made_project.run(project, "parse")
        run_steps(project, ["report"], Tell())
        result = project.result("report")
        folder = project.result_dir("report")
        assert result.steps == ["label_parse"] and "label_train" in result.missing
        page = (folder / "report.html").read_text(encoding="utf-8")
        assert "2 fields of view with 3 planes of transmitted light were read" in page
        assert "hold-out cells" not in page
        assert (folder / "report.pdf").stat().st_size > 1000 and (folder / "report.xlsx").is_file()
        project.change({"report.pseudonyms": True})
        with pytest.raises(UserError, match="cannot be made without names"):
            run_steps(project, ["report"], Tell())
