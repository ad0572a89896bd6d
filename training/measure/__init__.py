"""Metrics and baselines, and how their numbers are collected."""
