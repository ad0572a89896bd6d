"""What the Sketch tab says."""

from __future__ import annotations

TAB = "Sketch"

TOOLS = {
    "tools": "Drawing tools",
    "pen": "Pen",
    "eraser": "Eraser",
    "width": "Width of the line",
    "undo": "Undo",
    "redo": "Redo",
    "clear": "Clear the page",
    "upload": "Upload a drawing",
    "page": "Page to draw on with the mouse, a pen or a finger",
    "start": "Draw here",
}
BROKEN = "“{name}” is not a picture that this browser can open."
UNREADABLE = "The page could not be read: reload this site and draw again."
TIP = "Draw one object with a few dark lines. The shapes follow each stroke."
IDEAS = "Blank page? Draw"
# What to draw, and how few lines it takes.
PROMPTS = {
    "a chair from the side": "A chair from the side: one line down for back and hind leg, "
    "one across for the seat, one down for the front leg.",
    "a car from the side": "A car from the side: a long box, a smaller one on top for the cabin, "
    "two circles for the wheels.",
    "a table lamp": "A table lamp: a shade that widens downwards, one line down, a foot.",
}
EXAMPLES = "Or start from a drawing, and draw on"
LIVE = "Live preview"
LIVE_INFO = "Both shapes follow each stroke, roughly"
QUALITY = "Quality"
FULL = "Full quality"
WALK = "Interpolate from it"
MY_DRAWING = "My drawing"

SEEN_EMPTY = "Your drawing, as both models are given it, appears here."
BLANK = "The page is still blank: draw something, or load a drawing."
FAINT = "That is hardly more than a dot: draw on, and the shapes will follow."
DARK = (
    "The page is dark all over. If you did not draw that, your browser has lost its canvas: clear "
    "the page, or reload this site."
)
INVERTED = "Light lines on dark paper: turned into dark lines on light paper for the models."

VIEWER = {"empty": "Draw something: its shapes appear here."}
FOLLOWING = "Following your drawing…"
OUTDATED = "These shapes are older than your drawing: “Full quality” makes new ones."
PREVIEW = "Preview · {seconds} · seed {seed} · “Full quality” makes it finer"
CHANGED = "Stopped, since the drawing has changed."

API_SKETCH = """Generate the CLIP-guided and the CISP-guided 3D shape of a drawing from one noise.

drawing: a picture of dark lines on light paper, or the other way round (PNG, JPEG, WebP...).
seed: 0 or more; the same seed gives the same shapes. preset: "preview", "standard" or "full".

Returns a summary and files as `compare` does; `said` in the summary tells what was done to the
drawing, "" if nothing. A blank page, or one that is dark all over, is an error of one sentence."""
