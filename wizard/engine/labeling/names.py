"""What the name of a picture says: field of view, channel, plane of the z-stack, stain or mask.

Three ways of naming are understood:

- key-value names of the published data, `lab-X,well-A4,z_depth-3,channel-PHASE_CONTRAST,is_mask-false.png`;
- their variant, `well-A4,channel,value-DAPI_CONFOCAL,depth_computation,value-MAXPROJECT,kind,value-ORIGINAL.png`;
- words between separators, `A4_BF_z03.tif`, `A4_DAPI.tif`, or folders called so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

TRANSMITTED = (
    "transmitted_light", "transmission", "transmitted", "brightfield", "bright_field", "phase_contrast", "nomarski",
    "phase", "trans", "tpmt", "dic", "bf", "ph", "tl",
)  # fmt: skip
"""Words for pictures without stain."""

STAINS = (
    "propidium_iodide", "mitotracker", "lysotracker", "phalloidin", "cellmask", "nucgreen", "hoechst", "tubulin",
    "mcherry", "islet1", "nuclei", "nucleus", "sytox", "draq5", "actin", "tritc", "islet", "egfp", "dapi", "map2",
    "tuj1", "mito", "dead", "fitc", "nfh", "gfp", "rfp", "yfp", "cfp", "cy3", "cy5", "pi",
)  # fmt: skip
"""Words for stains that are known without being told; others are found beside transmitted-light pictures."""

_PLACE = ("z_depth", "depth_computation", "channel", "is_mask", "kind", "statistic")
"""Keys that tell pictures of one field apart."""

_Z = re.compile(
    r"(?<![A-Za-z0-9])(?:z[_-]?(?:depth|slice|plane)?|slice|plane|focus)[ _-]?0*(\d{1,3})(?![A-Za-z0-9])", re.I
)
_MASK = re.compile(r"(?<![A-Za-z0-9])mask(?![A-Za-z0-9])", re.I)
_EDGES = " _-.,"


@dataclass(frozen=True)
class Named:
    """What a name says; `z` None = not one of a stack, `channel` "" = unknown.

    `view` is what all pictures of a field of view share, `tags` are the keys in it;
    `whole` is a name of words without plane and mask: field and channel together.
    """

    view: str
    channel: str
    z: int | None = None
    mask: bool = False
    predicted: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    whole: str = ""


def normal(name: str) -> str:
    """Return a channel's name without case, spaces and signs, for comparisons."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def is_transmitted(channel: str) -> bool:
    """Tell whether a channel's name is one of a picture without stain."""
    plain = normal(channel)
    return any(plain == normal(word) for word in TRANSMITTED)


def pairs(stem: str) -> dict[str, str]:
    """Return the pieces of a key-value name; a key without value counts as the key of a `value-X` behind it."""
    found: dict[str, str] = {}
    waiting = ""
    for piece in stem.split(","):
        key, sign, value = piece.strip().partition("-")
        if not sign:
            waiting = key
            found[key] = ""
        elif key == "value" and waiting:
            found[waiting], waiting = value, ""
        else:
            found[key], waiting = value, ""
    return found


def published(stem: str) -> Named | None:
    """Understand a key-value name; None when it is none."""
    found = pairs(stem)
    if not found.get("channel") or not ("z_depth" in found or "depth_computation" in found):
        return None
    depth = found.get("z_depth", "")
    rest = {key: value for key, value in found.items() if key not in _PLACE}
    name = ",".join(f"{key}-{value}" if value else key for key, value in rest.items())
    return Named(
        name, found["channel"], int(depth) if depth.isdigit() else None,
        found.get("is_mask", "false").casefold() == "true",
        "PREDICTED" in stem.upper(), {key: value for key, value in rest.items() if value},
    )  # fmt: skip


def plain(stem: str, channels: Sequence[str] = ()) -> Named:
    """Understand a name of words; `channels` are words for channels besides those known. The last word counts."""
    z, mask, channel = None, False, ""
    found = list(_Z.finditer(stem))
    if found:
        z, stem = int(found[-1][1]), _without(stem, found[-1])
    marked = _MASK.search(stem)
    if marked:
        mask, stem = True, _without(stem, marked)
    whole = stem.strip(_EDGES)
    hit = find_word(stem, (*channels, *TRANSMITTED, *STAINS))
    if hit:
        channel, stem = hit[0], _without(stem, hit)
    return Named(stem.strip(_EDGES), channel, z, mask, whole=whole)


def find_word(text: str, words: Sequence[str]) -> re.Match[str] | None:
    """Return where the last of the words stands in a text, the longer one where two begin at one place."""
    hits = []
    for word in words:
        parts = re.findall(r"[A-Za-z0-9]+", word)
        if parts:
            pattern = r"(?<![A-Za-z0-9])" + r"[ _-]?".join(map(re.escape, parts)) + r"(?![A-Za-z0-9])"
            hits += list(re.finditer(pattern, text, re.I))
    return max(hits, key=lambda hit: (hit.end(), hit.end() - hit.start())) if hits else None


def _without(text: str, hit: re.Match[str]) -> str:
    before, after = text[: hit.start()].rstrip(_EDGES), text[hit.end() :].strip(_EDGES)
    return f"{before}_{after}" if before and after else before or after
