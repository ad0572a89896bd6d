"""Everything that the page shows, independent of its user interface: no gradio here."""
