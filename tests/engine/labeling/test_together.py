"""From files to figures: the parts fit together, and a small network learns what it should."""

from __future__ import annotations

import numpy as np

from tests.engine.labeling.pictures import published_field
from wizard.engine.backend import keras
from wizard.engine.labeling.changes import Changes, changed
from wizard.engine.labeling.crops import Crops
from wizard.engine.labeling.fields import pixels, share
from wizard.engine.labeling.finding import find_fields
from wizard.engine.labeling.heads import decoded
from wizard.engine.labeling.losses import Masked, packed
from wizard.engine.labeling.networks import build, network
from wizard.engine.labeling.objects import count_errors
from wizard.engine.labeling.preparing import levels
from wizard.engine.labeling.scores import scores
from wizard.engine.labeling.tiling import predict, tiles_for
from wizard.engine.labeling.views import divide, load


def test_a_network_learns_a_stain(tmp_path):
    for number in range(3):
        stains = ("DAPI_CONFOCAL",) if number == 1 else ("DAPI_CONFOCAL", "MAP2_CONFOCAL")
        published_field(tmp_path, number, planes=3, well=f"A{number}", stains=stains, height=192, width=192, count=20)
    survey = find_fields([str(tmp_path)])
    scale = {
        label: levels.fit(
            [share(pixels(field.targets[label][0])) for field in survey.fields if label in field.targets],
            "stain",
            name=label,
        )
        for label in survey.labels
    }
    scale["light"] = levels.fit([share(pixels(plane)) for field in survey.fields for plane in field.inputs], "light")
    views = [load(field, survey.labels, survey.planes, scale) for field in survey.fields]
    train, held = divide([view.shape for view in views], 0.3, 0, groups=[field.tags["well"] for field in survey.fields])
    crops, rng = Crops(views, train, 64), np.random.default_rng(0)

    net = build("unet", survey.planes, survey.labels, "quantiles", width=0.5, widths=(32, 64))
    net.compile(keras.optimizers.Adam(3e-3), Masked("quantiles"), jit_compile=False)
    losses = []
    for _ in range(60):
        batch = changed(crops.draw(8), Changes(), rng)
        losses.append(float(net.train_on_batch(batch.light, packed(batch.stains, batch.weights))))
    assert np.isfinite(losses).all() and losses[-1] < 0.7 * losses[0]

    view = views[held[0].view]
    final = decoded(net, "quantiles")
    answer = predict(
        lambda x: keras.ops.convert_to_numpy(final(x, training=False)),
        view.light,
        tiles_for(network("unet"), view.shape),
    )
    assert answer.shape == (192, 192, 2 * 3)
    truth, median, low, high = view.stains[..., 0], answer[..., 0], answer[..., 1], answer[..., 2]
    found = scores(truth, median, view.known[..., 0], (low, high))
    assert found.pearson > 0.7
    assert (low <= median).all() and (median <= high).all()
    assert count_errors(truth, median, 12).accuracy > 0.5
