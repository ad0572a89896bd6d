"""Walks between embeddings: their frames, numbers and files."""
