"""Lists every text that may reach the screen, from the source; `python -m wizard.words.collect` says what is missing.

The source is read, not run: a string that holds two words or more counts as text, a single word where it begins
with a capital letter or is given to something that shows it. What is no text for people stands in
`assets/not_words.toml`.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from wizard import fileio
from wizard.words.sentences import split

ROOT = Path(__file__).parents[1]
NOT_WORDS = ROOT / "assets" / "not_words.toml"

OUTSIDE = re.compile(r"reports|words|help|support_clean|cli\w*|quiet")
"""Parts of the program whose texts do not reach the window, or (the help) are written in each language."""

_SILENT = {"ValueError", "TypeError", "KeyError", "RuntimeError", "AssertionError", "NotImplementedError"}
"""Errors that are mistakes of the program; their texts are for its makers."""

_QUIET_CALLS = {
    "bind",
    "compile",
    "sub",
    "match",
    "search",
    "fullmatch",
    "getattr",
    "setattr",
    "call",
    "configure_style",
}
_SHOWING = {"Text", "say", "write", "heading", "quiet_button", "act_button", "remark", "Tooltip"}
"""Calls whose arguments reach the screen, so that a single small word counts as well."""
_MOST_VARIANTS = 24
_WORD = re.compile(r"[A-Za-z]{2,}")
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_CAPITAL = re.compile(r"\W*[A-Z][a-z\u2026-]+\W*")
_VALUE = re.compile(r"\{[^}]*\}")
_NUMBER = re.compile(r"(?<!\w)-?\d[\d.]*(?:e[-+]\d+)?(?!\w)")
_CODE = re.compile(r"^[<\\^]|^[\[(]\S*$|[_=]{1}\S*\(|^\S+[/\\]\S+$|^#|^--|</|\\[dwsSDW]|\(\?")


def modules(root: Path = ROOT) -> list[Path]:
    """Return the source files whose texts may reach the window."""
    parts = {path: path.relative_to(root).parts[0].removesuffix(".py") for path in sorted(root.rglob("*.py"))}
    return [path for path, part in parts.items() if not OUTSIDE.fullmatch(part)]


class Reader:
    """The texts of one module, each with its line."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self._skipped: set[int] = set()
        self._shown: set[int] = set()
        self._skip()

    def _skip(self) -> None:
        for node in ast.walk(self.tree):
            body = getattr(node, "body", None)
            for item in body if isinstance(body, list) else ():
                if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant):
                    self._forget(item.value)
            if isinstance(node, ast.Call) and _called(node) in _SILENT | _QUIET_CALLS:
                self._forget(*node.args)
            if isinstance(node, ast.Call) and _called(node) in _SHOWING:
                self._shown.update(id(item) for part in node.args for item in _choices(part))
            if isinstance(node, ast.Call) and _called(node) == "setting":
                # These come from the settings themselves, as the form composes them.
                self._forget(node)
            if isinstance(node, (ast.AnnAssign, ast.arg)) and node.annotation is not None:
                self._forget(node.annotation)
            if isinstance(node, ast.Assign) and any(_name(target) == "__all__" for target in node.targets):
                self._forget(node.value)

    def _forget(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self._skipped.update(id(item) for item in ast.walk(node))

    def texts(self) -> Iterator[tuple[str, int]]:
        """Yield (text or template, line) of what is meant for people, in the order of the source."""
        for text, line, shown in self._strings():
            if is_text(text) or (shown and _LETTERS.search(text) and not _CODE.search(text)):
                yield text, line

    def _strings(self) -> Iterator[tuple[str, int, bool]]:
        seen: set[int] = set()
        for node in _in_order(self.tree):
            if id(node) in self._skipped or id(node) in seen:
                continue
            if isinstance(node, ast.Call) and _called(node) == "plural":
                yield from ((text, node.lineno, True) for text in _plural(node))
            if isinstance(node, ast.JoinedStr) or _is_sum(node):
                for part in _texts_below(node):
                    seen.update(id(item) for item in _inside(part) if isinstance(item, (ast.Constant, ast.JoinedStr)))
                seen.update(id(item) for item in ast.walk(node) if _is_sum(item))
                yield from ((text, getattr(node, "lineno", 0), False) for text in _variants(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value.replace("{", "{{").replace("}", "}}"), node.lineno, id(node) in self._shown


def _choices(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the texts of which an argument is one."""
    if isinstance(node, ast.IfExp):
        yield from itertools.chain(_choices(node.body), _choices(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from itertools.chain.from_iterable(_choices(item) for item in node.values)
    elif _text_of(node) is not None:
        yield node


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


def _is_sum(node: ast.AST) -> bool:
    """Tell whether texts are joined by `+`."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return False
    return any(_holds_text(side) for side in (node.left, node.right))


def _holds_text(node: ast.AST) -> bool:
    if isinstance(node, ast.IfExp):
        return _holds_text(node.body) and _holds_text(node.orelse)
    return isinstance(node, ast.JoinedStr) or _text_of(node) is not None or _is_sum(node)


def _text_of(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _texts_below(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts that the variants of a composed text already hold."""
    if isinstance(node, ast.JoinedStr):
        yield node
        for item in node.values:
            if isinstance(item, ast.Constant):
                yield item
            elif isinstance(item, ast.FormattedValue) and isinstance(item.value, ast.IfExp):
                yield from _texts_below(item.value)
    elif isinstance(node, ast.IfExp):
        yield from itertools.chain(_texts_below(node.body), _texts_below(node.orelse))
    elif _is_sum(node):
        assert isinstance(node, ast.BinOp)
        yield from itertools.chain(_texts_below(node.left), _texts_below(node.right))
    elif _text_of(node) is not None:
        yield node


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a composed text and its parts; what is shown inside of it, as by `say`, is a text of its own."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Call) and _called(child) in _SHOWING):
            yield from _inside(child)


def _variants(node: ast.AST) -> list[str]:
    """Return the templates that a composed text may become; a choice between texts gives one for each."""
    text = _text_of(node)
    if text is not None:
        return [text.replace("{", "{{").replace("}", "}}")]
    if isinstance(node, ast.IfExp):
        return _variants(node.body) + _variants(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return _product(node.values)
    if isinstance(node, ast.FormattedValue):
        simple = node.format_spec is None and node.conversion == -1
        if simple and isinstance(node.value, (ast.IfExp, ast.JoinedStr)):
            return _variants(node.value)
        return ["{" + _form(node) + "}"]
    if _is_sum(node):
        assert isinstance(node, ast.BinOp)
        return _product([node.left, node.right])
    return ["{}"]


def _product(nodes: list[ast.expr]) -> list[str]:
    made = itertools.product(*(_variants(item) for item in nodes))
    return ["".join(parts) for parts in itertools.islice(made, _MOST_VARIANTS)]


def _form(node: ast.FormattedValue) -> str:
    spec = node.format_spec
    if not isinstance(spec, ast.JoinedStr):
        return ""
    text = "".join(_text_of(item) or "0" for item in spec.values)
    return f":{text}" if text else ""


def _plural(node: ast.Call) -> list[str]:
    one, *many = (_text_of(item) for item in node.args[1:])
    if one is None:
        return []
    return [f"1 {one}", f"{{:,}} {many[0] if many and many[0] else one + 's'}"]


def is_text(text: str) -> bool:
    """Tell whether a string is meant for people."""
    bare = _VALUE.sub(" ", text)
    if _CODE.search(text) or not _WORD.search(bare):
        return False
    if " " in text.strip():
        return bool(_LETTERS.search(bare)) or len(_WORD.findall(bare)) > 1
    return bool(_CAPITAL.fullmatch(bare.strip()))


def figure_titles(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Yield (title, where) of every figure of the reports: the window lists them among the files of a result."""
    for path in sorted((root / "reports").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) == "Figure" and len(node.args) > 1:
                yield from (
                    (text, path.relative_to(root).as_posix()) for text in _variants(node.args[1]) if text != "{}"
                )


def _normal(text: str) -> str:
    """Take off signs, and values that are sentences of their own before or after this one."""
    bare = text.strip().strip("\u25b8\u25be\u25b4\u26a0\u25bc\u25b2\u2190\u2192\u2713").strip()
    bare = re.sub(r"^\{\}\s*(?=[A-Z])", "", bare)
    return re.sub(r"(?<=[.!?])(?<!e\.g\.)\s*\{\}$", "", bare)


def settings_texts() -> Iterator[tuple[str, str]]:
    """Yield (text, where) of every setting as the form shows it."""
    from wizard.changes import specials
    from wizard.plan import LABEL_MODELS, MODELS, step_settings
    from wizard.preference_plan import PART, preference_settings
    from wizard.settings import allowed

    for step in (*MODELS, *LABEL_MODELS, PART):
        for item in preference_settings() if step == PART else step_settings(step):
            where = f"setting {item.key}"
            yield from ((part, where) for part in (item.title, item.help, item.unit, item.section, item.takes))
            special = item.special
            if special:
                yield f"{special[:1].upper()}{special[1:]}.", where
                if special.startswith("empty = "):
                    yield special.removeprefix("empty = "), where
                yield from ((meaning, where) for meaning in specials(item).values())
            for label in item.choices.values():
                yield label, where
                yield label.split(":")[0], where
            if not item.takes and not item.choices:
                yield _NUMBER.sub("{:g}", allowed(item)), where
            if item.example and " " in item.example:
                yield f"e.g. {item.example}", where
            if step == "train":
                yield f"{item.title} {{}} \u2192 {{}}", "changed setting"


def collect(root: Path = ROOT) -> dict[str, str]:
    """Return every text of the window → where it was found first; sentences stand one by one."""
    ignored = set(no_words())
    found: dict[str, str] = {}
    sources: list[tuple[str, str]] = []
    for path in modules(root):
        reader = Reader(path)
        name = path.relative_to(root).as_posix()
        sources += [(text, f"{name}:{line}") for text, line in reader.texts()]
    sources += [(text, where) for text, where in settings_texts() if text and _WORD.search(text)]
    sources += figure_titles(root)
    sources += [(text, "more words") for text in _listed("more_words")]
    for text, where in sources:
        for sentence in split(text):
            bare = _normal(sentence)
            if bare not in ignored and (where == "more words" or _WORD.search(_VALUE.sub(" ", bare))):
                found.setdefault(bare, where)
    return found


def _listed(name: str) -> list[str]:
    return list(tomllib.loads(NOT_WORDS.read_text(encoding="utf-8"))[name]) if NOT_WORDS.is_file() else []


def no_words() -> list[str]:
    """Return the strings that look like text but never reach the screen."""
    return _listed("not_words")


def tidy(found: dict[str, str], assets: Path = ROOT / "assets") -> None:
    """Take out entries that no text uses, and sort what stays, in all files of the German catalogue."""
    for path in sorted(assets.glob("german_*.toml")):
        text = path.read_text(encoding="utf-8")
        entries = {key: value for key, value in tomllib.loads(text).items() if key in found}
        lines = [line for line in text.splitlines() if line.startswith("#")]
        for key in sorted(entries, key=lambda key: (key.casefold(), key)):
            lines.append(" = ".join(json.dumps(part, ensure_ascii=False) for part in (key, entries[key])))
        fileio.write_text(path, "\n".join(lines) + "\n")


def main(arguments: list[str]) -> int:
    """Write the texts without a German entry, and the entries that no text uses; `--tidy` takes those out."""
    from wizard.words.catalogue import read

    found = collect()
    if "--tidy" in arguments:
        tidy(found)
    known = read("german")
    for text in sorted(set(found) - set(known)):
        sys.stdout.write(f"missing  {found[text]}  {text}\n")
    for text in sorted(set(known) - set(found)):
        sys.stdout.write(f"unused  {text}\n")
    return 1 if set(found) ^ set(known) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
