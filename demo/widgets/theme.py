"""Colours, type and the style sheet of the page, which stays neutral around the columns."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

STYLE_SHEETS = sorted(Path(__file__).parents[1].rglob("*.css"), key=lambda path: path.name)


def build_theme() -> gr.themes.Base:
    """Return a plain theme with system fonts, so that no font is downloaded."""
    sans = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    mono = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=sans,
        font_mono=mono,
    ).set(
        body_background_fill="#f6f7f9",
        body_background_fill_dark="#0e1116",
        block_background_fill="#ffffff",
        block_background_fill_dark="#161b22",
        block_border_color="#e3e6eb",
        block_border_color_dark="#272e38",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_shadow="none",
        input_background_fill="#f6f7f9",
        input_background_fill_dark="#0e1116",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#eef1f5",
        button_secondary_background_fill_dark="#161b22",
        button_secondary_background_fill_hover_dark="#272e38",
        button_secondary_border_color="#d5dae1",
        button_secondary_border_color_dark="#343c48",
        checkbox_label_background_fill="#f6f7f9",
        checkbox_label_background_fill_dark="#0e1116",
        checkbox_label_background_fill_selected="#e3e6eb",
        checkbox_label_background_fill_selected_dark="#343c48",
        button_primary_background_fill="#14181f",
        button_primary_background_fill_hover="#2b323d",
        button_primary_text_color="#ffffff",
        button_primary_background_fill_dark="#f2f4f7",
        button_primary_background_fill_hover_dark="#ffffff",
        button_primary_text_color_dark="#14181f",
        button_border_width="1px",
        button_primary_shadow="none",
    )
