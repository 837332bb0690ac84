"""Tags, frames, data set, splits, normalisation, augmentation."""
