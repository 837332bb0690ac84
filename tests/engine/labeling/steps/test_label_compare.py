from __future__ import annotations

import pytest

from tests.engine.labeling import made_project
from wizard.engine.errors import UserError
from wizard.engine.labeling import model as files


def test_heads_learn_for_the_same_time_and_leave_no_model(tmp_path, pictures):
    more = {"label_train.steps": 4, "label_train.heads": "mean,mean_interval", "label_train.planes_too": True}
    with made_project.opened(tmp_path / "other", pictures, **more) as project:
        made_project.run(project, "parse")
        result = made_project.run(project, "compare")
        assert [one.head for one in result.heads] == ["mean", "mean_interval"] and not files.models(project.root)
        for one in result.heads:
            assert one.steps == 4 and [stain.label for stain in one.stains] == ["DAPI_CONFOCAL", "MAP2_CONFOCAL"]
        assert result.heads[0].stains[0].coverage is None and result.heads[1].stains[0].coverage > 0
        folder = project.result_dir("label_compare")
        assert (folder / "heads.csv").is_file() and (folder / "report.html").is_file()
        assert project.state("label_parse").kind == "done"
        project.change({"label_train.heads": []})
        with pytest.raises(UserError, match="No head was chosen"):
            made_project.run(project, "compare")
