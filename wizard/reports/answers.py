"""What a project can say of itself to the items of a checklist, and in which part of the report it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wizard import __version__
from wizard.reports import label_answers
from wizard.reports.methods import paragraphs
from wizard.reports.study import Study
from wizard.reports.words import count, listed, percent, whole, with_interval

_METHODS = "Methods"


class Answer(NamedTuple):
    """A sentence, and the part of the report in which it stands."""

    text: str
    where: str


def answer(study: Study, key: str) -> Answer | None:
    """Return what the project knows about an item; None when it knows nothing."""
    if study.of_stains:
        return _of_stains(study, key)
    write = _WRITERS.get(key)
    found = write(study) if write is not None else None
    return found if found is not None and found.text else None


def _of_stains(study: Study, key: str) -> Answer | None:
    found: Answer | None = None
    if key in label_answers.PARAGRAPHS:
        found = _paragraph(label_answers.PARAGRAPHS[key])(study)
    elif key in label_answers.WRITERS:
        found = Answer(*label_answers.WRITERS[key](study))
    elif key in label_answers.FOR_ALL:
        found = _WRITERS[key](study)
    return found if found is not None and found.text else None


def _paragraph(title: str) -> Callable[[Study], Answer | None]:
    def write(study: Study) -> Answer | None:
        text = dict(paragraphs(study)).get(title, "")
        return Answer(text, f"{_METHODS}: {title}") if text else None

    return write


def _kind(study: Study) -> Answer | None:
    made = study.trained
    if made is None:
        return None
    return Answer(f"Deep learning: a network that tells {made.target} of single cells in images.", "Cover")


def _goal(study: Study) -> Answer | None:
    if study.trained is None:
        return Answer("A model was applied; none was made.", "Cover") if study.predicted is not None else None
    judged = "and judged" if study.judged is not None else "but not judged"
    return Answer(f"A model was made {judged}.", "Cover")


def _sources(study: Study) -> Answer | None:
    made = study.parsed
    if made is None:
        return None
    formats = listed(made.formats) or "images"
    text = f"{count(made.n_cells, 'cell')} from {count(made.n_files, 'file')} ({formats})."
    return Answer(text, "Parse; Versions and hashes")


def _excluded(study: Study) -> Answer | None:
    made = study.parsed
    if made is None:
        return None
    return Answer(
        f"{count(made.n_skipped, 'file')} could not be used, {count(made.excluded_by_tag, 'cell')} were left out by "
        f"tag and {whole(made.capped)} by a limit per class.", "Parse: Files left out",
    )  # fmt: skip


def _preprocessing(study: Study) -> Answer | None:
    first = _paragraph("Cells and images")(study)
    normal = _normalisation(study)
    if first is None:
        return None
    return Answer(f"{first.text} {normal.text if normal else ''}".strip(), first.where)


def _normalisation(study: Study) -> Answer | None:
    words = study.words("train", "normalisation")
    return Answer(f"Normalisation of the input: {words}.", "Train: Settings of this step") if words else None


def _selection(study: Study) -> Answer | None:
    made = study.parsed
    if made is None:
        return None
    left = f"{count(made.capped, 'cell')} were left out by a limit per class."
    return Answer(left if made.capped else "All cells were used.", "Parse")


def _missing(study: Study) -> Answer | None:
    made = study.parsed
    if made is None:
        return None
    left = f"{count(made.n_skipped, 'file')} could not be read or lacked channels and were left out"
    return Answer(f"{left}; nothing was imputed.", "Parse: Files left out")


def _acquisition(study: Study) -> Answer | None:
    made = study.parsed
    if made is None:
        return None
    facts = "; ".join(f"{title}: {text}" for title, text in made.facts.items())
    channels = listed(f"{item.shown} (number {item.number})" for item in made.channels)
    return Answer(f"Channels: {channels}. {facts}".strip(), "Parse: Channels")


def _truth(study: Study) -> Answer | None:
    made = study.trained or study.judged
    if made is None or not made.target:
        return None
    return Answer(f"The tag {made.target} with the classes {listed(made.classes, 30)}, from folders, files or tables.",
                  "Train: Cells by class")  # fmt: skip


def _suspects(study: Study) -> Answer | None:
    made = study.judged
    if made is None:
        return None
    return Answer(f"{count(made.n_suspects, 'judged cell')} may carry a wrong label, by the model's own answers.",
                  "Evaluate")  # fmt: skip


def _level(study: Study) -> Answer | None:
    made = study.parsed
    return Answer(f"Split by {made.split_by}.", "Parse: Cells by class and part") if made and made.split_by else None


def _size(study: Study) -> Answer | None:
    made = study.judged
    if made is None:
        return None
    return Answer(f"Judged on {count(made.n_cells, 'cell')} from {count(made.n_groups, 'group')}.", "Evaluate")


def _start(study: Study) -> Answer | None:
    made = study.trained
    return Answer(made.start or "Random first weights.", "Train: Model") if made is not None else None


def _choice(study: Study) -> Answer | None:
    made = study.trained
    if made is None:
        return None
    return Answer(f"The weights of epoch {made.best_epoch} of {made.epochs}, chosen on the validation cells.", "Train")


def _ensemble(study: Study) -> Answer | None:
    made = study.trained
    if made is None:
        return None
    text = f"The model is the mean of {count(len(made.folds), 'network')}." if made.folds else "A single network."
    return Answer(text, "Train")


def _measures(study: Study) -> Answer | None:
    if study.judged is None:
        return None
    return Answer(
        "Accuracy, balanced accuracy, macro F1, Matthews correlation; recall, precision, specificity, F1, AUC and "
        "average precision of each class; confusion matrix; calibration error and reliability curve.", "Evaluate",
    )  # fmt: skip


def _intervals(study: Study) -> Answer | None:
    made = study.judged
    if made is None or not made.interval_by:
        return None
    drawn = "whole groups" if made.interval_by == "group" else "single cells"
    return Answer(f"95 % intervals from a bootstrap over {drawn}.", "Evaluate: Headline figures")


def _robustness(study: Study) -> Answer | None:
    made = study.judged
    if made is None or not made.by_tag:
        return None
    return Answer(f"Accuracy was compared between the values of {listed(made.by_tag)}.", "Evaluate: Accuracy by tag")


def _explained(study: Study) -> Answer | None:
    found = _paragraph("Explanation")(study)
    if found is not None:
        return Answer(found.text, "Explain the model")
    return Answer("Not examined.", "") if study.judged is not None else None


def _internal(study: Study) -> Answer | None:
    made = study.judged
    if made is None:
        return None
    return Answer(f"Accuracy {with_interval(made.accuracy)} on {made.data or 'hold-out cells'}.", "Evaluate")


def _external(study: Study) -> Answer | None:
    if study.judged is None:
        return None
    if study.setting("evaluate", "input"):
        return Answer(f"Judged on {study.judged.data}; whether these are external only you know.", "Evaluate")
    return None


def _flow(study: Study) -> Answer | None:
    made = study.parsed
    if made is None:
        return None
    names = {"train": "for training", "holdout": "held out", "excluded": "left out"}
    parts = listed(f"{whole(number)} {names.get(part, part)}" for part, number in made.counts.items())
    return Answer(f"{count(made.n_cells, 'cell')} read: {parts}.", "Parse: Cells by class and part")


def _groups(study: Study) -> Answer | None:
    made = study.parsed
    if made is None or not made.group:
        return None
    values = count(len(made.tags.get(made.group, {})), "value")
    return Answer(f"{values} of {made.group}; all tags with counts are listed.", "Parse: Tags")


def _figures(study: Study) -> Answer | None:
    made = study.judged
    if made is None:
        return None
    return Answer(
        f"Accuracy {with_interval(made.accuracy)}, balanced accuracy {with_interval(made.balanced_accuracy)}.",
        "Evaluate: Headline figures",
    )  # fmt: skip


def _per_class(study: Study) -> Answer | None:
    made = study.judged
    if made is None or not made.per_class:
        return None
    said = (f"{name} {percent(one.recall)}" for name, one in made.per_class.items())
    return Answer(f"Recall by class: {listed(said, 20)}.", "Evaluate: Class by class")


def _wrong(study: Study) -> Answer | None:
    made = study.judged
    if made is None or not made.confusion:
        return None
    wrong = sum(map(sum, made.confusion)) - sum(row[place] for place, row in enumerate(made.confusion))
    return Answer(f"{count(wrong, 'cell')} were named wrong; which classes are confused, and pictures, are shown.",
                  "Evaluate: Confusion matrix; Wrongly predicted cells")  # fmt: skip


def _limits(study: Study) -> Answer | None:
    from wizard.reports.blocks import Text
    from wizard.reports.sections.evaluate import limits

    said = [block.text for block in limits(study.judged) if isinstance(block, Text)] if study.judged else []
    missing = dict(paragraphs(study)).get("Not done", "")
    return Answer(" ".join([*said, missing]).strip(), "Evaluate; Methods: Not done")


def _protocol(study: Study) -> Answer:
    return Answer("All settings of all steps are listed, with their values.", "Settings of this step, in each part")


def _availability(study: Study) -> Answer:
    files = listed(f"{one.name} ({one.checksum[:12]}…)" for one in study.origins)
    return Answer(f"Checksums of data set and model: {files}." if files else "", "Versions and hashes")


def _code(study: Study) -> Answer:
    program = study.versions.get("cytowizard", __version__)
    return Answer(f"CytoWizard {program} is free software (GPL-3.0-or-later).", "Versions and hashes")


def _predictors(study: Study) -> Answer | None:
    made = study.trained
    if made is None:
        return None
    channels = listed(item.shown for item in made.channels)
    return Answer(f"The pixels of the channels {channels}, {made.frame[1]} × {made.frame[0]} px.", "Train: Model")


def _imbalance(study: Study) -> Answer | None:
    words = study.words("train", "class_weights")
    return Answer(f"Class weights: {words}. Sampling: {study.words('train', 'sampling')}.", "Train") if words else None


def _output(study: Study) -> Answer | None:
    made = study.predicted
    more = f" Cells below {made.threshold:.3g} are called unsure." if made is not None else ""
    if study.trained is None and made is None:
        return None
    return Answer(f"A calibrated probability for each class; the most probable class is the answer.{more}", "Predict")


def _differences(study: Study) -> Answer | None:
    if study.judged is None or study.parsed is None:
        return None
    if study.setting("evaluate", "input"):
        return Answer(f"Judged on {study.judged.data}.", "Evaluate")
    return Answer("Hold-out and training cells come from the same study and were prepared alike.", "Parse")


def _computed(study: Study) -> Answer | None:
    made = study.judged
    return Answer(f"With the trained network as it is, by {made.engine}.", "Evaluate") if made and made.engine else None


def _numbers(study: Study) -> Answer | None:
    made = study.trained
    if made is None:
        return None
    said = (f"{name} {whole(sum(parts.values()))}" for name, parts in made.counts.items())
    judged = f"; judged: {whole(study.judged.n_cells)}" if study.judged is not None else ""
    return Answer(f"Cells for training and validation: {listed(said, 30)}{judged}.", "Train: Cells by class")


def _fixed(text: str, where: str) -> Callable[[Study], Answer | None]:
    return lambda study: Answer(text, where) if study.trained is not None else None


_WRITERS: dict[str, Callable[[Study], Answer | None]] = {
    "kind": _kind, "goal": _goal, "sources": _sources, "excluded": _excluded, "preprocessing": _preprocessing,
    "selection": _selection, "missing": _missing, "acquisition": _acquisition, "truth": _truth, "suspects": _suspects,
    "split": _paragraph("Division of the cells"), "level": _level, "size": _size, "network": _paragraph("Network"),
    "software": _paragraph("Software"), "start": _start, "training": _paragraph("Training"), "choice": _choice,
    "ensemble": _ensemble, "measures": _measures, "intervals": _intervals, "robustness": _robustness,
    "explained": _explained, "internal": _internal, "external": _external, "flow": _flow, "groups": _groups,
    "figures": _figures, "perclass": _per_class, "wrong": _wrong, "limits": _limits, "protocol": _protocol,
    "availability": _availability, "code": _code, "predictors": _predictors, "normalisation": _normalisation,
    "imbalance": _imbalance, "output": _output, "differences": _differences, "computed": _computed,
    "numbers": _numbers,
    "none_judged": _fixed("No predictor needs judgement: the network takes the pixels.", "Train"),
    "updating": _fixed("The model was not updated after its evaluation.", ""),
    "poor_input": _fixed("Cells that are unlike the training cells are marked as unfamiliar.", "Predict"),
    "users": _fixed("The user chooses files and model; no cell is changed or chosen by hand.", "Predict"),
}  # fmt: skip
"""Key of an item → what the project says to it."""
