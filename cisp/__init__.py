"""Embedding spaces: preprocessing, towers, contrastive losses and interpolation."""
