"""How to reproduce a result: a link, a command and a hash, under its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr
import numpy as np

from demo.service.recipes import Recipe, result_hash
from demo.strings import recipes as words
from demo.web.modules import mount_script
from demo.web.templates import fill_template


def build_recipe_card(elem_id: str) -> gr.HTML:
    """Create the card, empty; its value is what `recipe_value` returns, or {}."""
    return gr.HTML(
        {},
        html_template=fill_template("widgets/recipe.html", words=words),
        js_on_load=mount_script("widgets/recipe.js"),
        elem_id=elem_id,
        elem_classes="recipe-card",
        apply_default_css=False,
    )


def recipe_value(
    recipe: Recipe, shapes: Mapping[str, np.ndarray], command: str = ""
) -> dict[str, Any]:
    """What the card shows of a finished result.

    Args:
        recipe: of the result.
        shapes: column name -> (N, R, R, R), positive inside.
        command: a command line that does the same, "" where there is none.
    """
    return {
        "fragment": f"{recipe.kind}={recipe.to_text()}",
        "hash": result_hash(shapes, recipe.spaces),
        "command": command,
    }
