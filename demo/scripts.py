"""The page's own scripts: small files of one idea each, joined for the element that runs them."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def join_scripts(*names: str) -> str:
    """Join demo/NAME.js, in this order, to what a gr.HTML runs once as its `js_on_load`."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)
