"""The thirteen families: what a chair can be, what an airplane can be."""
