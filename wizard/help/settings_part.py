"""The settings of a step for its page of the help, from their declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wizard.help import texts, topics
from wizard.help.blocks import Block, Heading, Items, Paragraph, literal
from wizard.help.texts import Translate
from wizard.plan import TITLES, plain, step_settings
from wizard.settings import Setting

_MOST_CHOICES = 12
"""Longer lists of choices are only in the form."""


def blocks(step: str, language: str, translate: Translate = str) -> list[Block]:
    """Return the settings of a step: the basic ones, then the advanced ones by section."""
    every = texts.words(language, translate)
    words, when = every["settings"], every["when"]
    settings = step_settings(step)
    found: list[Block] = [Heading(2, words["basic"], "settings")]
    for item in settings:
        if item.basic:
            found += _one(item, words, when, translate)
    advanced = [item for item in settings if not item.basic]
    if advanced:
        found += [Heading(2, words["advanced"], "advanced"), Paragraph(words["about_advanced"])]
    for section in dict.fromkeys(["", *(item.section for item in advanced)]):
        own = [item for item in advanced if item.section == section]
        if section and own:
            found.append(Heading(4, literal(translate(section))))
        for item in own:
            found += _one(item, words, {}, translate)
    return found


def of_steps(steps: Sequence[str], language: str, translate: Translate = str) -> list[Block]:
    """Return the settings of several steps on one page, each under its title; advanced ones follow by section."""
    every = texts.words(language, translate)
    words, when = every["settings"], every["when"]
    found: list[Block] = []
    for step in steps:
        title = translate(TITLES.get(step, step.capitalize()))
        found.append(Heading(2, literal(f"{words['basic']}: {title}"), f"settings-{plain(step)}"))
        settings = step_settings(step)
        for section in dict.fromkeys("" if item.basic else item.section or words["advanced"] for item in settings):
            if section:
                found.append(Heading(4, literal(translate(section))))
            for item in settings:
                if section == ("" if item.basic else item.section or words["advanced"]):
                    found += _one(item, words, when if item.basic else {}, translate)
    return found


def _one(item: Setting, words: dict[str, Any], when: dict[str, str], translate: Translate) -> list[Block]:
    unit = f" ({translate(item.unit)})" if item.unit else ""
    special = f" {item.special[:1].upper()}{item.special[1:]}." if item.special else ""
    said = translate(item.help + special)
    found: list[Block] = [
        Heading(3, literal(translate(item.title) + unit), topics.anchor(item.key)),
        Paragraph(literal(said)),
    ]
    if item.key in when:
        found.append(Paragraph(f"**{words['when']}** {when[item.key]}"))
    if item.choices and len(item.choices) <= _MOST_CHOICES:
        found.append(Items(tuple(literal(translate(label)) for label in item.choices.values())))
    facts = [f"{words['preset']}: {literal(_shown(item, words, translate))}", *_limits(item, words, translate)]
    if item.example:
        facts.append(f"{words['example']}: `{translate(item.example)}`")
    facts.append(f"{words['name']}: `{item.key}`")
    found.append(Paragraph(" · ".join(facts), "muted"))
    return found


def _shown(item: Setting, words: dict[str, Any], translate: Translate) -> str:
    if isinstance(item.default, bool):
        return str(words["yes"] if item.default else words["no"])
    if isinstance(item.default, list):
        return ", ".join(translate(item.choices.get(str(one), str(one))) for one in item.default) or str(words["empty"])
    text = translate(item.choices.get(str(item.default), str(item.default)))
    return text or str(words["empty"])


def _limits(item: Setting, words: dict[str, Any], translate: Translate) -> list[str]:
    if item.takes:
        return [f"{words['takes']}: {literal(translate(item.takes))}"]
    low, high = item.minimum, item.maximum
    if low is None or item.kind not in ("whole", "number"):
        return []
    if high is None:
        return [words["at_least"].format(low=translate(f"{low:g}"))]
    return [words["between"].format(low=translate(f"{low:g}"), high=translate(f"{high:g}"))]
