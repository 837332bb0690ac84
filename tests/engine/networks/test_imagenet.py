"""Published weights find their layers; files that are of something else are refused in words."""

from __future__ import annotations

import h5py
import keras as plain_keras
import numpy as np
import pytest
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from wizard.engine.errors import UserError
from wizard.engine.networks.base import build


def published(path, model):
    """Write a file as Keras publishes it, and return name → values of the model's weights."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(rng.uniform(0.1, 1.0, weight.shape))
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, model)
    return {weight.path: weight.numpy() for weight in model.weights}


@pytest.fixture(scope="module")
def mobilenet(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2_notop.h5"
    model = plain_keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(96, 96, 3))
    return path, published(path, model)


def test_three_channels_get_the_weights_as_they_are(mobilenet):
    path, values = mobilenet
    net = build("mobilenetv2", (40, 56, 3), 5, {"imagenet": str(path)})
    ours = {weight.path: weight.numpy() for weight in net.weights}
    assert set(ours) - set(values) == {"classes/kernel", "classes/bias"}
    for name, value in values.items():
        assert np.array_equal(ours[name], value), name


@pytest.mark.parametrize("channels", [1, 5])
def test_first_convolution_is_adapted_to_other_channels(mobilenet, channels):
    path, values = mobilenet
    kernel = build("mobilenetv2", (32, 32, channels), 2, {"imagenet": str(path)}).get_layer("Conv1").weights[0].numpy()
    assert kernel.shape == (3, 3, channels, 32)
    assert np.allclose(kernel.sum(axis=2), values["Conv1/kernel"].sum(axis=2), rtol=1e-5)
    assert np.array_equal(kernel[:, :, :1], kernel[:, :, -1:])


def test_preprocessing_layers_of_the_file_are_left_out(tmp_path):
    path = tmp_path / "efficientnetb0_notop.h5"
    values = published(
        path, plain_keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(64, 64, 3))
    )
    net = build("efficientnetb0", (32, 32, 3), 2, {"imagenet": str(path)})
    for weight in net.weights:
        if not weight.path.startswith("classes"):
            assert np.array_equal(weight.numpy(), values[weight.path]), weight.path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "function", "side"),
    [("xception", "Xception", 71), ("inceptionv3", "InceptionV3", 75), ("convnexttiny", "ConvNeXtTiny", 32),
     ("resnet50", "ResNet50", 32), ("densenet121", "DenseNet121", 32), ("nasnetmobile", "NASNetMobile", 32),
     ("vgg16", "VGG16", 32)],
)  # fmt: skip
def test_files_of_other_families(tmp_path, name, function, side):
    path = tmp_path / "w_notop.h5"
    model = getattr(plain_keras.applications, function)(include_top=False, weights=None, input_shape=(side, side, 3))
    published(path, model)
    net = build(name, (side, side, 3), 2, {"imagenet": str(path)})
    cells = np.random.default_rng(0).normal(size=(1, side, side, 3)).astype(np.float32)
    theirs = np.asarray(model(cells, training=False)).mean(axis=(1, 2))
    ours = np.asarray(plain_keras.Model(net.input, net.get_layer("pool").output)(cells, training=False))
    assert np.allclose(ours, theirs, rtol=1e-4)


def test_names_of_old_files(mobilenet, tmp_path):
    """Names with slashes, `:0` at the end, depthwise kernels under their old name."""
    path = tmp_path / "old_notop.h5"
    path.write_bytes(mobilenet[0].read_bytes())
    with h5py.File(path, "r+") as file:
        for new, old in (("Conv1", "Conv1"), ("bn_Conv1", "bn/Conv1"), ("block_1_depthwise", "block_1/depthwise")):
            values = {name: data[()] for name, data in file[new][new].items()}
            del file[new]
            for name, value in values.items():
                name = "depthwise_kernel" if new.endswith("depthwise") else name
                file[f"{old}/{old}/{name}:0"] = value
    net = build("mobilenetv2", (32, 32, 3), 2, {"imagenet": str(path)})
    for weight in net.weights:
        if not weight.path.startswith("classes"):
            assert np.array_equal(weight.numpy(), mobilenet[1][weight.path]), weight.path


def test_file_of_another_network(mobilenet):
    with pytest.raises(UserError, match="do not fit") as caught:
        build("vgg16", (32, 32, 3), 2, {"imagenet": str(mobilenet[0])})
    assert "block1_conv1" in caught.value.why or "Conv1" in caught.value.why


def test_layer_of_another_shape_is_named(mobilenet, tmp_path):
    path = tmp_path / "changed_notop.h5"
    path.write_bytes(mobilenet[0].read_bytes())
    with h5py.File(path, "r+") as file:
        group = file["block_3_expand"]["block_3_expand"]
        del group["kernel"]
        group["kernel"] = np.zeros((1, 1, 24, 145), np.float32)
    with pytest.raises(UserError, match="do not fit") as caught:
        build("mobilenetv2", (32, 32, 3), 2, {"imagenet": str(path)})
    assert "block_3_expand" in caught.value.why


def test_values_that_are_not_numbers(mobilenet, tmp_path):
    path = tmp_path / "nan_notop.h5"
    path.write_bytes(mobilenet[0].read_bytes())
    with h5py.File(path, "r+") as file:
        file["Conv1/Conv1/kernel"][0, 0, 0, 0] = np.nan
    with pytest.raises(UserError, match="do not fit") as caught:
        build("mobilenetv2", (32, 32, 3), 2, {"imagenet": str(path)})
    assert "not numbers" in caught.value.why


@pytest.mark.parametrize("content", [b"", b"not hdf5", b"\x89HDF\r\n\x1a\n" + bytes(200), None])
def test_no_weights_file(tmp_path, content):
    path = tmp_path / "x_notop.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="cannot be read"):
        build("mobilenetv2", (32, 32, 3), 2, {"imagenet": str(path)})


def test_links_out_of_the_file_are_not_followed(tmp_path, mobilenet):
    path = tmp_path / "link_notop.h5"
    with h5py.File(path, "w") as file:
        file["Conv1"] = h5py.ExternalLink(str(mobilenet[0]), "/Conv1")
    with pytest.raises(UserError, match="cannot be read"):
        build("mobilenetv2", (32, 32, 3), 2, {"imagenet": str(path)})
