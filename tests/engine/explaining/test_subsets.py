"""Which subsets of channels are tried, and what follows from the figures."""

from __future__ import annotations

import pytest

from wizard.engine.errors import UserError
from wizard.engine.explaining import subsets, verdict
from wizard.results import Channel, Estimate, ExplainResult
from wizard.results_explain import Ablation

CHANNELS = [Channel(name="Ch3", number=3, label="BF"), Channel(name="Ch4", number=4), Channel(name="Ch6", number=6)]


def test_subsets_are_read_by_number_name_and_label():
    assert subsets.wanted(["3, 6", "ch4", "BF+Ch4", "6,3"], CHANNELS) == [(0, 2), (1,), (0, 1)]


def test_an_unknown_channel_is_refused_with_the_known_ones():
    with pytest.raises(UserError) as refusal:
        subsets.wanted(["3, 9"], CHANNELS)
    assert "'9'" in refusal.value.what and "4 (Ch4)" in refusal.value.why


def test_few_channels_are_tried_in_all_ways():
    found = subsets.tried(3, [], lambda subset: 0.0)
    assert len(found) == 7 and found[0] == (0, 1, 2)
    assert subsets.tried(3, [(1,)], lambda subset: 0.0) == [(0, 1, 2), (1,)]


def test_of_many_channels_the_least_missed_go_first():
    worth = [5, 1, 4, 2, 3, 0, 6]
    found = subsets.tried(7, [], lambda subset: sum(worth[place] for place in subset))
    assert found[0] == tuple(range(7)) and len(set(found)) == len(found)
    for best in ((0, 1, 2, 3, 4, 6), (0, 2, 3, 4, 6), (0, 2, 4, 6), (0, 2, 6), (0, 6), (6,)):
        assert best in found
    assert sum(len(subset) == 1 for subset in found) == 7 and len(found) < 30
    quick = [(subset, float(sum(worth[place] for place in subset))) for subset in found]
    trained = subsets.trained(7, [], quick)
    assert trained[0] == tuple(range(7)) and (0, 2, 6) in trained and len(trained) == 13


def row(channels, accuracy, how="mean", reach=0.05, **more):
    one = Estimate(value=accuracy, low=accuracy - reach, high=accuracy + reach)
    return Ablation(channels=channels, how=how, accuracy=one, balanced_accuracy=one, change=one, **more)


def suggested(rows):
    result = ExplainResult(channels=CHANNELS, ablation=rows, minutes=2)
    verdict.suggest(result)
    return result


def test_the_fewest_channels_within_the_interval_are_suggested():
    result = suggested([row([0, 1, 2], 0.9), row([0, 1], 0.88), row([0, 2], 0.7), row([1], 0.86), row([0], 0.5)])
    assert result.suggested == [1] and result.suggested_by == "quick"
    assert "Ch4 alone is enough" in result.suggestion and "never learned to do without" in result.suggestion


def test_trained_networks_decide_over_the_quick_study():
    rows = [row([0, 1, 2], 0.9), row([1], 0.5), row([0, 1, 2], 0.9, "retrained"), row([1], 0.89, "retrained")]
    result = suggested([*rows, row([0, 1], 0.7, "retrained")])
    assert result.suggested == [1] and result.suggested_by == "retrained"
    assert (
        "accuracy 0.890 and balanced accuracy 0.890 lie within" in result.suggestion
        and "confirm it on new ones" in result.suggestion
    )


def test_all_channels_are_kept_where_none_can_go():
    result = suggested([row([0, 1, 2], 0.9), row([0, 1], 0.8), row([1, 2], 0.7)])
    assert result.suggested == [0, 1, 2]
    assert "Keep all 3 channels" in result.suggestion and "best is Ch3 BF + Ch4: accuracy 0.800" in result.suggestion


def test_balanced_accuracy_must_hold_as_well():
    lame = row([1], 0.9)
    lame.balanced_accuracy = Estimate(value=0.5, low=0.4, high=0.6)
    assert suggested([row([0, 1, 2], 0.9), lame]).suggested == [0, 1, 2]


def test_too_short_trainings_are_named():
    rows = [row([0, 1, 2], 0.9), row([0, 1, 2], 0.6, "retrained", epochs=2), row([1], 0.6, "retrained", epochs=3)]
    said = " ".join(verdict.caveats(suggested(rows), intensities=False, members=1))
    assert "time for 2 epochs only" in said and "half-trained" in said


def test_a_network_that_sees_totals_is_told_from_grad_cam():
    result = ExplainResult(channels=CHANNELS, methods=["gradcam", "gradients"], layer="x", baseline="b")
    assert "Grad-CAM cannot show that" in " ".join(verdict.caveats(result, intensities=True, members=1))
    assert "Grad-CAM cannot show that" not in " ".join(verdict.caveats(result, intensities=False, members=3))
