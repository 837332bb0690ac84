"""Names of folders, files and tags that look as if they told who a patient is.

Such names would go into tables, reports and models. The cues show their first letters only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wizard.engine.data.checks_words import cells, listed
from wizard.engine.data.roster import Roster
from wizard.results import Cue

_WORDS = re.compile(
    r"(?<![a-z])(mrn|dob|d\.o\.b|ssn|nhs|patient[ ._-]?names?|names?[ ._-]of[ ._-](the[ ._-])?patients?"
    r"|date[ ._-]?of[ ._-]?birth|birth[ ._-]?dat[ea]|birthday|geburtsdatum|geb(?=\.)|surname|forename|first[ ._-]?name"
    r"|last[ ._-]?name|given[ ._-]?name|family[ ._-]?name|vorname|nachname|pr[eé]nom|medical[ ._-]record"
    r"|hospital[ ._-]?(number|no|nr|id)|patienten(name|nummer))(?![a-z])"
)
_NAME = re.compile(r"([^\W\d_][\w'’-]*),[\s_]*([^\W\d_][\w'’-]*\.?)([\s_]+[^\W\d_][\w.'’-]*)*")
_FULL_NAME = re.compile(r"([^\W\d_][\w'’-]+)[\s_]+([^\W\d_][\w'’-]+)")
_PERSON = re.compile(r"(?i)(patient|subject|person|name)[\s,._-]+(?P<rest>.+)")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?<!\d\.)[A-Za-z]{0,8}[#]?(\d{6,12})(?![0-9A-Za-z])")
_DATE = re.compile(
    r"(?<!\d)(?:(?P<y1>\d{4})[-._/ ](?P<m1>\d{1,2})[-._/ ](?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2})[-._/ ](?P<m2>\d{1,2})[-._/ ](?P<y2>\d{4}))(?!\d)"
)
_BORN = range(1900, 2010)
"""Years that are taken for a birth; later dates are mostly those of a measurement."""
_MEASURED = range(2010, 2100)
_ID_WORDS = re.compile(r"(?<![a-z])(id|ids|nr|no|number|nummer|record|case|patient|patients|subject|donor)(?![a-z])")
_KINDS = {
    "words": "words such as MRN, date of birth or name",
    "name": "surname and first name",
    "date": "a date of birth",
    "number": "a record number of 6 or more digits",
}


@dataclass(frozen=True)
class _Place:
    """A place where names stand: its words for the user, and the distinct names."""

    title: str
    names: frozenset[str]
    numbers: bool = True


def name_cues(roster: Roster) -> Iterator[Cue]:
    """Yield one cue for each folder level, the file names and each tag with suspicious names."""
    for place in _places(roster):
        counting = _counters(place.names) if place.title == "file names" else frozenset()
        found = {name: kind for name in sorted(place.names) if (kind := suspicion(name, place.numbers, counting))}
        if found:
            kinds = [text for kind, text in _KINDS.items() if kind in found.values()]
            yield Cue(
                level="warning",
                subject="Patient data",
                text=f"{cells(len(found), 'name')} among the {place.title} may tell who a patient is "
                f"({', '.join(kinds)}): {listed([masked(name) for name in found], 3)}.",
                action="Use a code instead, e.g. Donor A: names go into tables, reports and models.",
                count=len(found),
            )


def suspicion(name: str, numbers: bool = True, counting: frozenset[str] = frozenset()) -> str:
    """Return what a name looks like: `words`, `name`, `date`, `number`, or "" for nothing.

    `numbers` False passes over record numbers, `counting` are digits that are known to count files.
    """
    person = _PERSON.fullmatch(name)
    rest = person["rest"] if person else name
    if _WORDS.search(name.casefold()):
        return "words"
    if _capital(_NAME.fullmatch(rest)) or (person and _capital(_FULL_NAME.fullmatch(rest))):
        return "name"
    if any(_is_birth(*_parts(match)) for match in _DATE.finditer(name)):
        return "date"
    digits = [text for text in _NUMBER.findall(name) if text not in counting]
    if any(_packed(text, _BORN) for text in digits):
        return "date"
    if numbers and any(not _packed(text[:8], _MEASURED) and not _short_date(text) for text in digits):
        return "number"
    return ""


def masked(name: str) -> str:
    """Return a name with the first letter of each word only, e.g. `M…, A…`."""
    return re.sub(r"([^\W_])[^\W_]*", r"\1…", name)


def discreet(name: str) -> str:
    """Return a name as it may be written into logs: masked when it may tell who a patient is."""
    return masked(name) if suspicion(name) else name


def _capital(match: re.Match[str] | None) -> bool:
    """Tell whether both words start with a capital letter and are no abbreviations such as CD4 or DNA."""
    if match is None or any(letter.isdigit() for letter in match[1] + match[2]):
        return False
    return match[1][0].isupper() and match[2][0].isupper() and (len(match[1]) > 3 or not match[1].isupper())


def _parts(match: re.Match[str]) -> tuple[int, int, int]:
    first = match["y1"] is not None
    return int(match["y1" if first else "y2"]), int(match["m1" if first else "m2"]), int(match["d1" if first else "d2"])


def _is_birth(year: int, month: int, day: int) -> bool:
    """Tell whether the numbers are a day in a year of birth; day and month may be swapped."""
    return year in _BORN and 1 <= min(month, day) <= 12 and 1 <= max(month, day) <= 31


def _packed(text: str, years: range) -> bool:
    """Tell whether 8 digits are a date in some years, written as yyyymmdd or ddmmyyyy."""
    if len(text) != 8:
        return False
    orders = ((text[:4], text[4:6], text[6:]), (text[4:], text[2:4], text[:2]))
    return any(int(y) in years and 1 <= int(m) <= 12 and 1 <= int(d) <= 31 for y, m, d in orders)


def _short_date(text: str) -> bool:
    """Tell whether 6 digits are a date of a measurement, written as yymmdd or ddmmyy."""
    return len(text) == 6 and (_packed("20" + text, _MEASURED) or _packed(text[:4] + "20" + text[4:], _MEASURED))


def _counters(names: Iterable[str]) -> frozenset[str]:
    """Return the digits of file names that count: with zeros in front, or many that lie close together."""
    found = {digits for name in names for digits in _NUMBER.findall(name)}
    values = sorted(int(digits) for digits in found)
    dense = len(values) >= 50 and len(values) > 0.001 * (values[-1] - values[0])
    return frozenset(digits for digits in found if dense or digits.startswith("0"))


def _places(roster: Roster) -> Iterator[_Place]:
    levels: dict[int, set[str]] = {}
    files: set[str] = set()
    roots: set[str] = set()
    for entry in roster.entries:
        *folders, last = entry.source.name.split("/")
        for level, folder in enumerate(folders, start=1):
            levels.setdefault(level, set()).add(folder)
        stem = last.split(".")[0] if last[:1] != "." else last
        # The number of the object itself is in the names of files that an instrument exports.
        if not (digits := _NUMBER.findall(stem)) or not {*map(str, entry.contents.objects[:1])} & {*digits}:
            files.add(stem)
        roots.add(entry.source.root.name)
    yield _Place("names of input folders", frozenset(roots))
    for level, names in sorted(levels.items()):
        yield _Place(f"folders of level {level}", frozenset(names))
    yield _Place("file names", frozenset(files))
    own = {name for name in roster.tags if roster.origins.get(name, "") not in ("folder names", "file names", "")}
    yield _Place("names of tags", frozenset(roster.tags))
    check: Callable[[str], object] = _ID_WORDS.search
    for name in sorted(own):
        values = frozenset(str(value) for value in set(roster.tags[name].tolist()))
        yield _Place(f"values of the tag {name}", values, bool(check(name.casefold())))
