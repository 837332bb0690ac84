"""Reusable parts of the window; they know no step and do no computing."""
