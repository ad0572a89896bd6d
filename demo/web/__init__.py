"""How modules and templates reach the browser, and those that all tabs share."""
