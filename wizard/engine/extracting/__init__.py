"""The parts of Extract: layers, classical features, the streamed table, its summary, and its further formats."""
