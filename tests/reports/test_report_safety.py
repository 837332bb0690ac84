"""No formula, link, script or macro enters a report by a name, in any of its forms."""

from __future__ import annotations

import html.parser
import re
import zipfile
import zlib
from pathlib import Path

import pytest
from openpyxl import load_workbook

from wizard.reports import html as page
from wizard.reports import pdf, workbook
from wizard.reports.blocks import Column, Figure, Heading, Report, Section, Table, Text
from wizard.reports.script import SCRIPT
from wizard.reports.sheet_rows import escaped, lines
from wizard.reports.words import clean

NAMES = [
    '=HYPERLINK("http://evil.example","x")', "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "<script>alert(1)</script>",
    "</script><script>alert(2)</script>", '"><img src=x onerror=alert(3)>', "javascript:alert(4)", "x" * 300,
    "🧫🩸 cells", "\u202eltr dehsiw", "שלום עולם", "مرحبا", "細胞", "bell\x07\x1b\x00 end", "]]>", "&amp;", "{{ 7*7 }}",
    "_x003D_1+1", "\ud83d half", "a\u2028b", "l1\nl2", "", " ", "file:///etc/passwd", "'=1", "\t=1", "\r=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def figure(tmp_path_factory) -> Figure:
    """A real picture with a bad title."""
    from wizard.reports import confusion

    path = tmp_path_factory.mktemp("figure") / "figure.png"
    confusion.paint([[3, 1], [1, 3]], [NAMES[0], NAMES[4]], path)
    return Figure(path, NAMES[6], NAMES[5], lambda place: confusion.paint([[3, 1], [1, 3]], NAMES[4:6], place))


@pytest.fixture(scope="module")
def report(figure: Figure) -> Report:
    """A report in which every text is bad."""
    rows = [[name, name, place] for place, name in enumerate(NAMES)]
    columns = [Column(NAMES[0]), Column(NAMES[4]), Column(NAMES[1], "whole")]
    sections = [
        Section(name or "x", [Heading(name), Text(name), Text(name, "warning"), Table(name, columns, rows, name),
                              Table(name, columns, rows, name, sheet=name or "sheet"), figure])
        for name in NAMES[:8]
    ]  # fmt: skip
    return Report(NAMES[4], NAMES[0], NAMES[2], sections)


def test_the_workbook_holds_texts_only(report, tmp_path):
    path = workbook.write(report, tmp_path / "r.xlsx")
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        assert len(names) == len(set(names))
        assert not [name for name in names if re.search("vba|macro|externalLink|connections|embeddings", name, re.I)]
        for name in names:
            if name.endswith((".xml", ".rels")):
                text = book.read(name).decode("utf-8")
                assert "<f>" not in text and "<hyperlink" not in text and "relationships/hyperlink" not in text, name
                assert 'TargetMode="External"' not in text
    book = load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type in ("f", "e") or cell.hyperlink is not None]
    values = {str(cell.value) for cell in cells}
    for name in NAMES:
        assert not name.strip() or clean(name) in values or escaped(name) in values, name
    assert all(len(sheet.title) <= 31 for sheet in book)


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_page_runs_no_script_but_ours(report, tmp_path):
    text = page.write(report, tmp_path / "r.html").read_text(encoding="utf-8")
    parser = _Tags()
    parser.feed(text)
    assert [tag for tag, _ in parser.found].count("script") == 1 and text.count(SCRIPT) == 1
    for tag, attributes in parser.found:
        assert tag not in ("iframe", "object", "embed", "link", "form", "base", "svg")
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))
    policy = next(found["content"] for _, found in parser.found if found.get("http-equiv"))
    assert "default-src 'none'" in policy and "script-src 'sha256-" in policy and "unsafe" not in policy


def test_the_policy_fits_style_and_script(report, tmp_path):
    import base64
    import hashlib

    text = page.write(report, tmp_path / "r.html").read_text(encoding="utf-8")
    for tag in ("style", "script"):
        inside = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in text


def test_the_pdf_takes_any_letter_and_links_nowhere(report, tmp_path):
    data = pdf.write(report, tmp_path / "r.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    parts = [data]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream.strip(b"\r\n")))
        except zlib.error:
            continue
    whole = b"".join(parts)
    for word in (b"/JavaScript", b"/JS ", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction", b"/AA "):
        assert word not in whole.replace(b"/OpenAction [", b""), word


def test_letters_that_the_pdf_lacks_are_shown_as_boxes(report):
    pages = pdf._Pages(report)
    assert pages.drawable("a細胞b") == f"a{pdf.MISSING * 2}b"
    assert pages.drawable("\u202eabc") == "abc" and pages.drawable("שלום") == "םולש"
    assert pages.drawable("\x07\ud83d") == "\ufffd\ufffd"


def test_rows_in_xml_are_text_or_numbers():
    made = list(
        lines(iter([["=1", 2, 0.5, None, True, float("nan")], ["<&>", -1, 1e300, "", False, 3]]), list("123456"), 9)
    )
    assert made[0].startswith(
        '<row r="2"><c r="A2" s="1" t="inlineStr"><is><t>=1</t></is></c><c r="B2" s="2"><v>2</v></c>'
    )
    assert "<v>0.5</v>" in made[0] and made[0].count("–") == 2 and "Yes" in made[0]
    assert "&lt;&amp;&gt;" in made[1] and "<v>1e+300</v>" in made[1]
    blank = next(lines(iter([[None]]), ["7"], 1, blank=True))
    assert blank == '<row r="2"><c r="A2" s="7"/></row>'


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_text_of_a_cell_comes_back(place, tmp_path: Path):
    name = NAMES[place]
    table = Table("t", [Column("a"), Column("b")], [[name, "end"]], sheet="t")
    workbook.write(Report("r", "p", "", [Section("s", [table])]), tmp_path / "r.xlsx")
    cell = load_workbook(tmp_path / "r.xlsx")["t"]["A2"]
    assert (cell.value or "") == clean(name) and cell.data_type != "f"


def test_svg_figures_hold_no_markup_of_names(figure, tmp_path):
    figure.paint(tmp_path / "f.svg")
    text = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert "<script" not in text and "javascript:" not in text and " onload" not in text
    import xml.etree.ElementTree as ElementTree

    for element in ElementTree.fromstring(text).iter():
        for name, value in element.attrib.items():
            assert not name.rpartition("}")[2].startswith("on")
            assert not name.endswith("href") or value.startswith(("#", "data:image/png"))
