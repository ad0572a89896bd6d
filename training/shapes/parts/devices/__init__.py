"""Displays, telephones and loudspeakers."""
