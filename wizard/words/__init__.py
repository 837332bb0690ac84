"""The words of the window in other languages: a catalogue whose keys are the English texts."""
