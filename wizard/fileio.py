"""Whole or not at all: files and folders that are never half-written."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

_RETRY_SECONDS = 2.0


def _replace(source: Path, target: Path) -> None:
    """`os.replace`, retried for a while: scanners and spreadsheets hold files for a moment on Windows."""
    give_up = time.monotonic() + _RETRY_SECONDS
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def sync(path: Path) -> None:
    """Flush a written file to the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_with(path: Path, writer: Callable[[Path], object]) -> Path:
    """Let `writer` fill a temporary file beside `path`, then put it in place in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp{path.suffix}")
    try:
        writer(temporary)
        sync(temporary)
        _replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def write_bytes(path: Path, data: bytes) -> Path:
    """Write bytes, whole or not at all."""
    return write_with(path, lambda place: place.write_bytes(data))


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> Path:
    """Write JSON (UTF-8, indented; NaN becomes null), whole or not at all."""
    return write_text(path, json.dumps(_finite(value), indent=1, ensure_ascii=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def safe_cell(value: object) -> object:
    """Make text harmless for spreadsheets: a leading `= + - @`, tab or return gets an apostrophe, numbers do not."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a UTF-8 CSV (with byte-order mark, so that Excel reads umlauts), whole or not at all."""

    def fill(place: Path) -> None:
        with place.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream)
            table.writerow([safe_cell(name) for name in columns])
            table.writerows([safe_cell(value) for value in row] for row in rows)

    return write_with(path, fill)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it; nothing happens if it is not there."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; at the end it takes the place of `target`, or vanishes on an error."""
    staging = target.with_name(f".{target.name}.new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield staging
        swap_folder(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def swap_folder(staging: Path, target: Path) -> None:
    """Put `staging` in the place of `target`; the old folder is removed last."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        _replace(target, old)
    _replace(staging, target)
    shutil.rmtree(old, ignore_errors=True)


def recover_folders(parent: Path) -> None:
    """Mend what a kill in the middle of `swap_folder` left: old back in place, staging away."""
    if not parent.is_dir():
        return
    for old in parent.glob(".*.old"):
        target = parent / old.name[1 : -len(".old")]
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            _replace(old, target)
    for staging in parent.glob(".*.new"):
        shutil.rmtree(staging, ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.before")


def set_aside(folder: Path) -> None:
    """Replace a folder by an empty one; `bring_back` undoes it. A folder set aside before is kept."""
    if folder.exists():
        if _aside(folder).exists():
            shutil.rmtree(folder)
        else:
            _replace(folder, _aside(folder))
    folder.mkdir(parents=True)


def bring_back(folder: Path) -> None:
    """Restore the folder as it was before `set_aside`."""
    shutil.rmtree(folder, ignore_errors=True)
    if _aside(folder).exists():
        _replace(_aside(folder), folder)


def forget_aside(folder: Path) -> None:
    """Drop what `set_aside` kept."""
    shutil.rmtree(_aside(folder), ignore_errors=True)


def digest(path: Path) -> str:
    """Return 16 hex digits that change with a file's content; "" when there is no such file."""
    try:
        state = path.stat()
    except OSError:
        return ""
    return _digest(path, state.st_mtime_ns, state.st_size)


@lru_cache(32)
def _digest(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
