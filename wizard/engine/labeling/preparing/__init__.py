"""Preparation of pictures: operations to be switched on or off, stitching, grey levels, quality control."""
