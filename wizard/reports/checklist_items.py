"""The items of the CLAIM (2024 update) and TRIPOD+AI (2024) checklists, in short words of our own.

Each line: number, part of the paper, what to report, key of what the project knows about it (see `answers`; empty when
only the authors can tell), and what the authors have to add.
"""

from __future__ import annotations

from typing import NamedTuple


class Item(NamedTuple):
    """One item of a checklist."""

    number: str
    part: str
    text: str
    key: str
    add: str
    """What only the authors know; empty when the project's answer is whole."""


CLAIM = (
    Item("1", "Title or abstract", "Say that it is a study of artificial intelligence, and of which kind", "kind",
         "the title"),
    Item("2", "Abstract", "Design, methods, results and conclusions in short", "", "the abstract"),
    Item("3", "Introduction", "Background, intended use and role of the model", "", "background and intended use"),
    Item("4", "Introduction", "Aims and hypotheses", "", "aims and hypotheses"),
    Item("5", "Study design", "Prospective or retrospective", "", "how the samples were collected"),
    Item("6", "Study design", "Goal, such as making a model, feasibility or comparison", "goal", "the goal"),
    Item("7", "Data", "Sources of the data", "sources", "places, dates and instruments"),
    Item("8", "Data", "Which samples and cells were included and left out", "excluded",
         "selection of people or samples"),
    Item("9", "Data", "Preprocessing", "preprocessing", ""),
    Item("10", "Data", "Selection of parts of the data", "selection", ""),
    Item("11", "Data", "How the data were made anonymous", "pseudonyms", "what was done before the import"),
    Item("12", "Data", "Missing data", "missing", ""),
    Item("13", "Data", "How the images were recorded", "acquisition", "instrument, staining, gating and settings"),
    Item("14", "Reference standard", "What the true classes are", "truth", "how each class is defined"),
    Item("15", "Reference standard", "Why this reference was chosen", "", "reasons and limits of the labels"),
    Item("16", "Reference standard", "Who or what gave the labels", "", "who labelled, with which training"),
    Item("17", "Reference standard", "How the test cells were labelled", "", "labels of the hold-out cells"),
    Item("18", "Reference standard", "How far labels differ between and within readers", "suspects",
         "agreement between readers"),
    Item("19", "Partition", "How cells were assigned to training, validation and test", "split", ""),
    Item("20", "Partition", "On which level the parts do not overlap", "level", ""),
    Item("21", "Partition", "Intended size of the test set and why", "size", "how the size was decided"),
    Item("22", "Model", "The network, its input and output", "network", ""),
    Item("23", "Model", "Software and libraries with versions", "software", ""),
    Item("24", "Model", "First weights", "start", ""),
    Item("25", "Training", "Training, augmentation, settings, number of models", "training", ""),
    Item("26", "Training", "How the final model was chosen", "choice", ""),
    Item("27", "Training", "Combination of several models", "ensemble", ""),
    Item("28", "Evaluation", "Measures of performance", "measures", ""),
    Item("29", "Evaluation", "Uncertainty and significance", "intervals", ""),
    Item("30", "Evaluation", "Robustness or sensitivity", "robustness", "further tests of robustness"),
    Item("31", "Evaluation", "How the model's answers are explained", "explained", ""),
    Item("32", "Evaluation", "Test on internal data", "internal", ""),
    Item("33", "Evaluation", "Test on external data", "external", "tests at other places"),
    Item("34", "Evaluation", "Registration of the trial", "", "registration, or that there is none"),
    Item("35", "Results", "Numbers included and left out", "flow", "numbers of people and samples"),
    Item("36", "Results", "Who or what the samples come from, in each part", "groups", "age, sex, disease and so on"),
    Item("37", "Results", "Performance with uncertainty", "figures", ""),
    Item("38", "Results", "Diagnostic performance and its precision", "perclass", ""),
    Item("39", "Results", "Analysis of wrong answers", "wrong", "what the mistakes have in common"),
    Item("40", "Discussion", "Limits of the study", "limits", "further limits"),
    Item("41", "Discussion", "What follows for practice", "", "intended use and what it needs"),
    Item("42", "Other", "Full protocol or technical details", "protocol", "where the protocol can be had"),
    Item("43", "Other", "Availability of software, model and data", "availability", "where model and data can be had"),
    Item("44", "Other", "Funding and role of the funders", "", "funding"),
)  # fmt: skip

TRIPOD = (
    Item("1", "Title", "Say that a prediction model is made or judged, for whom, and what it predicts", "kind",
         "the title"),
    Item("2", "Abstract", "As TRIPOD+AI for abstracts asks", "", "the abstract"),
    Item("3a", "Background", "Context, reasons, models that exist", "", "context and earlier models"),
    Item("3b", "Background", "Who it is for, purpose and users", "", "target population and users"),
    Item("3c", "Background", "Known differences in health between groups of people", "", "known inequalities"),
    Item("4", "Objectives", "Aims; whether the model is made, judged or both", "goal", "the aims"),
    Item("5a", "Data", "Sources of the data for making and for judging", "sources", "why these, how representative"),
    Item("5b", "Data", "Dates of the data", "", "first and last day of collection"),
    Item("6a", "Participants", "Setting, number and place of centres", "groups", "setting and centres"),
    Item("6b", "Participants", "Who was eligible", "", "eligibility"),
    Item("6c", "Participants", "Treatments, if they matter", "", "treatments"),
    Item("7", "Preparation", "Preprocessing and checks of quality", "preprocessing", ""),
    Item("8a", "Outcome", "What is predicted and how it was found", "truth", "how each class is defined and found"),
    Item("8b", "Outcome", "Who judged the outcome, if it needs judgement", "", "who labelled, with which training"),
    Item("8c", "Outcome", "Blinding of the outcome", "", "whether labels were given blind"),
    Item("9a", "Predictors", "Which predictors were considered and why", "predictors", "why these channels"),
    Item("9b", "Predictors", "How and when they were measured", "acquisition", "instrument, staining and time"),
    Item("9c", "Predictors", "Who judged the predictors, if they need judgement", "none_judged", ""),
    Item("10", "Sample size", "How it was decided, and whether it is enough", "size", "how the size was decided"),
    Item("11", "Missing data", "How missing data were handled", "missing", ""),
    Item("12a", "Analysis", "How the data were used and divided", "split", ""),
    Item("12b", "Analysis", "How predictors were transformed", "normalisation", ""),
    Item("12c", "Analysis", "Kind of model, how it was built and checked", "training", ""),
    Item("12d", "Analysis", "Differences between clusters, such as centres", "robustness",
         "differences between centres"),
    Item("12e", "Analysis", "Measures and plots of performance", "measures", ""),
    Item("12f", "Analysis", "Updating of the model", "updating", ""),
    Item("12g", "Analysis", "How predictions were computed for the evaluation", "computed", ""),
    Item("13", "Class imbalance", "What was done about rare classes", "imbalance", ""),
    Item("14", "Fairness", "What was done for fairness", "", "performance by age, sex and so on, and what was done"),
    Item("15", "Model output", "What the model gives out, and thresholds", "output", ""),
    Item("16", "Training against evaluation", "Differences between the two sets of data", "differences",
         "differences in setting"),
    Item("17", "Ethics", "Approval and consent", "", "ethics committee and consent"),
    Item("18a", "Open science", "Funding", "", "funding"),
    Item("18b", "Open science", "Conflicts of interest", "", "conflicts of interest"),
    Item("18c", "Open science", "Protocol", "protocol", "where the protocol can be had"),
    Item("18d", "Open science", "Registration", "", "registration, or that there is none"),
    Item("18e", "Open science", "Sharing of the data", "availability", "where the data can be had"),
    Item("18f", "Open science", "Sharing of the code", "code", ""),
    Item("19", "Involvement", "Part of patients and public", "", "involvement, or that there was none"),
    Item("20a", "Results", "Flow of participants and cells", "flow", "numbers of people and samples"),
    Item("20b", "Results", "Characteristics of the participants", "groups", "age, sex, disease and so on"),
    Item("20c", "Results", "Comparison of evaluation with development data", "differences", "characteristics of both"),
    Item("21", "Results", "Numbers and outcomes in each analysis", "numbers", ""),
    Item("22", "Results", "The full model, so that others can use it", "availability", "where the model can be had"),
    Item("23a", "Results", "Performance with intervals, also of subgroups", "figures", "further subgroups"),
    Item("23b", "Results", "Differences of performance between clusters", "robustness", ""),
    Item("24", "Results", "Results of updating the model", "updating", ""),
    Item("25", "Discussion", "Interpretation, with fairness and earlier studies", "", "the interpretation"),
    Item("26", "Discussion", "Limits", "limits", "further limits"),
    Item("27a", "Discussion", "Poor or missing input when the model is used", "poor_input", ""),
    Item("27b", "Discussion", "What users must do and know", "users", "training of the users"),
    Item("27c", "Discussion", "Next steps, and where the model may hold", "", "next steps"),
)  # fmt: skip
