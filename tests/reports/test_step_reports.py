"""Every step's reports: what is written, and that page and workbook say the same."""

from __future__ import annotations

import html.parser
import re

import pytest
from openpyxl import load_workbook
from PIL import Image

from tests.reports import samples
from wizard.plan import STEPS, TITLES, step_settings
from wizard.reports.blocks import Table, figures_of
from wizard.reports.script import SCRIPT
from wizard.reports.sections import BLOCKS
from wizard.reports.words import RESEARCH_ONLY, clean, shown

FIGURES = {
    "check": set(),
    "parse": {"gallery.png"},
    "train": {"curves.png"},
    "evaluate": {"confusion.png", "recall.png", "wrong_cells.png"},
    "predict": {"predicted.png", "predicted_cells.png"},
    "extract": set(),
    "visualize": {f"{name}_{size}d.png" for name in samples.MAP_NAMES for size in (2, 3)},
}


class _Page(html.parser.HTMLParser):
    """Gathers the text, the tags and the sources of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(folder) -> _Page:
    return _Page((folder / "report.html").read_text(encoding="utf-8"))


def texts(book) -> set[str]:
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}


@pytest.mark.parametrize("step", STEPS)
def test_it_writes_what_it_says_workbook_and_page_first(project, step):
    _, made, said = project
    folder = made[step][1]
    names = list(said[step].values())
    assert names[:2] == [f"{step}.xlsx", "report.html"]
    assert set(names[2:]) == FIGURES[step]
    for name in names:
        assert (folder / name).stat().st_size > 1000
    assert not list(folder.glob(".*tmp*"))


@pytest.mark.parametrize("step", STEPS)
def test_the_page_stands_alone(project, step):
    _, made, _ = project
    text = (made[step][1] / "report.html").read_text(encoding="utf-8")
    shown_page = page(made[step][1])
    assert shown_page.tags.count("script") == 1 and "link" not in shown_page.tags and "iframe" not in shown_page.tags
    plain = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", text)
    assert "http:" not in plain and "https:" not in plain and "//" not in plain.replace(SCRIPT, "")
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in shown_page.sources)
    assert shown_page.tags.count("img") == len(FIGURES[step])


@pytest.mark.parametrize("step", STEPS)
def test_title_project_date_versions_settings_and_research_use_are_in_both(project, step):
    _, made, _ = project
    result, folder = made[step]
    text = page(folder).text
    book = load_workbook(folder / f"{step}.xlsx")
    cells = "\n".join(texts(book))
    needed = [TITLES[step], "Demo", "21 November 2025, 05:17 UTC", RESEARCH_ONLY, "3.15.1"]
    needed += [item.title for item in step_settings(step)] + [item.key for item in step_settings(step)]
    for word in needed:
        assert word in text, word
        assert word in cells, word


@pytest.mark.parametrize("step", STEPS)
def test_page_and_workbook_hold_every_short_table(project, step):
    _, made, _ = project
    result, folder = made[step]
    text, cells = page(folder).text, texts(load_workbook(folder / f"{step}.xlsx"))
    for block in BLOCKS[step](result, folder):
        if isinstance(block, Table):
            assert block.title in text and block.title in cells
            for row in block.rows:
                assert len(row) == len(block.columns)
                assert all(value in cells for value in row if isinstance(value, str) and value)
            for row in list(block.rows)[: block.shown]:
                for value, column in zip(row, block.columns, strict=True):
                    assert " ".join(shown(value, column.kind).split()) in text


@pytest.mark.parametrize("step", STEPS)
def test_figures_are_sharp_and_not_empty(project, step):
    _, made, _ = project
    result, folder = made[step]
    for figure in figures_of(BLOCKS[step](result, folder)):
        with Image.open(figure.path) as picture:
            assert round(picture.info["dpi"][0]) == 200
            assert min(picture.size) > 300
            assert len(picture.convert("L").getcolors(256) or range(300)) > 8
        assert figure.caption.endswith(".")


def test_evaluate_says_counts_intervals_and_what_was_drawn(project):
    text = page(project[1]["evaluate"][1]).text
    result = project[1]["evaluate"][0]
    assert f"{result.n_cells} cells from 1 group" in text
    assert f"95 % interval {result.accuracy.low:.2f} to {result.accuracy.high:.2f}" in text
    assert "single cells were drawn anew 1000 times" in text
    assert "All cells come from one group" in text
    assert "accuracy of always saying" in text


def test_evaluate_warns_of_an_unbalanced_target(tmp_path):
    from wizard.reports import write_step_reports

    result = samples.evaluate(tmp_path)
    first = next(iter(result.per_class.values()))
    first.support = 400
    write_step_reports("Demo", result, tmp_path)
    assert "The target is unbalanced (17 to 400 cells per class)" in page(tmp_path).text


def test_warnings_of_a_step_stand_at_its_top(tmp_path):
    from wizard.reports import write_step_reports
    from wizard.results import NoticeText

    result = samples.train()
    result.notices = [NoticeText(level="warning", text="Few cells."), NoticeText(level="info", text="By the way.")]
    result.stopped = True
    write_step_reports("Demo", result, tmp_path)
    text = page(tmp_path).text
    assert text.index("Few cells.") < text.index("Best epoch") < text.index("By the way.")
    assert "stopped early" in text


def test_validation_figures_are_called_optimistic(project):
    assert "they are optimistic" in page(project[1]["train"][1]).text


def test_predict_counts_marks_per_class(project):
    result, folder = project[1]["predict"]
    table = next(
        block for block in BLOCKS["predict"](result, folder) if isinstance(block, Table) and "per" in block.title
    )
    rows = list(table.rows)
    assert sum(row[3] for row in rows[:-1]) == result.n_unsure == rows[-1][3] > 0
    assert sum(row[4] for row in rows[:-1]) == result.n_unfamiliar == 3
    assert sum(row[1] for row in rows[:-1]) == 243


def test_the_predictions_sheet_has_numbers_header_and_filter(project):
    book = load_workbook(project[1]["predict"][1] / "predict.xlsx")
    sheet = book["Predictions"]
    assert sheet.max_row == 244 and sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:M244"
    header = [cell.value for cell in sheet[1]]
    confidence = sheet.cell(2, header.index("confidence") + 1)
    assert isinstance(confidence.value, float) and confidence.number_format == "0.000"
    assert isinstance(sheet.cell(2, header.index("object") + 1).value, int)
    assert sheet.cell(2, header.index("unsure") + 1).value in ("Yes", "No")
    assert "p_Metaphase" in header and clean(sheet.cell(2, 1).value) == "000000"


def test_the_confusion_sheets_hold_counts_and_shares(project):
    result, folder = project[1]["evaluate"]
    book = load_workbook(folder / "evaluate.xlsx")
    counts = [[cell.value for cell in row] for row in book["Confusion counts"].iter_rows(min_row=2)]
    size = len(result.classes)
    assert [row[1 : size + 1] for row in counts] == result.confusion
    share = book["Confusion shares"].cell(2, 2)
    assert share.value == pytest.approx(result.confusion[0][0] / sum(result.confusion[0]))
    assert share.number_format == "0.0 %"


def test_every_figure_is_in_the_workbook(project):
    for step, names in FIGURES.items():
        book = load_workbook(project[1][step][1] / f"{step}.xlsx")
        found = book["Figures"]._images if names else []
        assert len(found) == len(names)


def test_frames_are_told_as_width_times_height(project):
    for step in ("parse", "train"):
        result = project[1][step][0].model_copy(update={"frame": (24, 64)})
        told = [row[1] for block in BLOCKS[step](result, project[1][step][1]) if isinstance(block, Table)
                for row in block.rows if row[0] == "Frame size"]  # fmt: skip
        assert told == ["64 × 24 px"]
