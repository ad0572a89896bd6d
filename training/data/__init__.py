"""Sources of shapes, data sets on disk, and batches of them."""
