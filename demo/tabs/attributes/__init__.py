"""The Attributes tab: sliders for what the spaces know."""
