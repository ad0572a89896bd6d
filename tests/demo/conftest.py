"""One app for all tests of the page: tiny models with random weights, and made-up examples."""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

import numpy as np
import pytest

from demo.page_speed import FLAGS
from tests.demo.fakes import FakeService, chair, draw_chair

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def picture(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "my chair!.png"
    draw_chair().save(path)
    return path


@pytest.fixture(scope="session")
def assets(tmp_path_factory) -> Path:
    """Examples: two pictures, the first with a true shape, and an entry without its picture."""
    folder = tmp_path_factory.mktemp("assets")
    (folder / "examples").mkdir()
    for index in range(2):
        draw_chair(40 * index).save(folder / "examples" / f"chair{index}.png")
    grid = chair(16, armrest=True).astype(np.float16)
    np.savez(folder / "examples" / "chair0.npz", grid=grid)
    entries = [
        {"image": "chair0.png", "label": "Chair", "kind": "rendering", "shape": "chair0.npz"},
        {"image": "chair1.png", "label": "Drawn chair", "kind": "drawing", "shape": None},
        {"image": "gone.png", "label": "Gone", "kind": "drawing", "shape": None},
    ]
    (folder / "examples" / "examples.json").write_text(json.dumps(entries))
    return folder


def random_weights(folder: Path, *, guesses: bool) -> Path:
    """Random weights in the layout of assets/weights, 16^3."""
    import torch

    from cisp.checkpoints import save_tower
    from cisp.image_tower import ImageTower, ImageTowerConfig
    from diffusion.guess import GuessConfig
    from diffusion.model import VoxelDiffusion
    from diffusion.unet import UNetConfig

    guess = GuessConfig(width=16, blocks=1, patch=8, token=8) if guesses else None
    for seed, space in enumerate(("clip", "cisp")):
        generator = torch.Generator().manual_seed(seed)
        tower = ImageTower(ImageTowerConfig("resnet10t", image_size=64, embed_dim=32))
        unet = UNetConfig(
            cond_dim=32,
            resolution=16,
            width=16,
            multipliers=(1, 2),
            attention=(2,),
            head_dim=16,
            context_dim=32,
        )
        model = VoxelDiffusion(space=space, unet=unet, guess=guess)
        for module in (tower, model):
            with torch.no_grad():
                for parameter in module.parameters():  # those that start at zero would hide others
                    parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
        save_tower(tower, folder / space / "image")
        model.save(folder / f"diffusion-{space}")
    return folder


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Path:
    return random_weights(tmp_path_factory.mktemp("weights"), guesses=False)


def load_service(weights: Path):
    from demo.service.comparison import ComparisonService

    service = ComparisonService(weights, "cpu")
    service.load()
    assert service.status.state == "ready", service.status.message
    return service


@pytest.fixture(scope="session")
def service(weights):
    return load_service(weights)


@pytest.fixture(scope="session")
def guessing_models(tmp_path_factory):
    """Real models that start from a guess."""
    return load_service(random_weights(tmp_path_factory.mktemp("guessing"), guesses=True))


def serve(service, assets: Path):
    from demo.page import build_page, launch
    from demo.service.examples import read_examples

    walks = assets / "examples" / "walks"
    page = build_page(service, read_examples(assets / "examples"), walks=walks)
    return page, launch(page, assets, host="127.0.0.1", port=0)


@pytest.fixture(scope="session")
def url(service, assets):
    """Address of the page with the tiny models."""
    page, address = serve(service, assets)
    yield address
    page.close()


@pytest.fixture(scope="session")
def fake_service():
    return FakeService(0.06)


@pytest.fixture(scope="session")
def fake_url(fake_service, assets):
    """Address of the page over a service without models, whose shapes are known."""
    page, address = serve(fake_service, assets)
    yield address
    page.close()


@pytest.fixture(scope="session")
def chromium(request):
    if not CHROMIUM.exists():
        missing = pytest.fail if request.config.getoption("--require-browser") else pytest.skip
        missing("Chromium is not installed.")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def is_ours(message) -> bool:
    """Whether it is a warning, or worse, of a script of this project."""
    return message.type in ("warning", "error") and "/modules/" in message.location["url"]


@pytest.fixture
def tab(chromium):
    """A browser tab; afterwards: no error in its console, nothing asked of another host."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page.set_default_timeout(90_000)  # software rendering on a busy machine
    faults = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("console", lambda m: faults.append(m.text) if "WebGL context" in m.text else None)
    page.on("console", lambda m: faults.append(m.text) if is_ours(m) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    def check(request):
        if request.url.startswith("http") and "//127.0.0.1:" not in request.url:
            faults.append(request.url)

    page.on("request", check)
    yield page
    page.close()
    assert not faults
