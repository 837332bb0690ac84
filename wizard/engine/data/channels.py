"""Which channels a data set keeps, what they are called, and which of a source's are read for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError

from wizard.engine.data.roster import Roster
from wizard.engine.errors import UserError
from wizard.parse_plan import IMAGE_SETTINGS, TAG_SETTINGS, ParsePlan
from wizard.results import Channel

GREY = ("Grey",)
COLOUR = ("Red", "Green", "Blue")
_COLOUR_VALUE = re.compile(r"#[0-9a-fA-F]{6}")


def kept_channels(roster: Roster, wanted: str, colour: str = "stored") -> list[Channel]:
    """Return the channels to keep: the wanted ones (numbers or names), else the most common set.

    Raises UserError for a channel that no cell has.
    """
    weights: Counter[tuple[tuple[str, int], ...]] = Counter()
    known: dict[tuple[str, int], Channel] = {}
    for index, count in enumerate(np.bincount(roster.entry, minlength=len(roster.entries)).tolist()):
        shown = as_kept(roster.entries[index].contents.channels, colour)
        weights[tuple((channel.name, channel.number) for channel in shown)] += count
        for channel in shown:
            before = known.setdefault((channel.name, channel.number), channel)
            if channel.label and not before.label:
                known[channel.name, channel.number] = channel
    if not wanted.strip():
        most = max(weights, key=lambda channels: (weights[channels], len(channels)))
        return [known[key] for key in most]
    return _named(wanted, sorted(known.values(), key=lambda channel: (channel.number, channel.name)))


def _named(wanted: str, known: Sequence[Channel]) -> list[Channel]:
    chosen: list[Channel] = []
    for word in (part.strip() for part in wanted.strip("[]").split(",")):
        match = [
            channel for channel in known
            if word and word.casefold() in (channel.name.casefold(), channel.label.casefold(), str(channel.number))
        ]  # fmt: skip
        if not match:
            listed = ", ".join(f"{channel.number} ({channel.shown})" for channel in known)
            raise UserError(
                f"No cell has a channel {word!r}.", f"The channels found are: {listed}.", "Choose among these."
            )
        chosen.append(match[0])
    if len({channel.number for channel in chosen}) < len(chosen):
        raise UserError("A channel is named twice.", f"The channels given are: {wanted}.", "Name each one once.")
    return chosen


def as_kept(channels: Sequence[Channel], colour: str) -> tuple[Channel, ...]:
    """Return a source's channels as they are after the conversion between colour and grey."""
    names = tuple(channel.name for channel in channels)
    if colour == "grey" and names == COLOUR:
        return (Channel(name="Grey", number=1),)
    if colour == "rgb" and names == GREY:
        return tuple(Channel(name=name, number=number) for number, name in enumerate(COLOUR, start=1))
    return tuple(channels)


def numbers_to_read(channels: Sequence[Channel], kept: Sequence[Channel], colour: str) -> list[int] | None:
    """Return the channel numbers to read from a source for the kept ones, None when it lacks one."""
    shown = as_kept(channels, colour)
    has = {(channel.name, channel.number) for channel in shown}
    if any((channel.name, channel.number) not in has for channel in kept):
        return None
    converted = len(shown) != len(channels)
    return [channel.number for channel in (channels if converted else kept)]


def with_names(channels: Sequence[Channel], plan: ParsePlan) -> list[Channel]:
    """Return the channels with the user's own names and colours.

    Raises UserError for a rule that cannot be understood; a rule about a channel that is not there is passed over.
    """
    labels = _by_number(plan.channel_names, "Channel names", "3 = Bright field")
    colours = _by_number(plan.channel_colours, "Channel colours", "3 = #ff0000")
    wrong = [value for value in colours.values() if not _COLOUR_VALUE.fullmatch(value)]
    if wrong:
        raise UserError(f"{wrong[0]!r} is no colour.", "", "Write a colour as #rrggbb, for example #ff0000.")
    return [
        channel.model_copy(
            update={"label": labels.get(channel.number, channel.label),
                    "colour": colours.get(channel.number, channel.colour)}
        )
        for channel in channels
    ]  # fmt: skip


def _by_number(rules: Sequence[str], title: str, example: str) -> dict[int, str]:
    found = {}
    for rule in rules:
        number, _, value = rule.partition("=")
        if not number.strip().isdecimal() or not value.strip():
            raise UserError(f"{title}: {rule!r} cannot be used.", "", f"Write number = value, for example {example}.")
        found[int(number)] = value.strip()
    return found


def plan_of_model(manifest: Mapping[str, Any], inputs: Sequence[str], name: str) -> ParsePlan:
    """Return the settings with which a model's own cells were parsed, for other inputs.

    Raises UserError when the model's settings cannot be used.
    """
    stored = manifest.get("parse", {})
    allowed = {key: stored[key] for key in (*IMAGE_SETTINGS, *TAG_SETTINGS) if key in stored}
    try:
        return ParsePlan(**allowed, input=list(inputs), name=name)
    except ValidationError:
        raise UserError(
            "The model cannot be used.", "Its settings for reading images are damaged or from a newer program.",
            "Choose another model, or train it again.",
        ) from None  # fmt: skip


def of_model(roster: Roster, manifest: Mapping[str, Any], colour: str) -> list[Channel]:
    """Return the model's channels, if the images have them; raises UserError otherwise."""
    needed = [Channel(**channel) for channel in manifest["channels"]]
    try:
        found = kept_channels(roster, ",".join(str(channel.number) for channel in needed), colour)
    except UserError as error:
        raise UserError(
            "The images do not fit the model.",
            f"The model needs the channels {', '.join(item.shown for item in needed)}. {error.what} {error.why}",
            "Choose images with these channels, or train a model on the channels that you have.",
        ) from None
    names = [[channel.name for channel in channels] for channels in (found, needed)]
    if names[0] != names[1]:
        had, needs = (", ".join(each) for each in names)
        raise UserError(
            "The images do not fit the model.", f"They have {had}; the model needs {needs}.", "Choose other images."
        )
    return needed
