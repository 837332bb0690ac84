"""Images are written in order, in pieces, and a run that was killed goes on where it stood."""

from __future__ import annotations

import numpy as np
import pytest
import zarr

from tests.engine.data.fake_reader import FakeReader, make_roster
from wizard.engine.data import build, dataset, reading
from wizard.engine.data.frames import Framing
from wizard.engine.errors import Cancelled, Paused

KEPT = list(make_roster(1).entries[0].contents.channels)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(dataset, "_SHARD", 16)
    monkeypatch.setattr(dataset, "_CHUNK", 8)
    monkeypatch.setattr(reading, "_CELLS", 7)


def job(folder, roster, start=0, masks=False, size=(24, 24)):
    return build.Job(folder, roster, KEPT, Framing(size), "stored", np.dtype(np.uint16), masks, start)


def images(folder):
    return zarr.open_array(folder / "images.zarr", mode="r")[:]


def quiet(fraction, label=""):
    pass


@pytest.mark.parametrize("count", [1, 7, 16, 100])
def test_all_cells_in_their_order(tmp_path, count):
    reader = FakeReader()
    written = build.write_images(job(tmp_path, make_roster(count, reader)), quiet)
    stored = images(tmp_path)
    assert written.rows == list(range(count))
    assert stored.shape == (count, 2, 24, 24)
    for number in range(count):
        np.testing.assert_array_equal(stored[number, :, 2:-2, 2:-2], reader.image(number))
    assert not list(tmp_path.glob("progress*"))
    assert len(set(written.digests)) == count


def test_rectangular_frames(tmp_path):
    reader = FakeReader(masks=True)
    build.write_images(job(tmp_path, make_roster(20, reader, masks=True), masks=True, size=(16, 26)), quiet)
    stored = images(tmp_path)
    assert stored.shape == (20, 2, 16, 26)
    for number in range(20):
        np.testing.assert_array_equal(stored[number, :, :, 3:-3], reader.image(number)[:, 2:-2])
    masks = zarr.open_array(tmp_path / "masks.zarr", mode="r")[:]
    assert masks.shape == stored.shape
    assert masks[:, :, :, 3:-3].all()
    assert not masks[:, :, :, :3].any()


def test_lost_cells_leave_no_gap(tmp_path):
    reader = FakeReader(lost={0, 15, 16, 40}, breaks_at=50)
    written = build.write_images(job(tmp_path, make_roster(60, reader)), quiet)
    stored = images(tmp_path)
    expected = [number for number in range(50) if number not in reader.lost]
    assert written.rows == expected
    assert [row for row, _ in written.lost] == sorted(reader.lost) + list(range(50, 60))
    assert dict(written.lost)[40] == "The pixels are damaged."
    assert dict(written.lost)[55] == "The file ends here."
    for place, number in enumerate(expected):
        np.testing.assert_array_equal(stored[place, :, 2:-2, 2:-2], reader.image(number))


def test_masks_lie_beside_the_images(tmp_path):
    build.write_images(job(tmp_path, make_roster(20, masks=True), masks=True), quiet)
    masks = zarr.open_array(tmp_path / "masks.zarr", mode="r")[:]
    assert masks.shape == (20, 2, 24, 24)
    assert masks.sum() == 20 * 2 * 20 * 20


class Killed(Exception):
    pass


@pytest.mark.parametrize("stop_at", [0.05, 0.3, 0.55, 0.99])
def test_a_killed_run_goes_on_where_it_stood(tmp_path, stop_at):
    lost = {3, 17, 31, 32, 33, 80}
    whole = build.write_images(job(tmp_path / "whole", make_roster(100, FakeReader(lost))), quiet)

    def kill(fraction, label=""):
        if fraction >= stop_at:
            raise Killed

    folder = tmp_path / "part"
    with pytest.raises(Killed):
        build.write_images(job(folder, make_roster(100, FakeReader(lost))), kill)
    reader = FakeReader(lost)
    again = build.write_images(job(folder, make_roster(100, reader)), quiet)
    assert again == whole
    np.testing.assert_array_equal(images(folder), images(tmp_path / "whole"))
    if stop_at > 0.5:
        assert min(pick for picks in reader.calls for pick in picks) >= 32


def test_a_half_written_note_is_not_believed(tmp_path):
    with pytest.raises(Killed):
        build.write_images(job(tmp_path, make_roster(100)), lambda share, label="": share > 0.9 and _raise())
    log = tmp_path / "progress.jsonl"
    lines = log.read_text().splitlines()
    log.write_text("\n".join(lines[:2]) + '\n{"file": "progr')
    again = build.write_images(job(tmp_path, make_roster(100)), quiet)
    assert again.rows == list(range(100))
    np.testing.assert_array_equal(images(tmp_path)[99, :, 2:-2, 2:-2], FakeReader().image(99))


def _raise():
    raise Killed


def test_cells_are_written_behind_those_that_were_there(tmp_path):
    build.write_images(job(tmp_path, make_roster(21)), quiet)
    build.write_images(job(tmp_path, make_roster(30, FakeReader(lost={5})), start=21), quiet)
    stored = images(tmp_path)
    assert len(stored) == 50
    expected = [*range(21), *[number for number in range(30) if number != 5]]
    for place, number in enumerate(expected):
        np.testing.assert_array_equal(stored[place, :, 2:-2, 2:-2], FakeReader().image(number))


def test_a_stop_keeps_what_was_read(tmp_path):
    part = build.prepare_folder(tmp_path / "main.cells", "one")
    with pytest.raises(Paused), build.Keeping(part):
        build.write_images(job(part, make_roster(100)), quiet, lambda: True)
    reader = FakeReader()
    assert build.write_images(job(part, make_roster(100, reader)), quiet).rows == list(range(100))
    np.testing.assert_array_equal(images(part)[50, :, 2:-2, 2:-2], reader.image(50))


def test_another_key_starts_anew(tmp_path):
    place = tmp_path / "main.cells"
    part = build.prepare_folder(place, "one")
    (part / "note").touch()
    assert (build.prepare_folder(place, "one") / "note").exists()
    assert not (build.prepare_folder(place, "two") / "note").exists()


@pytest.mark.parametrize(("error", "kept"), [(Cancelled, False), (Killed, True)])
def test_a_cancel_drops_what_a_fault_keeps(tmp_path, error, kept):
    part = build.prepare_folder(tmp_path / "main.cells", "one")
    with pytest.raises(error), build.Keeping(part):
        raise error
    assert part.exists() == kept
