"""Settings of in silico labeling: the task, fields of view, and the training of a network that predicts stains."""

from __future__ import annotations

from typing import Annotated, Literal

from wizard.settings import Listed, Paths, StepPlan, setting

Task = Literal["cells", "stain"]
Operation = Literal["median", "dust", "half", "even", "light_dust"]
HeadName = Literal["quantiles", "median", "mean", "mean_interval", "bins"]

_READING, _SHARING = "Reading", "Hold-out"
_NETWORK, _CROPS, _LEARNING, _CHANGES = "Network", "Training crops", "Learning", "Augmentation"
_COMPARISON = "Comparison of heads"
_HEADS = {
    "quantiles": "Median and interval", "median": "Median", "mean": "Mean", "mean_interval": "Mean and interval",
    "bins": "Distribution, 256 grey levels",
}  # fmt: skip


class TaskPlan(StepPlan):
    """What the project is for."""

    task: Task = setting(
        "cells", "Task", "Tell cells apart, or predict a stain from pictures of transmitted light.",
        labels={"cells": "Tell cells apart", "stain": "Predict a stain"},
    )  # fmt: skip


class LabelParsePlan(StepPlan):
    """Pictures of fields of view to a set that a network can learn from."""

    input: Paths = setting([], "Pictures", "Folders with stacks of transmitted light and pictures of stains.",
                           kind="paths")  # fmt: skip
    light: Annotated[list[str], Listed] = setting(
        [], "Transmitted light", "Names of the channels without stain, with commas.",
        special="empty = told by the names of the files", example="PHASE_CONTRAST",
    )  # fmt: skip
    stains: Annotated[list[str], Listed] = setting(
        [], "Stains", "Names of the channels that are to be predicted, with commas.",
        special="empty = all other channels", example="DAPI,MAP2",
    )  # fmt: skip
    planes: int = setting(
        0, "Planes", "How many planes of each stack are used, evenly spread over its depth.",
        special="0 = as many as most fields have", ge=0, le=64,
    )  # fmt: skip
    prepare: Annotated[list[Operation], Listed] = setting(
        [], "Preparation", "What is done to the pictures first; most needs several fields of one microscope.",
        special="empty = nothing",
        labels={"median": "Median filter", "dust": "Dust on the camera", "half": "Half size", "even": "Even light",
                "light_dust": "Dust in the light"},
    )  # fmt: skip
    holdout: float = setting(
        0.2, "Hold-out share", "Share of the pixels that no training ever sees; they give the honest figures.",
        ge=0.05, le=0.9,
    )  # fmt: skip
    group: str = setting(
        "auto", "Group", "The tag whose fields are never divided between training and hold-out, such as well.",
        special="auto = well where there are two or more, else the single field",
    )  # fmt: skip
    levels: Literal["auto", "published", "percentile", "none"] = setting(
        "auto", "Grey levels", "How the grey levels of a whole data set are brought to one scale from 0 to 1.",
        basic=False, section=_READING,
        labels={"auto": "Automatic: as published, unless that was done before",
                "published": "Mean and SD, as published", "percentile": "Percentiles", "none": "As they are"},
    )  # fmt: skip
    tiles: str = setting(
        "", "Grid of tiles", "Rows x columns in which each field was taken as overlapping tiles, numbered row by row.",
        special="empty = each picture is a field", basic=False, section=_READING, example="3x4",
        takes="rows x columns, such as 3x4",
    )  # fmt: skip
    overlap: float = setting(
        0.1, "Overlap of the tiles", "Share of a tile's side that its neighbour shows as well.",
        basic=False, section=_READING, ge=0.02, le=0.6,
    )  # fmt: skip
    snake: bool = setting(
        False, "Snake", "Every other row of tiles was taken backwards.", basic=False, section=_READING
    )
    gap: int = setting(
        32, "Gap", "Pixels between training and hold-out where one picture is divided, so that neither sees the other.",
        unit="px", basic=False, section=_SHARING, ge=0, le=512,
    )  # fmt: skip
    seed: int = setting(1, "Seed", "Start of the random choice of the hold-out.", basic=False, section=_SHARING, ge=0)


class LabelTrainPlan(StepPlan):
    """Fields of view to a network that predicts their stains."""

    network: Literal["unet", "published"] = setting(
        "unet", "Network", "The U-Net trains in minutes; the published one is there for comparison.",
        labels={"unet": "Fast U-Net", "published": "Published multi-scale network"},
    )  # fmt: skip
    head: HeadName = setting(
        "quantiles", "What is told of a pixel", "The grey level alone, or with the range that holds 80 % of the cases.",
        labels=_HEADS,
    )  # fmt: skip
    minutes: float = setting(
        10.0, "Time", "How long the training may take, with everything that belongs to it.",
        unit="min", ge=0.1, le=100000.0,
    )  # fmt: skip
    stains: Annotated[list[str], Listed] = setting(
        [], "Stains", "Names of the stains to learn, with commas.", special="empty = all",
    )  # fmt: skip
    start: str = setting(
        "", "Start from", "A model of stains whose network is trained on, for a new stain or a new microscope.",
        special="empty = from the beginning", kind="file",
    )  # fmt: skip
    crop: int = setting(
        128, "Crop", "Side of the squares that are cut out for training.", unit="px", basic=False, section=_CROPS,
        ge=32, le=1024,
    )  # fmt: skip
    batch: int = setting(
        8, "Crops at once", "How many squares make one step.", basic=False, section=_CROPS, ge=1, le=256
    )
    bright: float = setting(
        0.5, "Bright crops", "Share of the squares chosen for something bright in them.", basic=False, section=_CROPS,
        ge=0.0, le=1.0,
    )  # fmt: skip
    check: float = setting(
        0.1, "Check share", "Share of the pixels for training on which the best weights are chosen.",
        basic=False, section=_CROPS, ge=0.02, le=0.5,
    )  # fmt: skip
    rate: float = setting(
        0.002, "Learning rate", "The greatest one; it falls to zero with the time.", basic=False, section=_LEARNING,
        ge=1e-6, le=1.0,
    )  # fmt: skip
    networks: int = setting(
        2, "Networks", "So many are trained one after the other, as far as the time allows, and their answers "
        "averaged; each makes prediction slower. With a fixed number of steps it is one.",
        basic=False, section=_LEARNING, ge=1, le=8,
    )  # fmt: skip
    passes: int = setting(
        150, "Passes", "How often a network sees each pixel at most; more only learns a few fields by heart.",
        special="0 = no limit", basic=False, section=_LEARNING, ge=0, le=1_000_000,
    )  # fmt: skip
    steps: int = setting(
        0, "Steps", "Train so many steps, whatever time they take; needed for results that repeat exactly.",
        special="0 = as many as the time allows", basic=False, section=_LEARNING, ge=0, le=10_000_000,
    )  # fmt: skip
    width: float = setting(
        1.0, "Width", "Makes the network wider or narrower.", basic=False, section=_NETWORK, ge=0.25, le=4.0,
    )  # fmt: skip
    dropout: float = setting(
        0.2, "Drop-out", "Share of the channels of the U-Net that are left out at random while it learns; it keeps the "
        "network from learning a few fields by heart.", basic=False, section=_NETWORK, ge=0.0, le=0.8,
    )  # fmt: skip
    planes_too: bool = setting(
        False, "Learn the planes, too", "Also predict the transmitted light itself (autoencoding), as published.",
        basic=False, section=_NETWORK,
    )  # fmt: skip
    turn: bool = setting(True, "Turn and mirror", "Show crops turned by quarter turns and mirrored.",
                         basic=False, section=_CHANGES)  # fmt: skip
    gain: float = setting(0.1, "Contrast", "SD by which the contrast of each plane is changed.",
                          basic=False, section=_CHANGES, ge=0.0, le=1.0)  # fmt: skip
    offset: float = setting(0.02, "Brightness", "SD by which the brightness of each plane is changed.",
                            basic=False, section=_CHANGES, ge=0.0, le=1.0)  # fmt: skip
    noise: float = setting(0.01, "Noise", "SD of noise that is added.", basic=False, section=_CHANGES, ge=0.0, le=1.0)
    focus: int = setting(1, "Focus", "By how many planes a stack may be moved.", unit="planes",
                         basic=False, section=_CHANGES, ge=0, le=32)  # fmt: skip
    lost: float = setting(0.0, "Lost planes", "Share of the planes that are replaced by a neighbour.",
                          basic=False, section=_CHANGES, ge=0.0, le=0.9)  # fmt: skip
    seed: int = setting(1, "Seed", "Start of all random choices.", basic=False, section=_LEARNING, ge=0)
    heads: Annotated[list[HeadName], Listed] = setting(
        ["quantiles", "mean", "bins"], "Heads", "Which are compared.", basic=False, section=_COMPARISON, labels=_HEADS,
    )  # fmt: skip
    compare_minutes: float = setting(
        2.0, "Time for each", "How long each head may learn.", unit="min", basic=False, section=_COMPARISON,
        ge=0.05, le=10000.0,
    )  # fmt: skip
