"""Texts come in the language of the window; what the user named stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wizard.words import catalogue
from wizard.words.catalogue import own, say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    catalogue.use("de")
    yield
    catalogue.record(None)
    catalogue.use("en")


@pytest.mark.parametrize(
    ("english", "wanted"),
    [
        ("Frame size", "Rahmengröße"),
        ("The cells have no tag called {donor}.", "Die Zellen haben kein Kennzeichen namens {donor}."),
        ("1,234 cells", "1.234 Zellen"),
        ("Threshold 0.50", "Schwelle 0,50"),
        ("83.1 %", "83,1 %"),
        ("  Next: Parse  \u2192", "  Weiter: Einlesen  \u2192"),
        ("\u26a0 There is no model yet.", "\u26a0 Es gibt noch kein Modell."),
        ("Frame size was 40 px, now 48 px. Parse again.", "Rahmengröße war 40 px, jetzt 48 px. Erneut einlesen."),
        ("Learning rate 0.002 \u2192 0.001", "Lernrate 0,002 \u2192 0,001"),
        ("of 12 shown; all epochs were done", "von 12 gezeigten; alle Epochen fertig waren"),
        ("[81.0 to 92.5 %], 95 % interval", "[81,0 bis 92,5 %], 95-%-Intervall"),
        ("e.g. 3,6", "z. B. 3,6"),
        ("243 cells.", "243 Zellen."),
        ("", ""),
    ],
)
def test_a_text_is_said_in_german(english: str, wanted: str) -> None:
    assert say(english) == wanted


def test_several_sentences_are_said_one_by_one() -> None:
    said = say("Training ended because it got worse for 5 epochs. The model is that of epoch 3; a tenth of the learning "
               "rate would probably have gone on.")  # fmt: skip
    assert said == ("Das Training endete, weil es 5 Epochen lang schlechter wurde. Das Modell ist das der Epoche 3; "
                    "mit einem Zehntel der Lernrate wäre es wahrscheinlich weitergegangen.")  # fmt: skip


def test_a_refusal_of_a_setting_is_whole_german() -> None:
    said = say("Frame size: 'x' cannot be used. Give a whole number from 0 to 512 px, or width x height of 16 to 512 px "
               "each.")  # fmt: skip
    assert said == ("Rahmengröße: 'x' kann nicht verwendet werden. Anzugeben: eine ganze Zahl von 0 bis 512 px oder "
                    "Breite x Höhe von je 16 bis 512 px.")  # fmt: skip


def test_a_sentence_inside_of_another_is_said_too() -> None:
    said = say("2 files or single cells cannot be used: the picture is damaged: bad header.")
    assert said == "2 Dateien oder einzelne Zellen können nicht verwendet werden: Das Bild ist beschädigt: bad header."


@pytest.mark.parametrize(
    "name", ["Model", "Cells", "train", "0.5", "Tag 7", "class 1", "1,5", "Ch3", "from donor 1", "T cells"]
)
def test_values_that_the_user_named_stay(name: str) -> None:
    assert say(f"The cells have no tag called {name}.") == f"Die Zellen haben kein Kennzeichen namens {name}."
    assert say(own(name)) == name
    assert catalogue.say_cell(name) == name


def test_what_was_said_once_is_not_said_again() -> None:
    assert say(say("Art")) == "Art" and say(say("Kind")) == "Art"
    assert say(catalogue.own(f"{say('Warning')}: {say('There is no model yet.')}")).startswith("Warnung: Es gibt")


def test_what_is_missing_is_noted_and_stays_english() -> None:
    missing: set[str] = set()
    catalogue.record(missing)
    assert say("Something that nobody wrote.") == "Something that nobody wrote."
    say("Frame size")
    say(own("Anaphase"))
    assert missing == {"Something that nobody wrote."}


def test_english_is_shown_as_written() -> None:
    catalogue.use("en")
    for text in ("Frame size", "1,234 cells", "83.1 %", "use|class"):
        assert say(text) == text
    assert catalogue.say_in("use", "class") == "class"


def test_the_decimal_sign_may_be_chosen_apart() -> None:
    catalogue.use("de", ".")
    assert say("1,234 cells") == "1,234 Zellen"
    catalogue.use("en", ",")
    assert say("83.1 %") == "83,1 %"


def test_an_unknown_language_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.use("fr")
    assert catalogue.language() == "en"
    monkeypatch.setenv("CYTOWIZARD_LANGUAGE", "de")
    assert catalogue.from_environment() == "de"
    monkeypatch.setenv("CYTOWIZARD_LANGUAGE", "xx")
    assert catalogue.from_environment() == ""


def test_a_word_certain_to_be_the_programs() -> None:
    assert catalogue.say_in("use", "class") == "Klasse"
    assert say("class") == "class"


def test_hundreds_of_texts_a_second() -> None:
    import time

    texts = [f"Looking at file {number:,} of 9,999" for number in range(2000)]
    start = time.perf_counter()
    assert all(say(text).endswith("wird angesehen") for text in texts)
    assert time.perf_counter() - start < 2.0


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("95 %: 0.96 to 0.97", "95 %: 0,96 bis 0,97"), ("[70.1 to 89.2 %]", "[70,1 bis 89,2 %]"),
        ("0.80 to 0.89", "0,80 bis 0,89"), ("-0.05 to 0.03", "-0,05 bis 0,03"), ("0.041 \u00b1 0.012", "0,041 \u00b1 0,012"),
        ("20.0 %, 15.0 to 25.0 corrected", "20,0 %, 15,0 bis 25,0 korrigiert"), ("2026-01-15 10:30", "2026-01-15 10:30"),
        ("Trustworthiness 0.940. Neighbours kept: 81 %.", "Vertrauensw\u00fcrdigkeit 0,940. Erhaltene Nachbarn: 81 %."),
    ],
)  # fmt: skip
def test_intervals_and_figures_alone_are_shown_as_in_german(english: str, german: str) -> None:
    catalogue.use("de")
    try:
        assert catalogue.say(english) == german
        assert catalogue.say_cell(english) == german
    finally:
        catalogue.use("en")
