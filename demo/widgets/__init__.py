"""Parts that several tabs share, and checks of their inputs."""
