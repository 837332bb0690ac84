"""What a project that predicts stains can say of itself to the items of a checklist: text, and where it stands."""

from __future__ import annotations

from collections.abc import Callable

from wizard.reports.study import Study
from wizard.reports.words import count, listed, whole

Found = tuple[str, str]


def _kind(study: Study) -> Found:
    if study.result("label_train") is None:
        return "", ""
    return "Deep learning: a network that predicts fluorescence stains from transmitted light.", "Cover"


def _goal(study: Study) -> Found:
    if study.result("label_train") is None:
        return "", ""
    judged = "and judged" if study.result("label_evaluate") is not None else "but not judged"
    return f"A model was made {judged}.", "Cover"


def _sources(study: Study) -> Found:
    made = study.result("label_parse")
    return (f"{count(made.n_fields, 'field of view', 'fields of view')}.", "Parse fields of view") if made else ("", "")


def _excluded(study: Study) -> Found:
    made = study.result("label_parse")
    return (f"{count(len(made.skipped), 'file')} could not be used.", "Parse fields of view") if made else ("", "")


def _truth(study: Study) -> Found:
    made = study.result("label_parse")
    text = f"Fluorescence pictures of the same fields: {listed(made.labels, 30)}." if made else ""
    return text, "Parse fields of view"


def _level(study: Study) -> Found:
    made = study.result("label_parse")
    return (f"Split by {made.split_by}." if made and made.split_by else "", "Parse fields of view")


def _size(study: Study) -> Found:
    made = study.result("label_evaluate")
    text = f"Judged on {whole(made.pixels)} pixels of {count(made.n_fields, 'field')}." if made else ""
    return text, "Evaluate stains"


def _start(study: Study) -> Found:
    made = study.result("label_train")
    return ((made.started_from or "Random first weights.") if made else "", "Train on stains")


def _choice(study: Study) -> Found:
    made = study.result("label_train")
    return ("The best weights on the check pixels, which were not learnt." if made else "", "Train on stains")


def _ensemble(study: Study) -> Found:
    made = study.result("label_train")
    if made is None:
        return "", ""
    text = f"The mean of {made.networks} networks." if made.networks > 1 else "A single network."
    return text, "Train on stains"


def _measures(study: Study) -> Found:
    if study.result("label_evaluate") is None:
        return "", ""
    text = "Pearson correlation over all and over bright pixels, SSIM, mean absolute error, share in the interval."
    return text, "Evaluate stains"


def _figures(study: Study) -> Found:
    made = study.result("label_evaluate")
    said = [f"{one.label} {one.pearson:.3f}" for one in made.stains if one.pearson is not None] if made else []
    return (f"Pearson correlation: {listed(said, 20)}." if said else "", "Evaluate stains")


def _predictors(study: Study) -> Found:
    made = study.result("label_train")
    return (f"The pixels of {count(made.planes, 'plane')} of transmitted light." if made else "", "Train on stains")


def _output(study: Study) -> Found:
    words = study.words("label_train", "head")
    return (f"A grey level for each pixel and stain ({words})." if words else "", "Train on stains")


def _computed(study: Study) -> Found:
    made = study.result("label_evaluate")
    text = f"With the trained network as it is, by {made.engine}." if made and made.engine else ""
    return text, "Evaluate stains"


def _poor_input(study: Study) -> Found:
    made = study.result("label_train")
    return ("Fields whose transmitted light is unlike that of the training are marked." if made else "",
            "Predict stains")  # fmt: skip


WRITERS: dict[str, Callable[[Study], Found]] = {
    "kind": _kind, "goal": _goal, "sources": _sources, "excluded": _excluded, "truth": _truth, "level": _level,
    "size": _size, "start": _start, "choice": _choice, "ensemble": _ensemble, "measures": _measures,
    "internal": _figures, "figures": _figures, "perclass": _figures, "predictors": _predictors, "output": _output,
    "computed": _computed, "poor_input": _poor_input,
}  # fmt: skip
"""Key of an item → what the project says to it."""

PARAGRAPHS = {
    "preprocessing": "Pictures", "normalisation": "Pictures", "split": "Division of the pictures",
    "flow": "Division of the pictures", "network": "Network", "software": "Software", "training": "Training",
    "numbers": "Training", "limits": "Not done",
}  # fmt: skip
"""Key of an item → the part of the methods that answers it."""

FOR_ALL = ("protocol", "availability", "code")
"""Items that are answered as in a project for cells."""
