"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "wizard").rglob("*.py")) + sorted((ROOT / "installer").glob("*.py"))


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_fits_in_a_head(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    tree = ast.parse(text)
    assert ast.get_docstring(tree) or not text.strip()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno - node.lineno <= 65, node.name


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nothing_dangerous(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec"), node.lineno
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
            assert not {"pickle", "marshal", "shelve", "joblib", "socket", "requests", "urllib.request"} & set(names)


def test_engine_and_reports_import_without_a_screen():
    code = (
        "import sys, pkgutil, importlib\n"
        "sys.modules['tkinter'] = sys.modules['customtkinter'] = None\n"
        "import wizard.engine, wizard.reports\n"
        "for package in (wizard.engine, wizard.reports):\n"
        "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(found.name)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_light_modules_stay_light():
    code = (
        "import sys, wizard.jobs, wizard.project, wizard.plan, wizard.results\n"
        "heavy = {'tensorflow', 'keras', 'umap', 'phate', 'sklearn', 'numpy', 'scipy', 'pyarrow', 'zarr', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
