"""The page: a service that owns the models, and tabs that show what it returns."""
