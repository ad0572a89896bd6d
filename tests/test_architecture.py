"""Who may import whom, read from the source: app.py -> demo -> {cisp, diffusion} <- training."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {"app", "demo", "cisp", "diffusion", "training"}
ALLOWED = {
    "app": {"demo"},
    "demo": {"cisp", "diffusion"},
    "training": {"cisp", "diffusion"},
    "cisp": set(),
    "diffusion": set(),
}
# Light enough to build the page with: what needs torch is imported by the thread that loads it.
WITHOUT_TORCH = {"torch", "torchvision", "timm", "open_clip"}
WITHOUT_GRADIO = {"gradio", "plotly", "trimesh", "open_clip"}


def sources(room: str) -> list[Path]:
    return [ROOT / "app.py"] if room == "app" else sorted((ROOT / room).rglob("*.py"))


def imported(path: Path, *, anywhere: bool = True) -> set[str]:
    """Full names of imported modules; with `anywhere` off, only of those imported on import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names, waiting = set(), [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            names.add(node.module)
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if anywhere or not (function or typing_only):
            waiting.extend(ast.iter_child_nodes(node))
    return names


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_import_only_what_lies_below(room):
    for path in sources(room):
        others = roots(imported(path)) & (ROOMS - {room})
        assert others <= ALLOWED[room], f"{path} imports {others - ALLOWED[room]}"


@pytest.mark.parametrize("module", ["service.py", "columns.py", "frames.py", "examples.py"])
def test_the_service_knows_no_user_interface(module):
    """Follows imports within the room, so that no detour leads to gradio either."""
    waiting, seen = [ROOT / "demo" / module], set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        names = imported(path)
        assert "gradio" not in roots(names), path
        waiting += [
            found
            for name in names
            if name.startswith("demo.")
            and (found := ROOT / (name.replace(".", "/") + ".py")) not in seen
        ]


def test_building_the_page_does_not_import_torch():
    for path in sources("demo"):
        if path.name != "columns.py":
            assert not roots(imported(path)) & WITHOUT_TORCH, path
            assert "demo.service.columns" not in imported(path, anywhere=False), path


@pytest.mark.parametrize("room", ["training", "cisp", "diffusion"])
def test_training_runs_where_the_page_cannot(room):
    for path in sources(room):
        assert not roots(imported(path, anywhere=False)) & WITHOUT_GRADIO, path


def test_the_device_is_always_the_callers():
    for room in ROOMS:
        for path in sources(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    assert node.func.attr != "cuda", f"{path}:{node.lineno} calls .cuda()"


def test_nothing_is_imported_with_a_star_and_no_except_is_bare():
    for room in ROOMS:
        for path in sources(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                where = f"{path}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.ImportFrom):
                    assert all(alias.name != "*" for alias in node.names), where
                if isinstance(node, ast.ExceptHandler):
                    assert node.type is not None, where
