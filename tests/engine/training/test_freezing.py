from __future__ import annotations

import numpy as np
import pytest

from tests.engine.training.conftest import TINY
from tests.engine.training.test_loop import Killed, changing, killing, same
from wizard.engine.errors import UserError
from wizard.engine.model import weights_of
from wizard.engine.networks.base import NETWORKS, build, network
from wizard.engine.training import loop
from wizard.engine.training.freezing import Freezing, ancestors, remark
from wizard.engine.training.loop import Hooks
from wizard.train_plan import TrainPlan


def copied(training):
    return {name: value.copy() for name, value in weights_of(training.network).items()}


def moved(training, before):
    """Return the layers whose weights are others than before."""
    now = weights_of(training.network)
    return {name.split("/")[0] for name, value in before.items() if not np.array_equal(value, now[name])}


def frozen(training):
    return {layer.name for layer in training.network.layers if layer.weights and not layer.trainable}


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize(
    ("values", "learning"),
    [({}, {"conv", "norm", "classes"}), ({"freeze": "pool"}, {"classes"}), ({"freeze": "stage 4"}, {"classes"}),
     ({"freeze_layers": ["co*"]}, {"norm", "classes"}), ({"freeze_layers": ["norm", "classes"]}, {"conv"})],
)  # fmt: skip
def test_frozen_layers_keep_their_weights_and_the_others_learn(make, optimizer, values, learning):
    training = make(epochs=1, optimizer=optimizer, **values)
    layout = [variable.shape for variable in make("all", optimizer=optimizer).learn.optimizer.variables]
    assert [variable.shape for variable in training.learn.optimizer.variables] == layout
    before = copied(training)
    training.run(Hooks())
    assert moved(training, before) == learning


@pytest.mark.parametrize("name", ["balanced", "resnet50", "mobilenetv2", "LeNet5_bn_do", "VGG_small_2"])
def test_stages_freeze_all_layers_before_them(name):
    entry = network(name)
    side = next(side for side in range(max(32, entry.smallest), 80) if entry.side is None or entry.side(side))
    net = build(name, (side, side, 1), 3, {})
    freezing = Freezing(net, entry.stages)
    parts = [freezing.names(TrainPlan(freeze=stage)) for stage in ("none", "stage 4", "stage 5", "pool")]
    for smaller, larger in zip(parts, parts[1:], strict=False):
        assert smaller <= larger
    assert len(parts[1]) > 0 and "classes" not in parts[-1]
    own = {layer.name for layer in net.layers if layer.weights}
    # Nothing of the part up to a stage gets anything from a layer outside of it.
    for stage, part in zip(("stage 4", "stage 5", "pool"), parts[1:], strict=True):
        found = ancestors(net, entry.stages[stage])
        assert part == found & own
        for other in list(part)[:5]:
            assert ancestors(net, other) <= found


def test_what_cannot_be_frozen_is_refused(make):
    with pytest.raises(UserError, match="nothing would learn"):
        make(freeze="pool", freeze_layers=["classes"])
    with pytest.raises(UserError, match="'stem_\\*'") as caught:
        make(freeze_layers=["stem_*"])
    assert "conv, norm, classes" in caught.value.why
    net = NETWORKS[TINY.name].build((20, 20, 2), 2, {})
    with pytest.raises(UserError, match="no stage 4"):
        Freezing(net, {}).names(TrainPlan(freeze="stage 4"))


def test_random_weights_that_are_frozen_are_remarked():
    assert "random" in remark(TrainPlan(freeze="pool")) and "random" in remark(TrainPlan(freeze_layers=["a"]))
    assert not remark(TrainPlan()) and not remark(TrainPlan(freeze="pool", start="x.cytomodel"))


def test_layers_that_the_network_keeps_itself_stay_as_they_are():
    net = NETWORKS["fast"].build((20, 20, 2), 2, {})
    net.get_layer("stem_conv").trainable = False
    freezing = Freezing(net, NETWORKS["fast"].stages)
    freezing.apply(TrainPlan(freeze="pool"))
    freezing.apply(TrainPlan())
    assert [layer.name for layer in net.layers if not layer.trainable] == ["stem_conv"]


def test_the_frozen_part_shrinks_when_nothing_improves(make, monkeypatch):
    monkeypatch.setattr("wizard.engine.training.schedules._TINY", 1e9)
    said = []
    training = make(epochs=6, freeze="pool", unfreeze="plateau", unfreeze_patience=2, patience=100)
    parts = []

    def epoch(row):
        parts.append(frozen(training))

    training.run(Hooks(epoch=epoch, inform=said.append))
    # Its stages 4 and 5 and the pool end with the same weights, so that the step goes to none.
    assert parts == [{"conv", "norm"}] + [set()] * 5
    (change,) = training.state.adjustments
    assert (change["setting"], change["old"], change["new"]) == ("freeze", "pool", "none")
    assert change["epoch"] == 3 and change["time"]
    assert len(said) == 1 and "From epoch 3 on: Frozen part" in said[0]
    assert training.plan.freeze == "none"


def test_a_residual_network_is_unfrozen_by_stage():
    net = build("fast", (20, 20, 1), 2, {})
    freezing = Freezing(net, NETWORKS["fast"].stages)
    assert freezing.next_stage(TrainPlan(freeze="pool")) == "stage 4"
    assert freezing.next_stage(TrainPlan(freeze="stage 5")) == "stage 4"
    assert freezing.next_stage(TrainPlan(freeze="stage 4")) == "none"


def test_layers_are_frozen_and_released_by_hand(make):
    training = make(epochs=4, patience=100)
    waiting = [{}, {"freeze": "pool"}, {"freeze": "none", "freeze_layers": ["no*"]}, {"freeze_layers": "zz; conv"}]
    told, refused, states = [], [], [copied(training)]
    training.run(
        Hooks(
            epoch=lambda row: states.append(copied(training)),
            changes=lambda: waiting.pop(0) if waiting else {},
            say=refused.append,
            inform=told.append,
        )
    )
    changed = [
        {name.split("/")[0] for name in one if not np.array_equal(one[name], two[name])}
        for one, two in zip(states, states[1:], strict=False)
    ]
    assert changed == [{"conv", "norm", "classes"}, {"classes"}, {"conv", "classes"}, {"conv", "classes"}]
    assert [(c["epoch"], c["setting"]) for c in training.state.adjustments] == [
        (2, "freeze"), (3, "freeze"), (3, "freeze_layers"),
    ]  # fmt: skip
    assert told[0].startswith("From epoch 2 on: Frozen part None") and told[2].endswith("none → no*.")
    assert len(refused) == 1 and "'zz'" in refused[0]


def test_a_training_whose_frozen_part_changes_continues_to_the_same_weights(make, monkeypatch):
    monkeypatch.setattr(loop, "_SAVE_SECONDS", 0.0)
    monkeypatch.setattr("wizard.engine.training.schedules._TINY", 1e9)
    values = {"epochs": 5, "patience": 100, "freeze": "pool", "unfreeze": "plateau", "unfreeze_patience": 2}
    whole = make("whole", **values)
    whole.run(Hooks())
    assert [change["epoch"] for change in whole.state.adjustments]
    for after in (2, 3, 3, 3):
        first = make("broken", **values)
        first.resume()
        with pytest.raises(Killed):
            first.run(killing(after))
    last = make("broken", **values)
    assert last.resume()
    last.run(Hooks())
    assert [c["epoch"] for c in last.state.adjustments] == [c["epoch"] for c in whole.state.adjustments]
    same(whole, last)


def test_a_frozen_part_chosen_by_hand_survives_a_power_cut(make):
    values = {"freeze": "none", "freeze_layers": ["norm"]}
    first = make("broken", epochs=4, freeze="pool")
    hooks = killing(5)
    with pytest.raises(Killed):
        first.run(Hooks(hooks.tick, changes=changing(values)))
    last = make("broken", epochs=4, freeze="pool")
    assert frozen(last) == {"conv", "norm"}
    last.resume()
    assert frozen(last) == frozen(first) == {"norm"}
    before = copied(last)
    last.run(Hooks())
    assert moved(last, before) == {"conv", "classes"}
