"""Mesh files as triangle soups, all parts of a scene joined; what cannot be read is named."""
