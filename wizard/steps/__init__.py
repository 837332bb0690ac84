"""The pages of the window: what each step asks and shows; no computing."""

# Before any page loads customtkinter.
from wizard.widgets import toolkit as toolkit
