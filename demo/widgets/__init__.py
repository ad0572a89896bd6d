"""Parts that several tabs are laid out of, and checks of what comes in."""
