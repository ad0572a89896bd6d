"""Tables and desks."""
