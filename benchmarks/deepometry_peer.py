"""Deepometry's training on cells from a file; runs by itself in Python 3.6 with its libraries of 2018.

Called by `benchmarks.deepometry`: python deepometry_peer.py CELLS.npz EPOCHS OUT.json
"""

import json
import pathlib
import sys
import time

import keras
import keras_resnet.models
import numpy
from keras.preprocessing.image import ImageDataGenerator


def main(cells, epochs, out):
    held = numpy.load(cells, allow_pickle=False)
    parts = {name: held[name] for name in ("train_x", "train_y", "val_x", "val_y")}
    classes = int(parts["train_y"].max()) + 1
    mean = parts["train_x"].astype("float64").mean(axis=(0, 1, 2))

    def scaled(images):
        return ((images - mean + 255) / 510).astype("float32")

    train_x, val_x = scaled(parts["train_x"]), scaled(parts["val_x"])
    train_y = keras.utils.to_categorical(parts["train_y"], classes)
    val_y = keras.utils.to_categorical(parts["val_y"], classes)
    model = keras_resnet.models.ResNet50(keras.layers.Input(train_x.shape[1:]), classes=classes)
    model.compile(loss="categorical_crossentropy", metrics=["accuracy"], optimizer=keras.optimizers.Adam(lr=1e-4))
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=10)
    maker = ImageDataGenerator(
        rotation_range=180, horizontal_flip=True, vertical_flip=True, width_shift_range=0.5, height_shift_range=0.5
    )
    rows = []
    began = time.process_time()

    class Note(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            spent = time.process_time() - began
            # Its own validation cells are augmented, too; plain ones are easier, so they are what counts here.
            loss, accuracy = self.model.evaluate(val_x, val_y, batch_size=32, verbose=0)
            predicted = self.model.predict(val_x, batch_size=32).argmax(axis=1)
            recalls = [(predicted[parts["val_y"] == c] == c).mean() for c in numpy.unique(parts["val_y"])]
            rows.append({
                "epoch": epoch + 1, "cpu_seconds": spent, "val_loss": float(loss), "val_accuracy": float(accuracy),
                "val_balanced_accuracy": float(numpy.mean(recalls)),
            })  # fmt: skip
            pathlib.Path(out).write_text(json.dumps(rows))

    model.fit_generator(
        maker.flow(train_x, train_y, batch_size=32), steps_per_epoch=len(train_x) // 32, epochs=epochs,
        validation_data=maker.flow(val_x, val_y, batch_size=32), validation_steps=len(val_x) // 32,
        callbacks=[Note(), plateau], verbose=0,
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
