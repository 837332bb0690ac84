"""The methods of a study in sentences fit for a paper, made from its results alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from wizard import __version__
from wizard.plan import step_settings
from wizard.reports import label_methods
from wizard.reports.citations import WORKS, used
from wizard.reports.sections.common import named
from wizard.reports.study import Study
from wizard.reports.words import RESEARCH_ONLY, count, listed, one_line, percent, whole, with_interval
from wizard.results import VisualizeResult

_NOTHING = ("", "0", "0.0", "none", "None")
_SHARES = {"macro_f1": "macro-averaged F1", "mcc": "Matthews correlation coefficient"}
_LIBRARIES = {
    "python": "Python", "keras": "Keras", "tensorflow-cpu": "TensorFlow", "tensorflow": "TensorFlow", "numpy": "NumPy",
    "scikit-learn": "scikit-learn", "openTSNE": "openTSNE", "umap-learn": "umap-learn", "phate": "PHATE",
    "leidenalg": "leidenalg", "harmonypy": "harmonypy", "scikit-image": "scikit-image", "openvino": "OpenVINO",
}  # fmt: skip
_ONLY = {
    "scikit-learn": "scikit-learn", "openTSNE": "openTSNE", "umap-learn": "umap", "phate": "phate",
    "leidenalg": "leiden", "harmonypy": "harmony",
}  # fmt: skip
"""Libraries that are named only when the study used what they are for."""
_CITED = {
    "keras": ["keras"], "tensorflow": ["tensorflow-cpu", "tensorflow"],
    "numpy": ["numpy"], "scikit-learn": ["scikit-learn"], "openTSNE": ["openTSNE"], "umap": ["umap-learn"],
    "phate": ["phate"],
}  # fmt: skip


def paragraphs(study: Study) -> list[tuple[str, str]]:
    """Return (heading, paragraph) for each part of the methods that the project can tell; numbers are its own."""
    if study.of_stains:
        return label_methods.parts(study, partial(_ref, study), listed(_libraries(study), 20))
    parts = (
        ("Cells and images", _cells), ("Division of the cells", _split), ("Network", _network),
        ("Training", _training), ("Evaluation", _evaluation), ("Explanation", _explanation),
        ("Prediction", _prediction), ("Features and maps", _features), ("Not done", _missing), ("Software", _software),
    )  # fmt: skip
    found = [(title, " ".join(text for text in write(study) if text)) for title, write in parts]
    return [(title, text) for title, text in found if text]


def as_text(study: Study) -> str:
    """Return the methods with their references as plain text."""
    lines = ["Methods", "", RESEARCH_ONLY, ""]
    for title, text in paragraphs(study):
        lines += [one_line(title), one_line(text), ""]
    lines += ["References", *(f"{number}. {text}" for number, text in enumerate(references(study), 1)), ""]
    return "\n".join(lines)


def references(study: Study) -> list[str]:
    """Return the publications that the methods rest on, in the order of their numbers."""
    return [WORKS[key] for key in used(study)]


def _ref(study: Study, *keys: str) -> str:
    """Return the numbers of publications in square brackets, e.g. ` [2, 5]`; nothing for those not used."""
    order = used(study)
    numbers = [str(order.index(key) + 1) for key in keys if key in order]
    return f" [{', '.join(numbers)}]" if numbers else ""


def _cells(study: Study) -> Iterator[str]:
    made = study.parsed
    if made is None:
        return
    formats = f" ({listed(made.formats)})" if made.formats else ""
    channels = listed((f"{item.shown} (number {item.number})" for item in made.channels), 40)
    yield (
        f"Images of {count(made.n_cells, 'single cell')} were read from {count(made.n_files, 'file')}{formats}, in "
        f"{count(len(made.channels), 'channel')}: {channels}. Every cell was placed in a frame of {made.frame[1]} × "
        f"{made.frame[0]} px; grey levels were kept as recorded ({made.dtype or 'integer'})."
    )
    if made.padded:
        rule = study.words("parse", "padding")
        yield f"{count(made.padded, 'cell')} smaller than the frame were padded ({_small(rule)})."
    if made.larger:
        rule = study.words("parse", "larger")
        yield f"{count(made.larger, 'cell')} larger than the frame were handled so: {_small(rule)}."
    left = [(made.n_skipped, "unusable file"), (made.excluded_by_tag, "cell left out by tag"),
            (made.capped, "cell left out by a limit per class")]  # fmt: skip
    said = [count(number, word, _plural(word)) for number, word in left if number]
    yield f"Left out were {listed(said)}." if said else "No file or cell was left out."


def _plural(word: str) -> str:
    first, _, rest = word.partition(" ")
    return f"{first}s {rest}" if first == "cell" else f"{word}s"


def _split(study: Study) -> Iterator[str]:
    made = study.parsed
    if made is None:
        return
    held = made.counts.get("holdout", 0)
    share = percent(held / made.n_cells) if made.n_cells else "none"
    yield (
        f"{count(held, 'cell')} ({share}) were set apart as hold-out cells before any training (random seed "
        f"{study.setting('parse', 'seed')})."
    )
    if made.group:
        values = len(made.tags.get(made.group, {}))
        yield (
            f"The division was by {made.group} ({count(values, 'value')}): all cells of one {made.group} are on the "
            "same side."
        )
    elif made.split_by:
        yield f"The division was by {made.split_by}, not by donor or sample."
    if study.trained is not None and study.trained.validation_by:
        yield (
            "Of the training cells, a validation part was set apart likewise "
            f"(by {study.trained.validation_by.removeprefix('group ')})."
        )


def _network(study: Study) -> Iterator[str]:
    made = study.trained
    if made is None:
        return
    networks = f"{count(len(made.folds), 'network')} of the kind" if made.folds else "The convolutional network"
    verb = "were" if made.folds else "was"
    yield (
        f"{networks} {made.network_title or made.network} ({whole(made.parameters)} parameters"
        f"{' in all' if made.folds else ''}){_ref(study, 'resnet')} {verb} trained to tell "
        f"{count(len(made.classes), 'class', 'classes')} of the tag {made.target} apart: {listed(made.classes, 30)}."
    )
    normalisation = study.words("train", "normalisation")
    if normalisation:
        yield f"Input was normalised: {_small(normalisation)}."
    yield f"It started from {made.start}." if made.start else "It started from random weights."
    if made.weak:
        yield (f"Training was weakly supervised: {made.target} is a tag of whole samples, not a class of single cells.")


def _training(study: Study) -> Iterator[str]:
    made = study.trained
    if made is None:
        return
    cells = {part: sum(counts.get(part, 0) for counts in made.counts.values()) for part in ("train", "validation")}
    yield (f"{count(cells['train'], 'cell')} were used for training and {whole(cells['validation'])} for validation.")
    yield (
        f"Training took {count(made.epochs, 'epoch')} and ended because "
        f"{(made.ended_because or 'it was complete').rstrip('.')}; the weights of epoch {made.best_epoch} were kept, "
        "chosen on the validation cells."
    )
    names = ("optimizer", "learning_rate", "schedule", "batch", "loss", "label_smoothing", "weight_decay", "dropout",
             "mixup", "cutmix", "class_weights", "sampling", "averaging", "seed")  # fmt: skip
    yield f"Settings: {'; '.join(_pairs(study, names))}."
    yield _augmentation(study)
    if made.adjustments:
        yield f"{count(len(made.adjustments), 'setting')} were changed by hand while it ran; they are in the report."


def _pairs(study: Study, names: Iterable[str]) -> Iterator[str]:
    """Yield `title value` of settings that are in use, in the words of the form."""
    known = {item.name: item for item in step_settings("train")}
    for name in names:
        value = study.setting("train", name)
        if name not in known or value is None:
            continue
        text = one_line(named(known[name], value)).removesuffix(" (recommended)").rpartition(" = ")[2]
        if text not in _NOTHING:
            yield f"{_small(known[name].title)} {_small(text)}"


def _small(text: str) -> str:
    """Return text as it stands in the middle of a sentence; names such as AdamW keep their letters."""
    first = text.split(" ", 1)[0].rstrip(":,;")
    return text[:1].lower() + text[1:] if len(first) > 1 and first[1:].islower() else text


def _augmentation(study: Study) -> str:
    chosen = study.setting("train", "augmentation")
    if chosen == "none":
        return "No augmentation was used."
    if chosen != "own":
        return f"Training images were augmented with the preset “{study.words('train', 'augmentation')}”."
    from wizard.augmentation_plan import AugmentationPlan

    names = [name for name in AugmentationPlan.model_fields if name not in ("fill", "channels_apart", "motion_angle")]
    return f"Training images were augmented with: {'; '.join(_pairs(study, names))}."


def _evaluation(study: Study) -> Iterator[str]:
    made = study.judged
    if made is None:
        return
    groups = f" of {count(made.n_groups, 'group')}" if made.n_groups else ""
    which = "cells given for it" if set(made.data) & set("/\\") else made.data or "hold-out cells"
    yield f"The model was judged on {count(made.n_cells, 'cell')}{groups}: {which}."
    if made.interval_by:
        drawn = "whole groups" if made.interval_by == "group" else "single cells"
        yield (
            f"95 % intervals come from a bootstrap with {whole(study.setting('evaluate', 'bootstrap'))} rounds, in "
            f"which {drawn} were drawn."
        )
    yield (
        f"Accuracy was {with_interval(made.accuracy)}, balanced accuracy (mean recall of the classes) "
        f"{with_interval(made.balanced_accuracy)}."
    )
    more = [f"{title} {with_interval(getattr(made, name))}" for name, title in _SHARES.items() if getattr(made, name)]
    if more:
        text = listed(more)
        yield f"{text[:1].upper() + text[1:]}."
    if made.temperature is not None:
        yield (
            f"Probabilities were calibrated by temperature scaling{_ref(study, 'temperature')} on the validation cells "
            f"(temperature {made.temperature:.2f}); the expected calibration error on the judged cells was "
            f"{'not known' if made.ece is None else f'{made.ece:.3f}'}."
        )
    yield _leakage(study)


def _leakage(study: Study) -> str:
    found = study.judged.leakage if study.judged is not None else None
    if found is None or not found.checked:
        return ""
    if not found.n_duplicates and not found.shared_groups:
        return f"No judged cell has the same pixels as one of the {found.checked}."
    return (
        f"{count(found.n_duplicates, 'judged cell')} had the same pixels as training cells and "
        f"{whole(found.n_in_shared_groups)} came from groups that the training had seen; accuracy on the others was "
        f"{with_interval(found.accuracy_without)}."
    )


def _explanation(study: Study) -> Iterator[str]:
    made = study.explained
    if made is None:
        return
    names = {"gradcam": "Grad-CAM", "gradients": "integrated gradients", "occlusion": "occlusion"}
    methods = listed(names.get(name, name) + _ref(study, name) for name in made.methods)
    yield f"Where the model looks was shown with {methods}." if methods else ""
    if made.ablation:
        yield "How much it needs each channel was measured on subsets of the channels."


def _prediction(study: Study) -> Iterator[str]:
    made = study.predicted
    if made is None:
        return
    # A path has no place in a paper.
    which = "" if not made.data or set(made.data) & set("/\\") else f" ({made.data})"
    yield f"The model was applied to {count(made.n_cells, 'cell')}{which}."
    yield (
        f"Cells with a probability below {made.threshold:.3g} were called unsure ({whole(made.n_unsure)}); "
        f"{whole(made.n_unfamiliar)} were unlike the training cells."
    )
    if made.shares and not made.uncorrected:
        yield "Shares of the classes were corrected for the wrong predictions seen on the validation cells."


def _features(study: Study) -> Iterator[str]:
    made = study.extracted
    if made is not None:
        layout = "averaged over the frame" if made.layout == "average" else "kept for every position"
        yield (
            f"{count(made.n_features, 'feature')} of each of {count(made.n_cells, 'unaugmented cell')} were read at "
            f"the layer {made.layer_in_network or made.layer} ({layout})."
        )
        if made.classical:
            yield f"{count(len(made.classical), 'classical feature')} of area, intensity and texture were measured too."
    if study.mapped is not None:
        yield from _maps(study, study.mapped)


def _maps(study: Study, maps: VisualizeResult) -> Iterator[str]:
    details = {"tsne": f"perplexity {study.setting('visualize', 'perplexity')}",
               "umap": f"{study.setting('visualize', 'neighbours')} neighbours, minimum distance "
                       f"{study.setting('visualize', 'min_dist')}",
               "phate": f"{study.setting('visualize', 'knn')} neighbours"}  # fmt: skip
    refs = {"tsne": ("tsne", "openTSNE"), "umap": ("umap",), "phate": ("phate",), "pca": ("scikit-learn",)}
    titles = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "phate": "PHATE"}
    said = []
    for method in dict.fromkeys(one.method for one in maps.maps):
        more = f" ({details[method]})" if method in details and study.setting("visualize", "seed") is not None else ""
        said.append(f"{titles.get(method, method)}{more}{_ref(study, *refs.get(method, ()))}")
    if said:
        scaled = "standardised " if study.setting("visualize", "standardize") else ""
        yield (
            f"{count(maps.n_cells, 'cell')} were laid out from their {scaled}features by {listed(said)}, random seed "
            f"{study.setting('visualize', 'seed')}."
        )
    good = [one for one in maps.maps if one.trustworthiness is not None]
    if good:
        values = listed((f"{one.title} {one.trustworthiness:.3f}" for one in good), 12)
        yield f"Trustworthiness of the maps{_ref(study, 'quality')}: {values}."
    yield from _analyses(study, maps)


def _analyses(study: Study, maps: VisualizeResult) -> Iterator[str]:
    if maps.batch is not None and maps.batch.correction in ("harmony", "combat"):
        name = {"harmony": "Harmony", "combat": "ComBat"}[maps.batch.correction]
        cited = _ref(study, maps.batch.correction)
        yield f"Differences between batches ({maps.batch.tag}) were removed with {name}{cited}."
    elif maps.maps:
        yield "Differences between batches were not corrected."
    if maps.batch is not None and maps.batch.before is not None:
        after = f", {with_interval(maps.batch.after)} after the correction" if maps.batch.after is not None else ""
        yield (
            f"How well the {maps.batch.tag} of a cell could be told from its features within its class (0 not at all, "
            f"1 always) was {with_interval(maps.batch.before)}{after}."
        )
    if maps.clusters is not None and maps.clusters.clusters:
        yield (
            f"{count(len(maps.clusters.clusters), 'cluster')} were found with {maps.clusters.method} at resolution "
            f"{maps.clusters.resolution:g}{_ref(study, 'leiden')}."
        )
    if maps.progression is not None:
        one = maps.progression
        yield (
            f"Cells were put in a row by {one.method}{_ref(study, 'pseudotime')} from {one.tag} = {one.root}; the rank "
            f"correlation (Spearman) with {one.tag} was {with_interval(one.correlation)}"
            + (f", {with_interval(one.holdout)} over the hold-out cells alone." if one.holdout else ".")
        )


def _missing(study: Study) -> Iterator[str]:
    """Say what a reader might expect and was not done."""
    if study.judged is None:
        yield "The model was not judged on hold-out cells; there are no honest figures of its accuracy."
    elif not study.setting("evaluate", "input"):
        yield "The model was not tested on cells of another laboratory, instrument or study."
    if study.trained is not None and not study.trained.folds:
        yield "There was no cross-validation; one division of the cells was used."
    if study.judged is not None and study.judged.rival is None:
        yield "The model was not compared with another model or with human readers on the same cells."
    if study.explained is None and study.trained is not None:
        yield "It was not examined where the model looks."


def _software(study: Study) -> Iterator[str]:
    shown = listed(_libraries(study), 20)
    program = study.versions.get("cytowizard", __version__)
    yield (
        f"All was done with CytoWizard {program}, after the protocol of Deepometry{_ref(study, 'deepometry')}"
        f"{', with ' + shown if shown else ''}."
    )
    yield RESEARCH_ONLY


def _libraries(study: Study) -> list[str]:
    """Return the libraries that the study used, with versions and publications."""
    versions, cited = study.versions, used(study)
    shown: dict[str, str] = {}
    for name, title in _LIBRARIES.items():
        key = next((key for key, names in _CITED.items() if name in names), "")
        needed = name in versions and (name not in _ONLY or _ONLY[name] in cited)
        if needed or (key in cited and title not in shown):
            number = f" {versions[name]}" if name in versions else ""
            shown[title] = f"{title}{number}{_ref(study, key)}"
    return list(shown.values())
