"""What the families are built of: legs, hulls, wings, shades."""
