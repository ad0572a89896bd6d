"""Chairs, benches and sofas."""
