"""With pseudonyms no byte of a report holds a name of a file, a folder or a tag."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from tests.reports import made_project
from wizard.reports import pseudonym_names, pseudonym_tables
from wizard.reports.pseudonyms import KEY, Names, distinct


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A project with a report without names: (root, the folder of the report)."""
    project = made_project.project(tmp_path_factory.mktemp("names"))
    with project:
        made_project.write_report(project, pseudonyms=True)
    return project.root, project.result_dir("report")


def texts(folder: Path):
    """Yield (where, text) of everything in a folder: names of files, and what is in them, unpacked."""
    for path in sorted(folder.rglob("*")):
        yield "name", str(path.relative_to(folder))
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield f"{path.name}/{name}", name + book.read(name).decode("utf-8", "replace")
        elif path.suffix == ".pdf":
            if shutil.which("pdftotext"):
                done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
                yield path.name, done.stdout.decode("utf-8")
            yield path.name, path.read_bytes().decode("latin-1")
        elif path.is_file():
            data = path.read_bytes()
            yield path.name, re.sub(r"base64,[A-Za-z0-9+/=\s]+", "", data.decode("utf-8", "replace"))


def test_no_name_is_in_any_file(written):
    root, folder = written
    seen = 0
    for where, text in texts(folder):
        seen += 1
        for name in made_project.SECRET:
            assert name.lower() not in text.lower(), (where, name)
    assert seen > 40 and not list(root.glob("results/.*"))


def test_what_stands_there_instead(written):
    root, folder = written
    book = load_workbook(folder / "report.xlsx")
    rows = list(book["Predictions"].values)
    columns = {name: place for place, name in enumerate(rows[0])}
    donors = {row[columns["donor"]] for row in rows[1:]}
    assert donors == {f"donor {number}" for number in range(1, 6)}
    assert {row[columns["source"]] for row in rows[1:]} <= {f"File {number}" for number in range(1, 40)}
    assert {row[columns["predicted"]] for row in rows[1:]} <= {"G1", "G2", "Metaphase", "Prophase"}
    assert "tag 1" in columns and len({row[0] for row in rows[1:]}) == 243
    assert all(re.fullmatch("[0-9a-f]{16}", row[0]) for row in rows[1:])
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Project: Project" in page and "are replaced by numbers" in page and "Magnification" in page


def test_the_pairs_of_file_and_donor_stay_together(written):
    root, folder = written
    rows = list(load_workbook(folder / "report.xlsx")["Predictions"].values)
    columns = {name: place for place, name in enumerate(rows[0])}
    pairs = {(row[columns["source"]], row[columns["donor"]]) for row in rows[1:]}
    assert len(pairs) == 5
    key = {(line["kind"], line["original"]): line["pseudonym"] for line in read_key(root)}
    for donor, source in zip(made_project.DONORS, made_project.SOURCES, strict=True):
        assert (key["file", source], key["value of donor", donor]) in pairs


def read_key(root: Path) -> list[dict[str, str]]:
    with (root / KEY).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_key_is_beside_the_plan_and_in_no_report(written):
    root, folder = written
    assert (root / KEY).is_file()
    assert not [path for path in folder.rglob("*") if KEY in path.name]
    secret = next(line["pseudonym"] for line in read_key(root) if line["kind"].startswith("number"))
    assert all(secret not in text for _, text in texts(folder))


def test_the_next_report_has_the_same_numbers(tmp_path):
    with made_project.project(tmp_path) as project:
        found = [project.result(step) for step in ("parse", "train", "evaluate", "predict")]
        first = pseudonym_names.names_of(project.root, project.name, found)
        before = read_key(project.root)
        second = pseudonym_names.names_of(project.root, project.name, found)
        assert read_key(project.root) == before
    for source in made_project.SOURCES:
        assert first.source(source) == second.source(source)
    assert first.cell("abc") == second.cell("abc") != Names(tmp_path / "other.csv").cell("abc")


def test_numbers_do_not_follow_the_alphabet(tmp_path):
    names = Names(tmp_path / KEY)
    originals = [f"patient {number:03d}" for number in range(60)]
    names.add("file", originals, "File ")
    numbers = [int(names.source(name).split()[1]) for name in originals]
    assert sorted(numbers) == list(range(1, 61)) and numbers != sorted(numbers)


def test_texts_are_replaced_at_the_ends_of_words_only(tmp_path):
    names = Names(tmp_path / KEY, ["Anna"], ["class"])
    names.everywhere("Hanna Meier", "donor 1")
    names.everywhere("Meier", "donor 2")
    names.everywhere("Anna", "never")
    assert names.text("Hanna Meier, MEIER_3 and Meiers, Anna") == "donor 1, donor 2_3 and Meiers, Anna"
    assert distinct("Meier") and distinct("12345") and not distinct("7") and not distinct("data") and not distinct("K")


def test_tags_by_common_names_and_the_target_stay(tmp_path):
    names = Names(tmp_path / KEY, ["G1"], ["Zustand"])
    assert [names.tag(name) for name in ("donor", "level_2", "Zustand")] == ["donor", "level_2", "Zustand"]
    assert names.tag("Hausarzt") == "tag 1" and names.value("Hausarzt", "Wilhelm") == "tag 1.1"
    assert names.value("Zustand", "G1") == "G1" and names.value("donor", "") == ""


def test_broken_names_can_be_kept(tmp_path):
    names = Names(tmp_path / KEY)
    odd = ["\udcff broken", "=1+1", "line\nbreak", 'a,b"c', "x" * 300, "🧫", "\u202eltr"]
    given = [names.source(name) for name in odd]
    names.save()
    assert [Names(tmp_path / KEY).source(name) for name in odd] == given


def test_tables_keep_their_other_columns(tmp_path):
    with made_project.project(tmp_path) as project:
        found = [project.result(step) for step in ("parse", "visualize")]
        names = pseudonym_names.names_of(project.root, project.name, found)
        pseudonym_tables.stage(project.root, found, names, tmp_path / "copy")
        old = pq.read_table(project.result_dir("visualize") / "maps.parquet")
    new = pq.read_table(tmp_path / "copy" / "results" / "visualize" / "maps.parquet")
    assert new.column("pca_2d_1").equals(old.column("pca_2d_1")) and new.num_rows == old.num_rows
    assert new.column("class").to_pylist() == old.column("class").to_pylist()
    assert new.column_names == [{"Hausarzt": "tag 1"}.get(name, name) for name in old.column_names]
