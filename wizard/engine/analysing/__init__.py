"""What Visualize finds in the laid-out cells: clusters, a progression, and the effect of batches."""
