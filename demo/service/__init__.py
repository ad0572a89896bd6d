"""What the page shows, made without knowing of it: no gradio here."""
