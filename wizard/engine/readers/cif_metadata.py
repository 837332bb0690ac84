"""What an ImageStream file tells of itself: channels, magnification, instrument; never persons or paths.

Source: fact sheet ifc_formats.md, sections 3, 4 and 6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.cif_chain import IMAGE, Chain, Entry, entries_at, read_at
from wizard.results import Channel

_DATE, _INSTRUMENT, _OBJECTS, _CROSSTALK, _XML = 306, 33006, 33018, 33020, 33027
_MERGED, _ANALYSIS, _ACQUISITION, _WHOLE = 33029, 33066, 33069, 33070
_CHANNEL_COUNT = 33000
_LONGEST_TEXT, _LONGEST_XML = 4096, 1 << 25
_PHYSICAL = 12

_PIXEL = {20: 1.0, 40: 0.5, 60: 0.3}
"""Magnification → µm per pixel; the files do not store it."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEAF = re.compile(r"<([A-Za-z_]\w*)>([^<>]*)</\1>")
_DEFAULT_NAME = re.compile(r"(?i)ch(annel)?[\s_-]*\d+")


@dataclass(slots=True)
class About:
    """The facts of one file.

    `used` are the physical numbers (from 1) of the stored channels as the settings tell them, () = not told;
    `names` physical number → the user's name; `bright` the bright-field channels; `magnification` 0 = unknown;
    `declared` the number of objects that the file claims (0 = none); `stored` the number of channels by tag 33000.
    """

    used: tuple[int, ...] = ()
    names: dict[int, str] = field(default_factory=dict)
    bright: frozenset[int] = frozenset()
    magnification: float = 0.0
    declared: int = 0
    stored: int = 0
    merged: bool = False
    whole: int = 0
    compensated: bool = False
    settings: bool = False
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def pixel_size(self) -> float:
        """µm per pixel, 0 = unknown."""
        return next((size for power, size in _PIXEL.items() if abs(self.magnification - power) < 0.5), 0.0)

    def channels(self, count: int) -> tuple[Channel, ...]:
        """Name the `count` channels stored; by position where the settings tell of another number of them."""
        numbers = self.used if len(self.used) == count else tuple(range(1, count + 1))
        return tuple(
            Channel(
                name=f"Ch{number}",
                number=number,
                label=self.names.get(number) or ("Bright field" if number in self.bright else ""),
            )
            for number in numbers
        )


def read_about(file: BinaryIO, chain: Chain) -> About:
    """Read the tags and the settings of a file; what is missing or damaged stays unknown."""
    tags = chain.about
    about = About()
    leaves = _leaves(_text(file, chain, tags.get(_XML), _LONGEST_XML))
    about.settings = bool(leaves)
    about.used = _flags(next((text for name, text in leaves.items() if name.startswith("ChannelInUseIndic")), ""))
    about.bright = frozenset(_flags(leaves.get("BfLedIndicators_0_11", "")))
    about.names = _names(leaves)
    about.magnification = _number(leaves.get("Magnification", ""))
    about.declared = max(_long(file, chain, _OBJECTS), 0)
    about.stored = max(_long(file, chain, _CHANNEL_COUNT), 0)
    about.merged = _long(file, chain, _MERGED) > 0
    about.whole = max(_long(file, chain, _WHOLE), 0)
    about.compensated = _compensates(file, chain)
    about.facts = _facts(file, chain, about)
    return about


def _facts(file: BinaryIO, chain: Chain, about: About) -> dict[str, str]:
    """Return title → value for the user."""
    images = np.flatnonzero(chain.kind == IMAGE)
    dated = None
    if len(images) and int(chain.offset[images[0]]) < 1 << 32:
        dated = entries_at(file, chain.order, int(chain.offset[images[0]])).get(_DATE)
    tags = chain.about
    facts = {
        "Instrument": _text(file, chain, tags.get(_INSTRUMENT), 80),
        "Magnification": f"{about.magnification:g}x" if about.magnification else "",
        "Pixel size": f"{about.pixel_size:g} µm" if about.pixel_size else "",
        "Recorded": _text(file, chain, dated, 80),
        "Acquired with": _software("INSPIRE", _text(file, chain, tags.get(_ACQUISITION), 80)),
        "Analysed with": _software("IDEAS", _text(file, chain, tags.get(_ANALYSIS), 80)),
        "Compensation": "Compensated" if about.compensated else "Not compensated",
        "Merged file": "Yes" if about.merged else "",
        "Subset": f"Of {about.whole:,} objects" if about.whole else "",
    }
    return {title: value for title, value in facts.items() if value}


def _software(name: str, version: str) -> str:
    return f"{name} {version}" if re.fullmatch(r"[\d.]+", version) else ""


def _data(file: BinaryIO, chain: Chain, entry: Entry | None, longest: int) -> bytes:
    """Return the bytes of a tag, b"" when it is missing, too long or outside of the file."""
    if entry is None or not 0 < entry.bytes <= longest or entry.offset + entry.bytes > chain.size:
        return b""
    try:
        return read_at(file, entry.offset, entry.bytes)
    except Unreadable:
        return b""


def _text(file: BinaryIO, chain: Chain, entry: Entry | None, longest: int) -> str:
    """Return the text of an ASCII tag without the characters that no XML may hold."""
    if entry is None or entry.type not in (1, 2, 7):
        return ""
    text = _data(file, chain, entry, longest).rstrip(b"\0").decode("utf-8", "replace")
    return _ILLEGAL.sub("", text).strip()


def _long(file: BinaryIO, chain: Chain, tag: int) -> int:
    """Return a whole number, -1 when it is missing."""
    entry = chain.about.get(tag)
    kind = {1: "u1", 3: "u2", 4: "u4"}.get(entry.type) if entry else None
    if entry is None or kind is None or entry.values != 1:
        return -1
    data = _data(file, chain, entry, 4)
    return int(np.frombuffer(data, chain.order + kind)[0]) if data else -1


def _compensates(file: BinaryIO, chain: Chain) -> bool:
    """Tell whether the crosstalk matrix does anything: it is there, and neither zero nor the identity."""
    entry = chain.about.get(_CROSSTALK)
    if entry is None or entry.type != 12:
        return False
    values = np.frombuffer(_data(file, chain, entry, 8 * _PHYSICAL**2), chain.order + "f8")
    side = round(len(values) ** 0.5)
    if not len(values) or side * side != len(values) or not np.isfinite(values).all():
        return False
    return bool(values.any()) and not np.array_equal(values.reshape(side, side), np.eye(side))


def _leaves(text: str) -> dict[str, str]:
    """Return element name → text of all innermost elements, the first of a name; a damaged XML gives what it can."""
    if not text:
        return {}
    found: dict[str, str] = {}
    root = _parsed(text)
    if root is not None:
        for element in root.iter():
            if isinstance(element.tag, str) and not len(element):
                found.setdefault(element.tag, (element.text or ""))
        return found
    for name, value in _LEAF.findall(text[: 1 << 20]):
        found.setdefault(name, value)
    return found


def _parsed(text: str) -> Element | None:
    """Parse XML; None when it is damaged or uses entities of its own."""
    body = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text)
    try:
        return fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None


def _flags(text: str) -> tuple[int, ...]:
    """Return the positions (from 1) of the ones in `1 1 0 ...`; () when it is not such a list of up to 12."""
    words = text.split()
    if not words or len(words) > _PHYSICAL or not set(words) <= {"0", "1"}:
        return ()
    return tuple(position for position, word in enumerate(words, 1) if word == "1")


def _number(text: str) -> float:
    """Return a positive number, 0 when it is none."""
    words = text.split()
    try:
        value = float(words[0]) if words else 0.0
    except ValueError:
        return 0.0
    return value if 0 < value < 1000 else 0.0


def _names(leaves: dict[str, str]) -> dict[int, str]:
    """Return physical number → the user's name: of the embedded analysis, else of the acquisition, else shown."""
    shown = {number: leaves.get(f"Channel{number}Name", "") for number in range(1, _PHYSICAL + 1)}
    listed = leaves.get("ChannelNames_0_11", "")
    pieces = listed.split("|" if "|" in listed else " ")
    acquired = dict(enumerate(pieces, 1)) if len(pieces) in (_PHYSICAL, _PHYSICAL + 1) else {}
    names: dict[int, str] = {}
    for found in (shown, acquired, _analysis_names(leaves.get("DafFile", ""))):
        for number, name in found.items():
            clean = " ".join(name.split())[:60]
            if clean and number <= _PHYSICAL and not _DEFAULT_NAME.fullmatch(clean):
                names[number] = clean
    return names


def _analysis_names(text: str) -> dict[int, str]:
    """Return physical number → name of the images in an embedded analysis (.daf)."""
    root = _parsed(text) if text.strip() else None
    names: dict[int, str] = {}
    for image in root.iter("image") if root is not None else ():
        channel = image.get("physicalChannel", "")
        if channel.isascii() and channel.isdigit() and len(channel) < 3:
            names[int(channel) + 1] = image.get("name", "")
    return names
