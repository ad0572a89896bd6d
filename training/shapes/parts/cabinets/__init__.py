"""Cabinets and shelves."""
