"""Reusable parts of the window; they know no step and do no computing."""

# Before any other module loads customtkinter.
from wizard.widgets import toolkit as toolkit
