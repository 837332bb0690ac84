"""Where a network looks (maps), and which channels it needs (ablation)."""
