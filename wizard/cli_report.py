"""What the command line says at the end of a run: findings of runs beside the steps, places of reports and figures."""

from __future__ import annotations

from collections.abc import Sequence

from wizard import cli_judge, cli_train
from wizard.project import Project


def report_lines(project: Project, steps: Sequence[str]) -> list[str]:
    """Say what a run beside the steps found, or where the reports and figures of several steps are."""
    if len(steps) == 1:
        return _of_one(project, steps[0])
    found = []
    results = project.root / "results"
    judged = project.result("evaluate")
    if "evaluate" in steps and judged is not None and judged.accuracy.low is not None:
        low, high = judged.accuracy.low, judged.accuracy.high
        found.append(f"Accuracy on {judged.n_cells} hold-out cells: {judged.accuracy.value:.1%} "
                     f"(95 % interval {low:.1%} to {high:.1%})")  # fmt: skip
    for title, name in (("Workbook", "report.xlsx"), ("HTML report", "report.html")):
        if (results / "report" / name).is_file():
            found.append(f"{title}: {results / 'report' / name}")
    if project.result("report") is not None:
        found.append("The report was written before this run; the command report brings it up to date.")
    figures = (figure for figure in sorted(results.glob("*/*.png")) if not figure.name.startswith("gallery_"))
    return [*found, *(f"Figure: {figure}" for figure in figures)]


def _of_one(project: Project, step: str) -> list[str]:
    result = project.result(step)
    if step == "lr_finder":
        return cli_train.rate_lines(result)
    if step == "estimate":
        return cli_train.estimate_lines(result)
    if step == "train":
        return cli_train.time_lines(result)
    if step == "compare":
        return cli_train.compare_lines(result)
    if step == "latency":
        return cli_judge.latency_lines(result)
    if step == "explain":
        return cli_judge.explain_lines(result)
    if step == "report":
        folder = project.result_dir("report")
        lines = [f"{title}: {folder / name}" for title, name in result.files.items() if not title.startswith("Figure:")]
        blanks = f"Checklists: {result.to_fill_in} of {result.items} items need you."
        return [*lines, blanks] if result.items else lines
    return []
