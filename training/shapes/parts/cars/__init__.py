"""Cars, vans and lorries."""
