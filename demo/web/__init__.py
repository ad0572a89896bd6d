"""Scripts that run in the browser on every tab."""
