"""The choice of a network."""

from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle, words
from wizard import network_facts
from wizard.network_names import TITLES
from wizard.plan import step_settings
from wizard.widgets.network_field import NetworkField


@pytest.fixture
def stored() -> list[Any]:
    return []


@pytest.fixture
def field(root: Any, stored: list[Any]) -> NetworkField:
    item = next(item for item in step_settings("train") if item.name == "network")
    made = NetworkField(root, item, "balanced", lambda _item, value: stored.append(value))
    made.grid(row=0, column=0, sticky="new")
    root.update()
    return made


def press(widget: Any, key: str) -> None:
    widget.focus_force()
    widget.update()
    widget.event_generate(key)
    widget.update()


def test_all_networks_are_listed_by_group(root: Any, field: NetworkField) -> None:
    assert "Balanced" in field.button.cget("text")
    field.open()
    settle(root, 0.1)
    assert [field.tree.item(row, "text") for row in field.tree.get_children()] == list(network_facts.by_group())
    assert set(field.names) >= set(TITLES) and field.names[:3] == ["fast", "balanced", "thorough"]
    assert field.tree.selection() == ("balanced",)
    assert "trains in minutes" in words(field)


def test_typing_searches_and_enter_chooses(root: Any, field: NetworkField, stored: list[Any]) -> None:
    field.open()
    settle(root, 0.1)
    entry: Any = field.search._entry
    field.search.insert(0, "efficientnet v2-s")
    press(entry, "<KeyRelease-s>")
    assert field.names == ["efficientnetv2s"]
    press(entry, "<Return>")
    assert stored == ["efficientnetv2s"] and field.value == "efficientnetv2s"
    assert field.list is None and "EfficientNet V2-S" in field.button.cget("text")


def test_arrows_walk_the_list_and_escape_leaves_it(root: Any, field: NetworkField, stored: list[Any]) -> None:
    field.open()
    settle(root, 0.1)
    press(field.search._entry, "<Down>")
    press(field.tree, "<Down>")
    assert field.tree.selection() == ("thorough",)
    press(field.tree, "<Escape>")
    assert field.list is None and stored == []
    field.open()
    settle(root, 0.1)
    press(field.tree, "<Down>")
    press(field.tree, "<Return>")
    assert stored == ["thorough"]


def test_a_heading_is_no_choice(root: Any, field: NetworkField, stored: list[Any]) -> None:
    field.open()
    settle(root, 0.1)
    field.tree.selection_set("group:AIDeveloper")
    press(field.tree, "<Return>")
    assert field.list is not None and stored == []


def test_perceptrons_of_other_layers_can_be_typed(root: Any, field: NetworkField, stored: list[Any]) -> None:
    field.open()
    field.fill("MLP_12_8")
    assert field.names == ["MLP_12_8"]
    field._take()
    assert stored == ["MLP_12_8"]
    field.open()
    field.fill("no such thing")
    settle(root, 0.1)
    assert field.names == [] and "No network fits" in words(field)


def test_it_can_be_switched_off_and_shown_anew(root: Any, field: NetworkField, stored: list[Any]) -> None:
    field.open()
    field.enable(False)
    assert field.list is None
    field.open()
    assert field.list is None
    field.put("resnet50")
    assert "ResNet50" in field.button.cget("text") and stored == []


def test_lines_and_frames_agree_with_the_registry() -> None:
    from wizard.engine.networks import base

    for name in TITLES:
        found = base.network(name)
        smallest = next(
            side for side in range(found.smallest, 300) if found.side is None or found.side(side)
        )  # fmt: skip
        assert network_facts.smallest(name) in (found.smallest, smallest), name
        assert 0 < len(network_facts.line(name)) <= 60, name
