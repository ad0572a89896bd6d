"""The frame of the page: masthead, tabs, and how it is served."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path

import gradio as gr
import httpx
from starlette.middleware import Middleware

from demo import serving, strings
from demo.headers import BoundedBody, BoundedFolder, Headers
from demo.service.comparison import Status
from demo.service.examples import Example
from demo.service.models import Models
from demo.strings import attributes, explore, interpolate, sketch
from demo.tabs.attributes.layout import build_attributes
from demo.tabs.compare.batch import build_batch
from demo.tabs.compare.layout import build_compare
from demo.tabs.explore.layout import build_explore
from demo.tabs.interpolate.layout import WALKS, build_interpolate
from demo.tabs.results.files import FOLDER
from demo.tabs.results.layout import build_results
from demo.tabs.sketch.layout import build_sketch
from demo.web.modules import head_script, module_route
from demo.widgets.guard import GuardedBlocks
from demo.widgets.links import link_box
from demo.widgets.theme import STYLE_SHEETS, build_theme
from demo.widgets.viewer.viewer import PRELOAD

# Visitors who are remembered; Gradio (6.31) keeps 0.6 MB for each, for 10,000 of them.
SESSIONS = 300


def build_page(
    service: Models, examples: list[Example], results: Path = FOLDER, walks: Path = WALKS
) -> gr.Blocks:
    """Build the page around a service; nothing is launched and nothing is loaded.

    The folder `results` holds the measurements to show, `walks` the precomputed walks; both lie in
    the `assets` given to `launch`.
    """
    with GuardedBlocks(
        title=strings.TITLE, fill_width=True, analytics_enabled=False, delete_cache=(3600, 86400)
    ) as page:
        page.examples = sorted({example.image.parent for example in examples})
        with gr.Row(elem_id="top"):
            gr.HTML(strings.MASTHEAD, apply_default_css=False)
            badge = gr.HTML(_badge(service.wait(0)), elem_id="status", apply_default_css=False)

        def watch_loading() -> Iterator[str]:
            yield _badge(service.wait(0))
            yield _badge(service.wait())

        loaded = page.load(
            watch_loading,
            None,
            badge,
            concurrency_limit=None,
            show_progress="hidden",
            api_visibility="private",
        )
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(strings.TAB_COMPARE, id="compare"):
                build_compare(service, examples, loaded, link_box(page, "compare"))
            with gr.Tab(interpolate.TAB, id="interpolate"):
                link = link_box(page, "walk")
                ends = build_interpolate(service, examples, loaded, link, tabs, walks)
            with gr.Tab(attributes.TAB, id="attributes"):
                link = link_box(page, "attributes")
                build_attributes(service, examples, loaded, link, tabs)
            with gr.Tab(sketch.TAB, id="sketch"):
                build_sketch(service, examples, loaded, ends, tabs)
            with gr.Tab(explore.TAB, id="explore"):
                build_explore(service, examples, loaded)
            with gr.Tab(strings.TAB_RESULTS, id="results") as tab:
                build_results(tab, results)
            with gr.Tab(strings.TAB_ABOUT, id="about"):
                gr.Markdown(strings.ABOUT, elem_id="about")
        build_batch(service)
    # Explicit: elsewhere (ZeroGPU) the default queue holds one request.
    return page.queue(max_size=32, default_concurrency_limit=2)


def launch(page: gr.Blocks, assets: Path, *, host: str, port: int, share: bool = False) -> str:
    """Serve the page from background threads and return its address.

    Browsers may read the folder `assets`, beside what the page makes. With `share` a public link
    is opened too; it is no error if that fails.

    Args:
        page: as built by `build_page`.
        assets: a folder.
        host: name or address of this machine to listen on.
        port: to listen on; 0 for any free one.
        share: whether to ask for a public link.

    Raises:
        CannotServe: the address cannot be used; one sentence.
    """
    host, port = serving.find_address(host, port)
    wants_link, share = share, share and serving.proxies_are_usable()
    chatter = io.StringIO()  # swallows Gradio's ten lines on a failed link
    try:
        with (
            contextlib.redirect_stdout(chatter),
            # Only a public link needs other machines.
            contextlib.nullcontext() if share else serving.proxies_aside(),
        ):
            _, url, public_url = page.launch(
                server_name=f"[{host}]" if ":" in host else host,
                server_port=port,
                share=share,
                quiet=True,
                prevent_thread_lock=True,
                theme=build_theme(),
                css_paths=STYLE_SHEETS,
                head=PRELOAD + head_script(),
                app_kwargs={
                    "routes": [module_route()],
                    "middleware": list(map(Middleware, (Headers, BoundedBody, BoundedFolder))),
                },
                allowed_paths=[str(assets.resolve())],
                max_file_size="20mb",
                state_session_capacity=SESSIONS,
                footer_links=["api", "settings"],
                run_history=False,
                ssr_mode=False,
                # Otherwise Gradio (6.31) requests its own page and gives up after 3 s, too soon on
                # a busy machine. By then it has already seen that the server answers.
                _frontend=False,
            )
    except (OSError, httpx.HTTPError) as error:
        message = strings.PORT_TAKEN.format(host=host, port=port)
        raise serving.CannotServe(message) from error
    url = url.replace("//[::]:", "//[::1]:")  # browsers need one address, not the wildcard
    print(strings.SERVING.format(url=url), flush=True)
    if wants_link:
        print(strings.SHARED.format(url=public_url) if public_url else strings.NOT_SHARED)
    return url


def _badge(status: Status) -> str:
    """Render the state of the models as one line."""
    text = {
        "loading": strings.LOADING,
        "ready": strings.READY.format(device=status.device.split(":")[0].upper()),
        "unavailable": status.message,
    }[status.state]
    return f'<p class="status {status.state}" role="status">{escape(text)}</p>'
