"""The methods of in silico labeling in sentences fit for a paper, made from the results alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from wizard import __version__
from wizard.reports.study import Study
from wizard.reports.words import RESEARCH_ONLY, count, duration, listed, percent, whole
from wizard.results_label import CAUTION

STRIP = "strip of one picture"

Ref = Callable[..., str]
"""Gives the numbers of publications in square brackets."""


def works(study: Study) -> list[str]:
    """Return the keys of the works that the methods cite, in the order in which they cite them."""
    found: list[str] = []
    if study.result("label_train") is not None:
        found += ["labeling"]
        found += ["unet"] if study.result("label_train").network == "unet" else []
        found += ["adam"]
    if any(one.ssim is not None for one in _stains(study)):
        found.append("ssim")
    if study.result("label_train") is not None:
        found += ["keras", "tensorflow"]
    return [*found, "numpy"]


def parts(study: Study, ref: Ref, libraries: str) -> list[tuple[str, str]]:
    """Return (heading, paragraph) for each part of the methods; `libraries` names versions and publications."""
    writers: tuple[tuple[str, Iterator[str]], ...] = (
        ("Pictures", _pictures(study)), ("Division of the pictures", _split(study)), ("Network", _network(study, ref)),
        ("Training", _training(study, ref)), ("Evaluation", _evaluation(study, ref)),
        ("Prediction", _prediction(study)), ("Features and maps", _features(study)), ("Not done", _missing(study)),
        ("Software", iter((_software(study, ref, libraries), RESEARCH_ONLY))),
    )  # fmt: skip
    found = [(title, " ".join(text for text in texts if text)) for title, texts in writers]
    return [(title, text) for title, text in found if text]


def _stains(study: Study) -> list[Any]:
    judged = study.result("label_evaluate")
    return judged.stains if judged is not None else []


def _pictures(study: Study) -> Iterator[str]:
    made = study.result("label_parse")
    if made is None:
        return
    stains = listed(f"{label} (in {whole(number)})" for label, number in made.labels.items())
    size = f"; one pixel is {made.pixel_size:.3g} \u00b5m wide" if made.pixel_size else ""
    yield (
        f"{count(made.n_fields, 'field of view', 'fields of view')} with {count(made.planes, 'plane')} of transmitted "
        f"light were read{size}. Stains, with the number of fields that have them: {stains}."
    )
    prepared = study.words("label_parse", "prepare") if made.prepared else ""
    yield f"Pictures were prepared by: {prepared}." if prepared else "Pictures were not corrected before."
    scaled = listed(f"{channel}: {words}" for channel, words in made.levels.items())
    yield f"Grey levels of the whole data set were brought to a scale from 0 to 1 ({scaled})." if scaled else ""
    yield f"{count(len(made.skipped), 'file')} could not be used." if made.skipped else "No file was left out."


def _split(study: Study) -> Iterator[str]:
    made = study.result("label_parse")
    if made is None:
        return
    held, learnt = made.pixels.get("holdout", 0), made.pixels.get("train", 0)
    share = percent(held / (held + learnt)) if held + learnt else "none"
    yield (
        f"{whole(held)} pixels ({share}) in {count(made.fields.get('holdout', 0), 'field')} were held out before any "
        f"training (random seed {study.setting('label_parse', 'seed')})."
    )
    if made.split_by == STRIP:
        gap = study.setting("label_parse", "gap")
        yield (
            f"The hold-out is a strip of the same picture, {gap} px apart from the pixels for training; figures say "
            "nothing about other wells or days."
        )
    elif made.split_by:
        yield f"The hold-out is by {made.split_by}: all pixels of one {made.split_by} are on the same side."


def _network(study: Study, ref: Ref) -> Iterator[str]:
    made = study.result("label_train")
    if made is None:
        return
    kind = f"{made.network_title or made.network} ({whole(made.parameters)} weights)"
    yield (
        f"Stains were predicted from transmitted light by in silico labeling{ref('labeling')}, with the network {kind}"
        f"{ref('unet')}. It takes {count(made.planes, 'plane')} and predicts {listed(made.labels, 30)}."
    )
    told = study.words("label_train", "head") or made.head
    yield f"What is told of each pixel: {told[:1].lower() + told[1:]}."
    if made.started_from:
        yield f"Training started from the weights of {made.started_from}; layers that both share were taken over."
    else:
        yield "Training started from random weights."
    if study.setting("label_train", "planes_too"):
        yield "The network learnt to predict the transmitted light itself as well."


def _training(study: Study, ref: Ref) -> Iterator[str]:
    made = study.result("label_train")
    if made is None:
        return
    yield (
        f"The network learnt {count(made.steps, 'step')} of {count(made.batch, 'crop')} of {made.crop} px in "
        f"{duration(made.train_seconds)}, from {whole(made.train_pixels)} pixels of "
        f"{count(made.n_train_fields, 'field')}, with the optimizer Adam{ref('adam')}"
        f"{_rate(study)}."
    )
    limit = study.setting("label_train", "minutes")
    if study.setting("label_train", "steps"):
        yield "The number of steps was given."
    elif limit is not None:
        yield f"The length was set by a time of {limit:g} min for the whole step."
    yield f"{_changes(study)} The random seed was {study.setting('label_train', 'seed')}."
    kept = "a moving average of the weights was" if made.averaged else "the weights of one step were"
    yield (
        f"On {whole(made.check_pixels)} check pixels, apart from those learnt, the best weights were chosen; {kept} "
        "kept."
    )
    if made.networks > 1:
        yield f"The answers of {made.networks} networks, trained one after the other, were averaged."
    if made.members > made.networks:
        yield f"The model holds {made.members} sets of weights, as stains were best at different moments."
    if any(one.width != 1.0 for one in made.checks):
        yield "Intervals were widened or narrowed so that they hold 80 % of the check pixels."


def _rate(study: Study) -> str:
    rate = study.setting("label_train", "rate")
    return f" (learning rate {rate:g}, falling to zero)" if rate is not None else ""


def _changes(study: Study) -> str:
    names = {"gain": "contrast (SD {:g})", "offset": "brightness (SD {:g})", "noise": "noise (SD {:g})",
             "focus": "focus (up to {:g} planes)", "lost": "lost planes (share {:g})"}  # fmt: skip
    values = {name: study.setting("label_train", name) for name in names}
    said = ["quarter turns and mirroring"] if study.setting("label_train", "turn") else []
    said += [words.format(values[name]) for name, words in names.items() if values[name]]
    return f"Crops were varied by {listed(said)}." if said else "Crops were not varied."


def _evaluation(study: Study, ref: Ref) -> Iterator[str]:
    made = study.result("label_evaluate")
    if made is None:
        return
    where = f"held out by {made.split_by}" if made.split_by else "not used for training"
    yield f"The model was judged on {whole(made.pixels)} pixels of {count(made.n_fields, 'field')}, {where}."
    for one in made.stains:
        figures = [(one.pearson, "Pearson correlation {:.3f} over all pixels"),
                   (one.pearson_foreground, "{:.3f} over those brighter than Otsu\u2019s level"),
                   (one.linear_pearson, "{:.3f} over all pixels for a linear model of their surroundings"),
                   (one.ssim, f"SSIM{ref('ssim')} {{:.3f}}"), (one.mae, "mean absolute error {:.3f}"),
                   (None if one.coverage is None else 100 * one.coverage,
                    "{:.0f} % of the true values in the interval that promises 80 %")]  # fmt: skip
        said = [words.format(value) for value, words in figures if value is not None]
        yield f"{one.label}: {'; '.join(said)}." if said else f"{one.label}: no figure could be made."
    if made.objects is not None:
        one = made.objects
        yield (
            f"Of {whole(one.true)} nuclei in {one.label}, {whole(one.split)} were split, {whole(one.merged)} merged, "
            f"{whole(one.missed)} missed and {whole(one.added)} added."
        )
    yield CAUTION


def _prediction(study: Study) -> Iterator[str]:
    made = study.result("label_predict")
    if made is None:
        return
    yield f"{listed(made.labels, 30)} of {count(len(made.fields), 'field')} were predicted."
    if made.n_unlike:
        yield f"The transmitted light of {count(made.n_unlike, 'field')} was unlike that of the training."
    if study.setting("label_predict", "all_ways"):
        yield "Each tile was predicted in eight positions and averaged."


def _features(study: Study) -> Iterator[str]:
    made, drawn = study.result("label_extract"), study.result("label_visualize")
    if made is not None:
        kind = {"nucleus": ("nucleus", "nuclei"), "square": ("square", "squares")}.get(made.rows, ("row", "rows"))
        yield (
            f"{count(made.n_features, 'feature')} of the layer {made.layer} were averaged over "
            f"{count(made.n_rows, *kind)} in {count(made.n_fields, 'field')}."
        )
    if drawn is not None and drawn.map:
        yield "They were laid out by their two main components (PCA)."


def _missing(study: Study) -> Iterator[str]:
    if study.result("label_train") is None:
        return
    judged = study.result("label_evaluate")
    if judged is None:
        yield "The model was not judged on pixels that were held out; there are no honest figures."
        return
    if not study.setting("label_evaluate", "input"):
        yield "The model was not tested on pictures of another laboratory, microscope or study."
    if not any(one.linear_pearson is not None for one in judged.stains):
        yield "The network was not compared with a linear model."


def _software(study: Study, ref: Ref, libraries: str) -> str:
    program = study.versions.get("cytowizard", __version__)
    return f"All was done with CytoWizard {program}{', with ' + libraries if libraries else ''}."
