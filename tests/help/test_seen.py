"""What was shown once is remembered, and a damaged memory does no harm."""

from __future__ import annotations

import pytest

from wizard.help import seen


def test_it_is_remembered(settings_folder):
    assert not seen.was_seen("tour")
    seen.note("tour")
    assert seen.was_seen("tour") and not seen.was_seen("other")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_damaged_file_counts_as_nothing_seen(settings_folder, data):
    settings_folder.mkdir(parents=True)
    (settings_folder / "seen.json").write_bytes(data)
    assert not seen.was_seen("tour")
    seen.note("tour")
    assert seen.was_seen("tour")


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(tmp_path / "file"))
    seen.note("tour")
    assert not seen.was_seen("tour")
