"""The pages of the help: complete, in both languages, and never out of step with the settings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from defusedxml import ElementTree

from wizard.help import book, html, texts, topics
from wizard.help.blocks import Heading, Items, Paragraph, Place, Span, Table, literal, parse, plain, spans
from wizard.help.blocks import texts as lines_of
from wizard.help.topics import anchor
from wizard.plan import LABEL_MODELS, LABEL_STEPS, MODELS, STEPS, step_settings
from wizard.widgets import palette
from wizard.words import catalogue, collect

ROOT = Path(__file__).parents[2]
LANGUAGES = texts.LANGUAGES
BASIC = [item for step in MODELS for item in step_settings(step) if item.basic]


def page_of(step: str) -> str:
    return next((page for page, own in book.SETTINGS_OF.items() if step in own), step)


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def made(language: str) -> dict[str, str]:
    return book.pages(language)


def read(page: str):
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


def test_every_step_has_a_page(made):
    assert set(STEPS) <= set(texts.PAGES)
    assert set(made) == {f"{page}.html" for page in texts.PAGES}


def test_every_setting_is_explained_on_the_page_of_its_step(made):
    for step in (*MODELS, *LABEL_MODELS):
        ids = {item.get("id") for item in read(made[f"{page_of(step)}.html"]).iter()}
        for item in step_settings(step):
            assert anchor(item.key) in ids, item.key
            assert html.line(literal(item.help)) in made[f"{page_of(step)}.html"], item.key


def test_every_basic_setting_says_when_to_change_it(language):
    when = texts.words(language)["when"]
    assert {key for key in when if key.partition(".")[0] in MODELS} == {item.key for item in BASIC}
    for_stains = {item.key for step in LABEL_MODELS for item in step_settings(step) if item.basic}
    assert len(for_stains & set(when)) >= 20 and set(when) <= for_stains | {item.key for item in BASIC}


def test_every_step_for_stains_has_a_section_and_its_settings(language, made):
    known = book.anchors(topics.STAINS, language)
    assert topics.STAINS == "stains" and texts.PAGES.index("stains") == texts.PAGES.index("visualize") + 1
    for step in LABEL_STEPS:
        page, _, section = topics.page(step).partition("#")
        assert page == "stains" and section in known and f"settings-{section}" in known, step
    assert topics.page("train") == "train" and topics.page("start") == "start"
    assert 'href="stains.html"' in made["start.html"].partition("<main")[2]
    assert 'href="stains.html"' in made["check.html"].partition("<main")[2]


def test_settings_for_stains_have_places_of_their_own():
    assert topics.setting("label_train.minutes", "label_train") == "stains#setting-train-minutes"
    assert topics.setting("project.task", "check") == "stains#setting-task"
    assert topics.setting("train.minutes", "train") == "train#setting-minutes"
    names = [topics.anchor(item.key) for step in LABEL_MODELS for item in step_settings(step)]
    assert len(names) == len(set(names)) > 40


def test_pages_are_well_formed_and_ask_the_network_for_nothing(made, language):
    for name, text in made.items():
        tree = read(text)
        assert tree.get("lang") == language
        assert len(list(tree.iter("h1"))) == 1, name
        ids = [item.get("id") for item in tree.iter() if item.get("id")]
        assert len(ids) == len(set(ids)), name
        assert not list(tree.iter("script")) and not list(tree.iter("img"))
        assert "http:" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "") and "https:" not in text
        assert "prefers-color-scheme: dark" in text


def test_letters_stand_out_in_light_and_dark_and_on_paper():
    parts = re.split(r"@media \((?:prefers|max)[^)]*\)|@media print", html.STYLE)
    looks = [dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", part)) for part in parts]
    looks = [look for look in looks if look]
    assert len(looks) == 3
    for look in looks:
        full = {
            name: value if len(value) == 7 else "#" + "".join(2 * one for one in value[1:])
            for name, value in look.items()
        }
        for ink in ("ink", "muted", "link"):
            for back in ("back", "soft", "key"):
                assert palette.contrast(full[ink], full[back]) >= 4.5, (ink, back)


def test_every_link_leads_somewhere(made):
    ids = {name: {item.get("id") for item in read(text).iter()} for name, text in made.items()}
    for name, text in made.items():
        for link in read(text).iter("a"):
            page, _, section = link.get("href").partition("#")
            page = page or name
            assert page in made, f"{name}: {link.get('href')}"
            assert not section or section in ids[page], f"{name}: {link.get('href')}"


def test_both_languages_have_the_same_sections():
    for page in texts.PAGES:
        outlines = [
            [(block.level, block.anchor) for block in parse(texts.source(page, each)) if isinstance(block, Heading)]
            for each in LANGUAGES
        ]
        assert outlines[0] == outlines[1], page
        shapes = [
            [
                (type(block), len(getattr(block, "items", getattr(block, "rows", ()))))
                for block in parse(texts.source(page, each))
            ]
            for each in LANGUAGES
        ]
        assert shapes[0] == shapes[1], page


def test_both_languages_have_the_same_short_texts():
    def names(value, before=""):
        return (
            {key for name, inner in value.items() for key in names(inner, f"{before}.{name}")}
            if isinstance(value, dict)
            else {before}
        )

    assert names(texts.words("en")) == names(texts.words("de"))


@pytest.fixture(scope="module")
def shown_in_the_window() -> set[str]:
    """Every text that the window shows; buttons that ask further end in dots, which the help leaves out."""
    return {text.rstrip("\u2026") for text in collect.collect()}


def test_the_names_of_buttons_and_tabs_are_those_of_the_window(language, shown_in_the_window):
    folder = ROOT / "wizard" / "assets" / "help" / language
    german = {text.rstrip("\u2026") for text in catalogue.read("german")}
    for path in (*folder.glob("*.md"), folder / "words.toml"):
        for name in re.findall(r"\{\{(.+?)\}\}", path.read_text(encoding="utf-8")):
            assert name.rstrip("\u2026") in shown_in_the_window, f"{path.name}: {name}"
            assert name.rstrip("\u2026") in german, f"{path.name}: {name}"


def test_both_languages_name_the_same_buttons():
    for page in texts.PAGES:
        named = [
            set(re.findall(r"\{\{(.+?)\}\}", (ROOT / "wizard/assets/help" / each / f"{page}.md").read_text("utf-8")))
            for each in LANGUAGES
        ]
        assert named[0] <= named[1], page


def test_names_of_the_window_follow_its_language():
    made = book.pages("de", lambda text: f"<{text}>")
    assert "<strong>&lt;Start training&gt;</strong>" in made["train.html"]
    assert "<h1>&lt;Train&gt;</h1>" in made["train.html"] and "{{" not in "".join(made.values())


def test_every_topic_is_explained(language):
    known = book.anchors("why", language)
    for topic in {*topics.SETTINGS.values(), *(one for found in topics.RESULTS.values() for one in found)}:
        assert topic in known and topics.question(topic, language).endswith(("?", "?\u201c"))
    keys = {item.key for step in MODELS for item in step_settings(step)}
    assert set(topics.SETTINGS) <= keys and set(topics.RESULTS) <= set(STEPS)


def test_pages_are_made_once_and_again_when_a_text_changes(tmp_path):
    folder = book.make("en", folder=tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert book.make("en", folder=tmp_path) == folder
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    (folder / "complete.txt").write_bytes(b"\xff")
    (folder / "train.html").write_text("old", encoding="utf-8")
    book.make("en", folder=tmp_path)
    assert "Start training" in (folder / "train.html").read_text(encoding="utf-8")


def test_a_place_is_opened_at_its_section(tmp_path):
    folder = book.make("de", folder=tmp_path)
    assert book.opening(folder, "train", "de") == folder / "train.html"
    leads = book.opening(folder, "why#hold-out", "de")
    assert 'url=why.html#hold-out"' in leads.read_text(encoding="utf-8")
    read(leads.read_text(encoding="utf-8"))
    assert book.opening(folder, "nowhere#x", "de") == folder / "start.html"


def test_browsers_that_see_no_hidden_folders_get_another_one(tmp_path, monkeypatch):
    usual = book.cache()
    monkeypatch.setattr(book, "_SNAP", tmp_path)
    assert book.cache() == usual and usual.name == "help"
    (tmp_path / "firefox").write_text("", encoding="utf-8")
    assert book.cache().name == "CytoWizard help" and not any(part.startswith(".") for part in book.cache().parts)


def test_a_language_without_help_gets_the_first():
    assert texts.known("fr") == "en" and book.pages("fr") == book.pages("en")


def test_no_english_is_left_in_the_german_help():
    catalogue.use("de")
    try:
        made = book.pages("de", catalogue.say)
    finally:
        catalogue.use("en")
    for name, text in made.items():
        tree = read(text)
        words = [item for item in tree.iter() if item.tag not in ("style", "code", "title")]
        for item in words:
            for piece in (item.text or "", item.tail or ""):
                assert not re.search(r"\b(the|of|and|is|are|with|which|from|for)\b", piece), f"{name}: {piece}"


def test_the_small_part_of_markdown():
    text = "# A {#a}\n\nWords **bold**,\n*soft* `key` [link](b.md#c).\n\n- one\n  more\n- two\n\n1. first\n\n> Note\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[[settings]]"
    found = parse(text)
    assert found == [
        Heading(1, "A", "a"), Paragraph("Words **bold**, *soft* `key` [link](b.md#c)."), Items(("one more", "two")),
        Items(("first",), ordered=True), Paragraph("Note", "note"), Table(("a", "b"), (("1", "2"),)), Place("settings"),
    ]  # fmt: skip
    assert spans(found[1].text)[1] == Span("bold", "bold")
    assert html.line(found[1].text) == (
        'Words <strong>bold</strong>, <em>soft</em> <code>key</code> <a href="b.html#c">link</a>.'
    )
    assert plain(literal("stem_*; [x](y) `z`")) == "stem_*; [x](y) `z`"
    assert lines_of(found[5]) == ["a", "b", "1", "2"] and lines_of(found[6]) == []
    assert html.line("a < b & c") == "a &lt; b &amp; c"


def test_the_help_imports_no_screen_and_nothing_heavy():
    code = (
        "import sys\nsys.modules['tkinter'] = sys.modules['customtkinter'] = None\n"
        "import wizard.help.book, wizard.help.guide, wizard.help.seen\n"
        "print(sorted({'fpdf', 'matplotlib', 'numpy', 'jinja2', 'PIL'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
