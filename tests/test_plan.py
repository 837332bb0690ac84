from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.engine.errors import UserError
from wizard.plan import MODELS, STEPS, Plan, plan_from, read_toml, settings_hash, step_settings, to_toml

SETTINGS = [item for step in STEPS for item in step_settings(step)]


@pytest.mark.parametrize("item", SETTINGS, ids=lambda item: item.key)
def test_every_setting_is_fully_declared(item):
    assert item.title[0].isupper() or item.title.startswith("t-SNE")
    assert item.help.endswith(".")
    assert len(item.help) < 140
    assert item.kind in ("text", "whole", "number", "switch", "choice", "choices", "paths", "file", "tag", "lines")
    assert (item.kind in ("choice", "choices")) == bool(item.choices)
    assert item.special or item.example or item.default not in ("", [], None)


@pytest.mark.parametrize("step", MODELS)
def test_few_basic_settings(step):
    assert 1 <= sum(item.basic for item in step_settings(step)) <= 7


def test_toml_round_trip(tmp_path):
    plan = Plan().with_values(
        {"parse.input": ["C:\\Müller\\cells", "b"], "train.epochs": 7, "visualize.methods": "pca,umap"}
    )
    path = tmp_path / "plan.toml"
    path.write_text(to_toml(plan), encoding="utf-8")
    assert read_toml(path) == plan
    text = path.read_text(encoding="utf-8")
    for item in SETTINGS:
        assert item.help in text


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "parse.frame": st.integers(0, 512),
            "parse.channels": st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20),
            "train.learning_rate": st.floats(1e-7, 1.0),
            "train.class_weights": st.booleans(),
            "visualize.dimensions": st.lists(st.sampled_from(["2", "3"]), unique=True),
        }
    )
)
def test_any_allowed_value_survives_toml(values):
    import tomlkit

    plan = Plan().with_values(values)
    assert plan_from(tomlkit.parse(to_toml(plan)).unwrap()) == plan


def test_text_becomes_the_right_type():
    plan = Plan().with_values({"parse.frame": "48", "train.class_weights": "no", "visualize.dimensions": "2"})
    assert (plan.parse.frame, plan.train.class_weights, plan.visualize.dimensions) == (48, "none", ["2"])


@pytest.mark.parametrize(
    ("values", "what", "action"),
    [
        ({"parse.frame": "900"}, "Frame size", "0 to 512 px"),
        ({"parse.frame": "big"}, "Frame size", "whole number"),
        ({"parse.fram": "1"}, "no setting called parse.fram", "frame"),
        ({"nonsense": "1"}, "no setting called nonsense", "parse"),
        ({"train.class_weights": "perhaps"}, "Balance classes", "softened, balanced, none, custom"),
        ({"visualize.methods": "pca,magic"}, "Maps", "phate"),
        ({"parse.name": "../../etc"}, "Name of the data set", "text"),
    ],
)
def test_refusals_say_what_and_what_to_do(values, what, action):
    with pytest.raises(UserError) as caught:
        Plan().with_values(values)
    assert what in caught.value.what
    assert action in caught.value.action


@pytest.mark.parametrize("text", ["[parse\n", "[parse]\nframe = 'x'", "[nonsense]\na = 1", "frame = 3", "\xff\xfe"])
def test_plans_that_cannot_be_used(tmp_path, text):
    path = tmp_path / "p.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError):
        read_toml(path)


def test_hash_changes_with_its_own_step_only():
    plan, other = Plan(), Plan().with_values({"train.epochs": 3})
    assert settings_hash(plan, "parse") == settings_hash(other, "parse")
    assert settings_hash(plan, "train") != settings_hash(other, "train")
