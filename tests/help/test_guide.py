"""The quick guide: two pages, from the same texts, in both languages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.help import guide, texts

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_two_pages(tmp_path, language):
    path = guide.write(tmp_path / "guide.pdf", language)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", data)) == 2


def test_it_is_made_once_for_the_same_texts(tmp_path):
    first = guide.ready(tmp_path, "en")
    before = first.stat().st_mtime_ns
    assert guide.ready(tmp_path, "en") == first and first.stat().st_mtime_ns == before
    assert guide.ready(tmp_path, "en", str.upper) != first and len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_part_that_it_takes_over_is_there(language):
    words = texts.words(language)["guide"]
    for page, anchor in guide._PARTS:
        assert guide.section(page, anchor, language), (page, anchor)
        assert words[f"{page}-{anchor}"]
    assert len(guide.rules(language)) == len(guide.rules("en")) >= 8


def test_it_is_made_from_the_command_line(tmp_path):
    path = tmp_path / "guide.pdf"
    command = [sys.executable, "-m", "wizard.help.guide"]
    done = subprocess.run([*command, str(path), "de"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(path) and path.is_file()
    wrong = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "Give the file" in wrong.stderr
