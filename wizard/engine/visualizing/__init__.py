"""The parts of Visualize."""
