"""The page's own scripts: small files of one idea each, joined for the element that runs them."""

from __future__ import annotations

from pathlib import Path

FILES = {path.stem: path for path in Path(__file__).parents[1].rglob("*.js")}


def join_scripts(*names: str) -> str:
    """Join NAME.js, in this order, to what a gr.HTML runs once as its `js_on_load`."""
    return "\n".join(FILES[name].read_text(encoding="utf-8") for name in names)
