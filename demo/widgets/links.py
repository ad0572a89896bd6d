"""Links: what the page does when it is opened with a recipe behind the "#" of its address."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demo.service.recipes import Recipe
from demo.strings import recipes as words
from demo.widgets.inputs import errors_told


def link_box(page: gr.Blocks, kind: str) -> gr.Textbox:
    """Create the hidden box that takes the recipe of a link; without one it never changes."""
    # Pasting a link into an open page changes only the part behind "#".
    script = f"""() => {{
      window.onhashchange = () => location.reload();
      return new URLSearchParams(location.hash.slice(1)).get("{kind}") ?? "";
    }}"""
    box = gr.Textbox("", visible="hidden", label=kind, elem_id=f"link-{kind}")
    page.load(None, None, box, js=script)
    return box


def open_link(text: str, kind: str, fingerprint: str | None) -> Recipe:
    """Read a link's recipe of that kind; warn if it was made with other weights.

    Raises:
        gr.Error: it is no recipe; one sentence.
    """
    with errors_told():
        recipe = Recipe.from_text(text)
        if recipe.kind != kind:
            raise ValueError("This is not a recipe of this page.")
    if fingerprint is not None and recipe.weights != fingerprint:
        gr.Warning(words.OTHER_WEIGHTS)
    return recipe


def settings_values(recipe: Recipe) -> dict[str, Any]:
    """How a recipe's shapes were sampled, and the quality that stands for that."""
    made = recipe.settings
    return {
        "seed": made.seed,
        "quality": made.name,
        "steps": made.num_steps,
        "guidance": made.guidance_scale,
        "strength": made.strength,
        "sampler": made.sampler,
    }
