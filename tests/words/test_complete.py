"""The German catalogue has every text of the window, and nothing else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from wizard.words import catalogue, collect
from wizard.words.templates import Template

ASSETS = Path(collect.__file__).parents[1] / "assets"
FOUND = collect.collect()
GERMAN = catalogue.read("german")


def test_every_text_of_the_window_has_a_german_entry() -> None:
    missing = [f"{where}: {text}" for text, where in FOUND.items() if text not in GERMAN]
    assert not missing, "\n".join(["Write these into wizard/assets/german_*.toml:", *missing])


def test_no_entry_is_unused() -> None:
    assert [text for text in GERMAN if text not in FOUND] == []


def test_the_collector_finds_texts_of_all_kinds() -> None:
    for text in (
        "Train networks on images of single cells",  # a page
        "The cells have no tag called {}.",  # a refusal, composed
        "Their tags are: {}.",  # its last sentence
        "Frame size",  # the title of a setting
        "a whole number of at least {:g} cells",  # what a setting takes
        "{:,} trainings wait",  # a number with its noun
        "{} (weak supervision)",  # a sum of texts
        "Saving",  # one word, said by the engine
        "Install check",  # the title of a step
    ):
        assert text in FOUND, text


@pytest.mark.parametrize(
    "code",
    [
        'Text(self, "A new sentence.")',
        'raise UserError(f"The file {path.name} is odd.")',
        'title = "Odd"',
        'words = f"{count:,} odd cells"',
        'return "odd " + name',
        'self.write(x, y, "odd" if odd else "e")',
        "words.say(own(f\"{say('Odd')} {folder}\"))",
    ],
)
def test_a_new_text_in_the_source_is_missing(code: str, tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "new.py").write_text(f'"""A page of tests."""\n\n{code}\n', encoding="utf-8")
    found = {text for path in collect.modules(tmp_path) for text, _line in collect.Reader(path).texts()}
    assert len(found) == 1 and not found & set(GERMAN)


def test_what_never_reaches_the_screen_is_no_text() -> None:
    for text in ("<Button-1>", "#0072B2", "wizard/app.py", "val_loss", "utf-8", "--resume", "e", "{}"):
        assert not collect.is_text(text)


def test_lists_of_exceptions_are_sorted_and_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lists = tomllib.loads(collect.NOT_WORDS.read_text(encoding="utf-8"))
    for name in ("not_words", "more_words"):
        assert lists[name] == sorted(set(lists[name]))
    assert not set(lists["not_words"]) & set(GERMAN)
    assert set(lists["more_words"]) <= set(GERMAN)
    monkeypatch.setattr(collect, "NOT_WORDS", tmp_path / "none.toml")
    assert set(lists["not_words"]) <= set(collect.collect())


@pytest.mark.parametrize("path", sorted(ASSETS.glob("german_*.toml")), ids=lambda path: path.stem)
def test_files_are_toml_and_sorted(path: Path) -> None:
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    assert list(entries) == sorted(entries, key=lambda text: (text.casefold(), text))
    assert entries.items() <= GERMAN.items()


def test_tidying_sorts_and_takes_out_what_is_unused(tmp_path: Path) -> None:
    path = tmp_path / "german_some.toml"
    path.write_text('# Some.\n"b {}" = "B {}"\n"gone" = "weg"\n"A \\"q\\"" = "Ä „q“"\n', encoding="utf-8")
    collect.tidy({"b {}": "", 'A "q"': ""}, tmp_path)
    assert path.read_text(encoding="utf-8") == '# Some.\n"A \\"q\\"" = "Ä „q“"\n"b {}" = "B {}"\n'


def test_no_entry_stands_in_two_files() -> None:
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in ASSETS.glob("german_*.toml")]
    assert sum(len(entries) for entries in files) == len(GERMAN) > 2000


def test_every_value_has_its_place_in_german() -> None:
    for english, german in GERMAN.items():
        template = Template(english, german)
        places = [place for _literal, place in template.places if place is not None]
        count = len(template.numeric)
        assert all(place.index < count for place in places), english
        assert all(len(place.kind) != 1 or place.kind in "wln,g" for place in places), english
        # A verb that German does not need may go; nothing else.
        assert len({place.index for place in places}) >= count - 1, english


def filled(template: Template, parts: list[tuple[str, int | None]], value: str) -> str:
    """Return a text with `value` in all its places, or 7 where a number stands."""
    numbers = {index for index, numeric in enumerate(template.numeric) if numeric} | template.counts
    return "".join(literal + ("" if at is None else "7" if at in numbers else value) for literal, at in parts)


@pytest.mark.parametrize("value", ["xyz", "xyz (a, b)"])
def test_every_entry_is_found_again_with_values_in_it(value: str) -> None:
    catalogue.use("de")
    try:
        for english, german in GERMAN.items():
            template = Template(english, german)
            count = iter(range(99))
            source = [(literal, None if name is None else next(count)) for literal, name, _form in template.parts]
            wanted = [(literal, None if place is None else place.index) for literal, place in template.places]
            if value != "xyz" and "({}" in english or "} {" in english:
                continue  # where such a value ends cannot be told
            said = catalogue.say(filled(template, source, value))
            assert said.strip() == filled(template, wanted, value).strip()
    finally:
        catalogue.use("en")


def test_german_is_typeset_as_german() -> None:
    for english, german in GERMAN.items():
        plain = re.sub(r"\{[^}]*\}", "", german)
        assert '"' not in german or '"' in english, german
        assert german == german.strip(), german
        assert not re.search(r"z\.B\.|\b(dein|deine|du)\b", german), german
        if (
            re.search(r"\b0\.\d", re.sub(r"\{[^}]*\}", "", english))
            and "e.g. " not in english
            and "point" not in english
        ):
            assert re.search(r"\b0,\d", plain), german


def test_one_word_for_one_thing() -> None:
    terms = tomllib.loads((ASSETS / "terms_german.toml").read_text(encoding="utf-8"))["terms"]
    for word, stems in terms.items():
        wanted = re.compile(rf"(?<![\w/._-]){word}(s|es)?(?![\w_.]|: [A-Z])", re.IGNORECASE)
        for english, german in GERMAN.items():
            plain = re.sub(r"\{[^}]*\}", "", english)
            if wanted.search(plain.replace("= class", "").replace("e.g. class", "").replace("a cell of it", "")):
                assert any(stem.casefold() in german.casefold() for stem in stems), (word, english, german)
