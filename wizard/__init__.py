"""CytoWizard: networks for single-cell images, without code. Research use only."""

__version__ = "0.1.0"
