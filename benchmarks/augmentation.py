"""Augmentation, images per CPU second of one core, against keras.ops, Keras' ImageDataGenerator and the limit 20,000.

Run with: python -m benchmarks.augmentation. All see the same 512 images of 48 x 48 px with 2 channels in one run and
make the changes of the preset "flow cell" (flips, any rotation, shift 6 %, zoom 10 %, mirrored border); the others
of our rows have no counterpart there. CPU time counts all threads of the process. AIDeveloper's author gives (250
RGB images, another PC): affine changes 1.9 s, brightness 3.1 s, saturation and hue 3.3 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from wizard.engine.backend import keras
from wizard.engine.data import normalisation
from wizard.engine.data.augmentation import PRESETS, Augmentation, augment

TARGET, SIDE, CHANNELS, BATCH, ROUNDS = 20_000, 48, 2, 512, 9
FULL = Augmentation(
    shear=10.0, brightness_add=0.2, brightness_multiply=0.2, contrast=0.2, average_blur=5.0, gauss_blur=1.5,
    motion_blur=5.0, noise=0.05, erasing=0.2, channel_dropout=0.1,
)  # fmt: skip


def with_keras_ops(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same changes by keras.ops.image.affine_transform."""
    count, how = len(images), Augmentation()
    angle, flip = rng.uniform(0, 2 * np.pi, count), rng.choice([-1.0, 1.0], count)
    scale = np.exp(rng.uniform(-how.zoom, how.zoom, count))
    cos, sin, middle = np.cos(angle) * scale, np.sin(angle) * scale, (SIDE - 1) / 2
    a0, a1, b0, b1 = cos * flip, -sin, sin * flip, cos
    shifts = rng.uniform(-how.shift, how.shift, (2, count)) * SIDE
    a2, b2 = middle + shifts[0] - (a0 + a1) * middle, middle + shifts[1] - (b0 + b1) * middle
    maps = np.stack([a0, a1, a2, b0, b1, b2, 0 * a0, 0 * a0], axis=1).astype(np.float32)
    return np.array(keras.ops.image.affine_transform(images, maps, "bilinear", fill_mode="reflect"))


def with_generator() -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """The same changes by Keras' ImageDataGenerator (SciPy), as Deepometry uses it."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    maker = ImageDataGenerator(
        rotation_range=180, horizontal_flip=True, vertical_flip=True, width_shift_range=0.06, height_shift_range=0.06,
        zoom_range=0.1, fill_mode="reflect",
    )  # fmt: skip
    return lambda images, rng: np.stack([maker.random_transform(image) for image in images])


def rate(work: Callable[[np.ndarray, np.random.Generator], object], images: np.ndarray, rounds: int = ROUNDS) -> float:
    """Return images per CPU second, the best of some rounds after one that compiles."""
    work(images, np.random.default_rng(0))
    spent = []
    for seed in range(rounds):
        began = time.process_time()
        work(images, np.random.default_rng(seed))
        spent.append(time.process_time() - began)
    return len(images) / min(spent)


def main() -> None:
    raw = np.random.default_rng(0).integers(0, 4096, (BATCH, CHANNELS, SIDE, SIDE)).astype(np.uint16)
    constants = normalisation.fit("mean_sd", raw)
    images = normalisation.apply(raw, constants)
    print(f"{BATCH} images of {SIDE} x {SIDE} x {CHANNELS}; images per CPU second, best of {ROUNDS} rounds")
    own = {name: rate(lambda x, rng, how=how: augment(x, how, rng), images) for name, how in PRESETS.items() if how}
    own["everything at once"] = rate(lambda x, rng: augment(x, FULL, rng), images)
    for name, value in own.items():
        print(f"ours, {name}: {value:,.0f} ({value / TARGET:.1f} times the target of {TARGET:,})")
    print(
        f"ours, normalisation (mean_sd, from uint16): {rate(lambda x, _: normalisation.apply(raw, constants), raw):,.0f}"
    )
    for title, work, rounds in (("keras.ops", with_keras_ops, ROUNDS), ("ImageDataGenerator", with_generator(), 2)):
        value = rate(work, images, rounds)
        print(f"{title}, flow cell: {value:,.0f}; ours is {own['flow cell'] / value:.0f} times as fast")


if __name__ == "__main__":
    main()
