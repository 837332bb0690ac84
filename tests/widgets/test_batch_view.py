"""The last batch of a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.window import settle, wait, words
from wizard.widgets.batch_view import BatchView, read_batch


def write(path: Path, **more: Any) -> Path:
    images = np.zeros((6, 10, 20, 2), np.float32)
    images[:, :, :, 1] = np.linspace(-1, 1, 6)[:, None, None]
    arrays = {
        "images": images, "classes": np.array([0, 1, 0, 1, 0, 7]), "names": np.array(["day 1", "day 2"]),
        "channels": np.array(["Ch1", "Ch6"]),
    } | more  # fmt: skip
    np.savez(path, **arrays)
    return path


def test_captions_channels_and_one_grey_scale_for_all(tmp_path: Path) -> None:
    batch = read_batch(write(tmp_path / "b.npz"))
    assert batch.captions == ["day 1", "day 2", "day 1", "day 2", "day 1", ""]
    assert batch.channels == ["Ch1", "Ch6"]
    assert batch.contrast[1] == (-1.0, 1.0) and batch.contrast[0] == (0.0, 1.0)


@pytest.mark.parametrize(
    "wrong", [{"images": np.zeros((6, 10, 20))}, {"classes": np.array([1])}, {"images": np.zeros((0, 3, 3, 1))}]
)
def test_a_file_without_pictures_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="holds no pictures"):
        read_batch(write(tmp_path / "b.npz", **wrong))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "b.npz")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises((ValueError, OSError)):
        read_batch(path)


def test_the_chosen_channel_stays_when_the_next_batch_comes(root: Any, tmp_path: Path) -> None:
    view = BatchView(root)
    view.grid(row=0, column=0, sticky="nsew")
    root.update()
    path = write(tmp_path / "b.npz")
    view.show(path)
    wait(root, lambda: view.canvas.picture is not None)
    view.choose("Ch6")
    settle(root, 0.1)
    first = view.canvas.picture
    assert first is not None
    half = min(60, first.width // 12)
    assert first.getpixel((half, 5)) == (0, 0, 0), "the lowest grey level of all pictures"
    view.show(path)
    view.show(path)
    wait(root, lambda: view.canvas.picture is not first and not view._reading)
    assert view.canvas.channel == 1 and view.menu.get() == "Ch6"
    assert words(view).count("day 2") == 2


def test_a_file_that_cannot_be_read_is_said(root: Any, tmp_path: Path) -> None:
    view = BatchView(root)
    view.grid(row=0, column=0, sticky="nsew")
    view.show(tmp_path / "none.npz")
    wait(root, lambda: "cannot be read" in words(view))
