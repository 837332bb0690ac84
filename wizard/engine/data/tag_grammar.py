"""The grammar of the tag rules in a plan: one line of text to names and values, and back.

    parse.rename    level_1 = donor
    parse.merge     class: Anaphase, Telophase = Late mitosis
    parse.exclude   class: Debris, Junk        (these cells are left out)
                    level_3                    (the whole tag is left out)

A name or value that holds one of `, ; : = "`, or spaces at its ends, or nothing at all, stands in
double quotes; a double quote inside is doubled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wizard.engine.errors import UserError

_SPECIAL = re.compile(r'[,;:="\r\n\t]')
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_WRITE = {
    "rename": ("Rename tags", "tag = new name"),
    "merge": ("Merge values", "tag: value, value = new value"),
    "exclude": ("Exclude cells", "tag: value, value   or   tag"),
}


def parse_rename(line: str) -> tuple[str, str]:
    """Split `tag = new name` into its two names; raises UserError."""
    parts = _split(line, "=", "rename")
    if len(parts) != 2:
        raise wrong("rename", line, f"It has {len(parts) - 1} equals signs." if len(parts) > 1 else "It has no =.")
    tag, new = (_word(part, line, "rename") for part in parts)
    return _tag(tag, line, "rename"), _tag(new, line, "rename")


def parse_merge(line: str) -> tuple[str, list[str], str]:
    """Split `tag: value, value = new value` into tag, values and new value; raises UserError."""
    tag, rest = _tag_and_rest(line, "merge")
    if rest is None:
        raise wrong("merge", line, "It has no colon after the tag.")
    parts = _split(rest, "=", "merge", line)
    if len(parts) != 2:
        raise wrong("merge", line, f"It has {len(parts) - 1} equals signs." if len(parts) > 1 else "It has no =.")
    return tag, _values(parts[0], line, "merge"), _word(parts[1], line, "merge")


def parse_exclude(line: str) -> tuple[str, list[str] | None]:
    """Split `tag: value, value` into tag and values; the values of a tag alone are None. Raises UserError."""
    tag, rest = _tag_and_rest(line, "exclude")
    if len(_split(line, "=", "exclude")) > 1:
        raise wrong("exclude", line, "It has an equals sign.")
    return tag, None if rest is None else _values(rest, line, "exclude")


def format_rename(tag: str, new: str) -> str:
    """Write a rule for parse.rename."""
    return f"{quoted(tag)} = {quoted(new)}"


def format_merge(tag: str, values: Sequence[str], new: str) -> str:
    """Write a rule for parse.merge."""
    return f"{quoted(tag)}: {', '.join(map(quoted, values))} = {quoted(new)}"


def format_exclude(tag: str, values: Sequence[str] | None = None) -> str:
    """Write a rule for parse.exclude; without values the whole tag is left out."""
    return quoted(tag) if values is None else f"{quoted(tag)}: {', '.join(map(quoted, values))}"


def quoted(text: str) -> str:
    """Return a name or value as it is written in a rule."""
    if text and text == text.strip() and not _SPECIAL.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _split(text: str, mark: str, setting: str, line: str = "", most: int = -1) -> list[str]:
    """Split at a mark outside of quotes; a quote opens at the start of a word only."""
    parts: list[str] = []
    start, position, fresh = 0, 0, True
    while position < len(text):
        letter = text[position]
        if letter == '"' and fresh:
            position = _closing(text, position, setting, line or text)
        elif letter == mark and most != len(parts):
            parts.append(text[start:position])
            start = position + 1
        fresh = letter in ",:=" or (fresh and letter.isspace())
        position += 1
    return [*parts, text[start:]]


def _closing(text: str, position: int, setting: str, line: str) -> int:
    """Return the position of the quote that closes the one at `position`."""
    match = _QUOTED.match(text, position)
    if match is None:
        raise wrong(setting, line, "A double quote is not closed.")
    return match.end() - 1


def _word(text: str, line: str, setting: str) -> str:
    """Return a name or value without its quotes."""
    text = text.strip()
    if not text.startswith('"'):
        if not text:
            raise wrong(setting, line, "A name or value is missing.", 'For an empty value write "".')
        return text
    if _closing(text, 0, setting, line) != len(text) - 1:
        raise wrong(setting, line, "There is text behind a closing quote.")
    return text[1:-1].replace('""', '"')


def _tag(name: str, line: str, setting: str) -> str:
    if not name.strip():
        raise wrong(setting, line, "The name of a tag is missing.")
    return name


def _tag_and_rest(line: str, setting: str) -> tuple[str, str | None]:
    parts = _split(line, ":", setting, most=1)
    return _tag(_word(parts[0], line, setting), line, setting), parts[1] if len(parts) > 1 else None


def _values(text: str, line: str, setting: str) -> list[str]:
    return list(dict.fromkeys(_word(part, line, setting) for part in _split(text, ",", setting, line)))


def wrong(setting: str, line: str, why: str, action: str = "") -> UserError:
    """Return the error about a rule of the setting `rename`, `merge` or `exclude`."""
    title, form = _WRITE[setting]
    return UserError(f"{title}: the rule {line!r} cannot be used.", why, action or f"Write it as: {form}")
