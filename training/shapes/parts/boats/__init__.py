"""Watercraft."""
