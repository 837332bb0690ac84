"""The publications of the methods and libraries that a study used; only those that it used."""

from __future__ import annotations

from wizard.reports import label_methods
from wizard.reports.study import Study

WORKS = {
    "deepometry": "Doan M, et al. Deepometry, a framework for applying supervised and weakly supervised deep learning "
    "to imaging cytometry. Nat Protoc 2021;16:3572–3595.",
    "labeling": "Christiansen EM, et al. In silico labeling: predicting fluorescent labels in unlabeled images. Cell "
    "2018;173:792–803.",
    "unet": "Ronneberger O, Fischer P, Brox T. U-Net: convolutional networks for biomedical image segmentation. MICCAI "
    "2015:234–241.",
    "adam": "Kingma DP, Ba J. Adam: a method for stochastic optimization. ICLR 2015.",
    "ssim": "Wang Z, Bovik AC, Sheikh HR, Simoncelli EP. Image quality assessment: from error visibility to structural "
    "similarity. IEEE Trans Image Process 2004;13:600–612.",
    "keras": "Chollet F, et al. Keras. 2015.",
    "tensorflow": "Abadi M, et al. TensorFlow: a system for large-scale machine learning. OSDI 2016:265–283.",
    "numpy": "Harris CR, et al. Array programming with NumPy. Nature 2020;585:357–362.",
    "scikit-learn": "Pedregosa F, et al. Scikit-learn: machine learning in Python. J Mach Learn Res 2011;12:2825–2830.",
    "resnet": "He K, Zhang X, Ren S, Sun J. Deep residual learning for image recognition. CVPR 2016:770–778.",
    "temperature": "Guo C, Pleiss G, Sun Y, Weinberger KQ. On calibration of modern neural networks. ICML "
    "2017:1321–1330.",
    "mixup": "Zhang H, Cisse M, Dauphin YN, Lopez-Paz D. mixup: beyond empirical risk minimization. ICLR 2018.",
    "cutmix": "Yun S, et al. CutMix: regularization strategy to train strong classifiers. ICCV 2019:6023–6032.",
    "gradcam": "Selvaraju RR, et al. Grad-CAM: visual explanations from deep networks. ICCV 2017:618–626.",
    "gradients": "Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML 2017:3319–3328.",
    "tsne": "van der Maaten L, Hinton G. Visualizing data using t-SNE. J Mach Learn Res 2008;9:2579–2605.",
    "openTSNE": "Poličar PG, Stražar M, Zupan B. openTSNE: a modular Python library for t-SNE dimensionality reduction "
    "and embedding. J Stat Softw 2024;109(3):1–30.",
    "umap": "McInnes L, Healy J, Melville J. UMAP: uniform manifold approximation and projection for dimension "
    "reduction. arXiv 1802.03426, 2018.",
    "phate": "Moon KR, et al. Visualizing structure and transitions in high-dimensional biological data. Nat "
    "Biotechnol 2019;37:1482–1492.",
    "quality": "Venna J, Kaski S. Neighborhood preservation in nonlinear projection methods: an experimental study. "
    "ICANN 2001:485–491.",
    "leiden": "Traag VA, Waltman L, van Eck NJ. From Louvain to Leiden: guaranteeing well-connected communities. "
    "Sci Rep 2019;9:5233.",
    "pseudotime": "Haghverdi L, Büttner M, Wolf FA, Buettner F, Theis FJ. Diffusion pseudotime robustly reconstructs "
    "lineage branching. Nat Methods 2016;13:845–848.",
    "harmony": "Korsunsky I, et al. Fast, sensitive and accurate integration of single-cell data with Harmony. Nat "
    "Methods 2019;16:1289–1296.",
    "combat": "Johnson WE, Li C, Rabinovic A. Adjusting batch effects in microarray expression data using empirical "
    "Bayes methods. Biostatistics 2007;8:118–127.",
    "claim": "Tejani AS, et al. Checklist for Artificial Intelligence in Medical Imaging (CLAIM): 2024 update. "
    "Radiol Artif Intell 2024;6:e240300.",
    "tripod": "Collins GS, et al. TRIPOD+AI statement: updated guidance for reporting clinical prediction models "
    "that use regression or machine learning methods. BMJ 2024;385:e078378.",
}
"""Key → publication."""


def used(study: Study) -> list[str]:
    """Return the keys of the works that a methods text of this study cites, in the order in which it cites them."""
    if study.of_stains:
        return label_methods.works(study)
    found: list[str] = []
    if study.trained is not None and study.trained.network.startswith(("fast", "balanced", "thorough", "resnet")):
        found.append("resnet")
    if study.trained is not None:
        found += [name for name in ("mixup", "cutmix") if study.setting("train", name)]
    if study.judged is not None and study.judged.temperature is not None:
        found.append("temperature")
    if study.explained is not None:
        found += [name for name in ("gradcam", "gradients") if name in study.explained.methods]
    found += [*_maps(study), "deepometry"]
    if study.trained is not None:
        found += ["keras", "tensorflow"]
    return [*found, "numpy"]


def _maps(study: Study) -> list[str]:
    maps = study.mapped
    if maps is None:
        return []
    methods = {one.method for one in maps.maps}
    found = ["scikit-learn"] if "pca" in methods else []
    found += ["tsne", "openTSNE"] if "tsne" in methods else []
    found += [name for name in ("umap", "phate") if name in methods]
    found += ["quality"] if any(one.trustworthiness is not None for one in maps.maps) else []
    if maps.batch is not None and maps.batch.correction in ("harmony", "combat"):
        found.append(maps.batch.correction)
    if maps.clusters is not None and "leiden" in maps.clusters.method.lower():
        found.append("leiden")
    if maps.progression is not None:
        found.append("pseudotime")
    return found
