from __future__ import annotations

from typing import Any

from tests.window import below, settle, words
from wizard.results import Cue
from wizard.widgets.cues import cue_list, summary
from wizard.widgets.symbols import Symbol

CUES = [
    Cue(level="note", subject="Duplicates", text="Two are the same."),
    Cue(level="problem", subject="Unreadable", text="A file is cut off.", action="Copy it again.", count=9,
        files=[f"/raw/run{n}/cell.tif" for n in range(9)]),
    Cue(level="warning", subject="Frame", text="Too small.", action="Use a larger one.", files=["C:/a/b.cif"]),
]  # fmt: skip


def test_cues_are_grouped_the_worst_first_with_word_text_and_action(root: Any) -> None:
    shown = cue_list(root, CUES)
    shown.grid(sticky="ew")
    settle(root, 0.1)
    said = words(shown)
    order = [
        "Problems (1)", "Problem: Unreadable", "A file is cut off.", "Copy it again.", "cell.tif",
        "Warnings (1)", "Warning: Frame", "Too small.", "Use a larger one.", "b.cif",
        "Notes (1)", "Note: Duplicates", "Two are the same.",
    ]  # fmt: skip
    places = [said.index(piece) for piece in order]
    assert places == sorted(places)
    assert len(below(shown, Symbol)) == 3
    assert "and others" in said and said.count("cell.tif") == 5


def test_without_cues_it_says_so(root: Any) -> None:
    shown = cue_list(root, [])
    shown.grid(sticky="ew")
    settle(root, 0.05)
    assert "Nothing was found" in words(shown)


def test_the_summary_names_the_worst() -> None:
    assert summary(CUES).startswith("Something must be mended")
    assert "look at the warnings" in summary([CUES[0], CUES[2]])
    assert summary([CUES[0]]) == summary([]) == "The images look good."
