"""What reaches the browser: modules and templates, and those that all tabs share."""
