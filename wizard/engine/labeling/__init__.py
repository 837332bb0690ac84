"""In silico labeling: networks that predict fluorescence pictures from transmitted-light pictures.

Pixels are numbers from 0 to 1 between all parts: inputs (y, x, plane) around 0.5, stains (y, x, label) around 0.25,
as Christiansen et al. (Cell 2018) have them. `docs/labeling.md` tells how the parts fit.
"""
