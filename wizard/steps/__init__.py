"""The pages of the window: what each step asks and shows; no computing."""
