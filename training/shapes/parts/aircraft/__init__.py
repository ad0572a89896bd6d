"""Airplanes."""
