"""Start the page: options -> service -> page -> launch."""

from __future__ import annotations

import logging
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

from demo import serving

ASSETS = Path(__file__).resolve().parent / "assets"


@dataclass(frozen=True)
class Options:
    """One image, two shapes: a CLIP-guided and a CISP-guided diffusion model side by side."""

    device: str = "auto"
    """auto, cpu, cuda, cuda:1 or mps."""
    host: str = field(default_factory=serving.host_of_environment)
    """Address to listen on; 0.0.0.0 lets other machines in."""
    port: int = field(default_factory=serving.port_of_environment)
    """Port to listen on; 0 for any free one."""
    share: bool = False
    """Also open a temporary public link (needs a network)."""
    weights: Path = ASSETS / "weights"
    """Folder with clip, cisp, diffusion-clip and diffusion-cisp."""
    spaces: str = ""
    """Columns, separated by commas: clip, cisp, and openclip:MODEL/TAG or openclip:MODEL/FILE for a
    published CLIP. By default clip, cisp, and every published CLIP that a diffusion model in the
    folder of the weights was trained on."""


def main(options: Options) -> None:
    """Serve the page until interrupted; the models are loaded meanwhile.

    Raises:
        serving.CannotServe: it cannot be served here; one sentence.
    """
    serving.spare_memory()
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported
    serving.prepare(options.host)
    with serving.proxies_aside():
        from demo.service import zero_gpu

        zero_gpu.prepare()
        from demo.page import build_page, launch
        from demo.service.comparison import SPACES, ComparisonService, known_spaces
        from demo.service.examples import read_examples

    spaces = [s for s in dict.fromkeys(map(str.strip, options.spaces.split(","))) if s]
    spaces = spaces or known_spaces(options.weights)
    service = ComparisonService(options.weights, options.device, spaces)
    if zero_gpu.is_active() or not set(spaces) <= set(SPACES):
        service.load()  # first: the page has columns only for available spaces
    page = build_page(service, read_examples(ASSETS / "examples"))
    launch(page, ASSETS, host=options.host, port=options.port, share=options.share)
    if service.status.state == "loading":
        service.load_in_background()  # last: Gradio gives its server five seconds to start
    page.block_thread()


if __name__ == "__main__":
    import tyro

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    signal.signal(signal.SIGTERM, serving.end)
    try:
        main(tyro.cli(Options))
    except serving.CannotServe as error:
        print(error, file=sys.stderr)
        sys.exit(2)
