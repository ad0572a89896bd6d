"""The example strip: one click puts an image in the box and its result in the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

import gradio as gr

from demo import strings
from demo.service.examples import Example
from demo.web.modules import mount_script


def build_gallery(
    examples: Sequence[Example], elem_id: str = "examples", title: str = strings.EXAMPLES
) -> gr.HTML:
    """Create the strip; it sends `select` events and holds the index that was chosen, or None.

    The mark follows that value, so the server sets it.
    """
    buttons = "".join(
        f'<button type="button" class="{escape(example.kind)}" aria-pressed="false">'
        f'<img src="gradio_api/file={quote(str(example.image.resolve()))}" alt="" loading="lazy">'
        f"<span>{escape(example.label)}</span></button>"
        for example in examples
    )
    return gr.HTML(
        None,
        html_template=f'<div class="strip" role="group" aria-label="{escape(title)}">'
        f"<p>{escape(title)}</p><div>{buttons}</div></div>",
        js_on_load=mount_script("widgets/strip.js"),
        visible=bool(examples),
        apply_default_css=False,
        elem_id=elem_id,
    )
