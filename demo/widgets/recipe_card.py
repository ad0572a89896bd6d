"""How to make a result again: a link, a command and a hash, under the shapes they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr
import numpy as np

from demo.service.recipes import Recipe, result_hash
from demo.strings import recipes as words
from demo.web.modules import mount_script


def build_recipe_card(elem_id: str) -> gr.HTML:
    """Create the card, empty; its value is what `recipe_value` returns, or {}."""
    buttons = "".join(
        f'<button type="button" class="{kind}" data-done="{words.COPIED}">{text}</button>'
        for kind, text in (("link", words.COPY_LINK), ("command", words.COPY_COMMAND))
    )
    template = f"""
    <div class="recipe" data-empty="true">
      <p><b>{words.TITLE}</b> <span>{words.HASH} <code class="hash"></code></span></p>
      <p class="copies">{buttons}</p>
      <code class="line" tabindex="0"></code>
    </div>"""
    return gr.HTML(
        {},
        html_template=template,
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
        recipe: that made it.
        shapes: column name -> (N, R, R, R), positive inside.
        command: a command line that does the same, "" where there is none.
    """
    return {
        "fragment": f"{recipe.kind}={recipe.to_text()}",
        "hash": result_hash(shapes, recipe.spaces),
        "command": command,
    }
