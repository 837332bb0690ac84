"""The choice of a layer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle, words
from wizard.plan import step_settings
from wizard.results_extract import LayerShape
from wizard.widgets.layer_field import LayerField

LAYERS = [
    LayerShape(name="stem_conv", shape=[40, 40, 24]),
    LayerShape(name="stage4_out", stage="stage 4", shape=[5, 5, 128]),
    LayerShape(name="stage5_norm", shape=[5, 5, 192]),
    LayerShape(name="stage5_out", stage="stage 5", shape=[5, 5, 192]),
    LayerShape(name="pool", stage="pool", shape=[192]),
]


@pytest.fixture
def stored() -> list[Any]:
    return []


@pytest.fixture
def field(root: Any, stored: list[Any]) -> LayerField:
    item = next(item for item in step_settings("extract") if item.name == "layer")
    made = LayerField(root, item, "pool", lambda _item, value: stored.append(value))
    made.grid(row=0, column=0, sticky="new")
    root.update()
    return made


def press(widget: Any, key: str) -> None:
    widget.focus_force()
    widget.update()
    widget.event_generate(key)
    widget.update()


def seen(field: LayerField) -> str:
    settle(field, 0.1)
    return words(field)


def search(field: LayerField, text: str) -> None:
    field.entry.delete(0, "end")
    field.entry.insert(0, text)
    press(field.entry._entry, "<KeyRelease-x>")


def test_the_stages_stand_first_then_all_others_with_shapes(root: Any, field: LayerField) -> None:
    field.offer(LAYERS)
    field.open()
    settle(root, 0.1)
    assert field.names == ["stage 4", "stage 5", "pool", "stem_conv", "stage5_norm"]
    assert [str(one) for one in field.tree.item("stage 4", "values")] == ["stage 4", "5 \u00d7 5 \u00d7 128"]
    assert field.tree.item("stage 4", "text") == "stage4_out" and field.tree.selection() == ("pool",)
    assert "pool: 192 features" in seen(field)


def test_before_the_layers_are_known_the_stages_are_offered(root: Any, field: LayerField, stored: list[Any]) -> None:
    field.open()
    settle(root, 0.1)
    assert field.names == ["stage 4", "stage 5", "pool"] and "after its first extraction" in seen(field)
    field.offer(LAYERS)
    assert len(field.names) == 5
    field.choose("stage 4")
    assert stored == ["stage 4"] and field.listing is None
    assert "stage4_out: 5 \u00d7 5 \u00d7 128, averaged 128 features" in seen(field)


def test_searching_stores_nothing_until_a_layer_is_taken(root: Any, field: LayerField, stored: list[Any]) -> None:
    field.offer(LAYERS)
    field.open()
    settle(root, 0.1)
    search(field, "norm")
    assert field.names == ["stage5_norm"]
    settle(root, 0.7)
    field.flush()
    assert stored == []
    press(field.entry._entry, "<Return>")
    assert stored == ["stage5_norm"] and field.entry.get() == "stage5_norm"


def test_escape_brings_the_value_back(root: Any, field: LayerField, stored: list[Any]) -> None:
    field.offer(LAYERS)
    press(field.entry._entry, "<Down>")
    settle(root, 0.1)
    search(field, "nothing like it")
    assert field.names == [] and "any name may be typed" in seen(field)
    press(field.entry._entry, "<Escape>")
    assert field.listing is None and field.entry.get() == "pool" and stored == []


def test_arrows_and_enter_choose_in_the_list(root: Any, field: LayerField, stored: list[Any]) -> None:
    field.offer(LAYERS)
    press(field.entry._entry, "<Down>")
    settle(root, 0.1)
    press(field.tree, "<Down>")
    press(field.tree, "<Return>")
    assert stored == ["stem_conv"]


def test_any_name_can_be_typed_and_an_unknown_one_is_said(root: Any, field: LayerField, stored: list[Any]) -> None:
    field.offer(LAYERS)
    field.type("my_layer")
    assert stored == ["my_layer"] and "no layer called my_layer" in seen(field)
    field.type("STAGE5_OUT")
    assert stored[-1] == "STAGE5_OUT" and "stage5_out: 5" in seen(field)
    field.put("pool")
    assert field.entry.get() == "pool" and "pool: 192" in seen(field)


def test_it_can_be_switched_off(root: Any, field: LayerField) -> None:
    field.offer(LAYERS)
    field.open()
    field.enable(False)
    assert field.listing is None
    field.open()
    assert field.listing is None
    field.enable(True)
    field.button.invoke()
    assert field.listing is not None
