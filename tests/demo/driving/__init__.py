"""How a browser is driven through each tab."""
