"""The work of every step; knows no screen and imports nothing heavy at this level."""
