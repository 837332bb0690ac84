"""The parts of Evaluate: intervals, curves, thresholds, calibration, order, comparison, leakage and suspects."""
