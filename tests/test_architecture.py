"""The architecture: which folder may import from which, read from the source.

A folder's own modules may import each other, but nowhere in a circle. Imports inside functions and
for type checkers count as well.
"""

from __future__ import annotations

import ast
import graphlib
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {"app", "demo", "cisp", "diffusion", "training"}
MOST_FILES = 25  # of code in a folder
PARTS = ("aircraft", "boats", "cabinets", "cars", "devices", "lamps", "seats", "tables")
PARTS = [f"training/shapes/parts/{kind}" for kind in PARTS]
# The architecture. A folder -> what it imports from, beside itself.
TABLE = {
    "app": "demo demo/service",
    "demo": "demo/service demo/service/walk demo/strings demo/web demo/widgets demo/widgets/viewer "
    "demo/soak demo/tabs/attributes demo/tabs/compare "
    "demo/tabs/explore demo/tabs/interpolate demo/tabs/results demo/tabs/sketch diffusion",
    "demo/tabs/attributes": "demo/service demo/strings demo/web demo/widgets demo/widgets/viewer "
    "cisp diffusion",
    "demo/tabs/compare": "demo/service demo/strings demo/web demo/widgets demo/widgets/viewer "
    "cisp diffusion diffusion/grids",
    "demo/tabs/explore": "demo/service demo/strings demo/web demo/widgets demo/widgets/viewer "
    "cisp diffusion",
    "demo/tabs/interpolate": "demo/service demo/service/walk demo/strings demo/web demo/widgets "
    "demo/widgets/viewer diffusion",
    "demo/tabs/results": "demo/strings demo/web",
    "demo/tabs/sketch": "demo/tabs/compare demo/tabs/interpolate demo/service demo/service/walk "
    "demo/strings demo/web demo/widgets demo/widgets/viewer cisp diffusion",
    "demo/widgets": "demo/service demo/strings demo/web cisp diffusion",
    "demo/widgets/viewer": "demo/service demo/strings demo/web",
    "demo/service/walk": "demo/service demo/strings cisp diffusion/grids",
    "demo/service": "demo/strings cisp diffusion diffusion/grids",
    "demo/soak": "demo/service demo/tabs/sketch cisp diffusion/grids",
    "demo/strings": "",
    "demo/web": "",
    "training": "training/costs training/data training/loop training/measure training/rendering "
    "training/shapes training/studies training/tools cisp diffusion diffusion/grids",
    "training/studies": "training training/data training/loop training/measure diffusion/grids "
    "training/rendering training/shapes training/tools cisp diffusion",
    "training/costs": "training training/data training/loop training/rendering training/shapes "
    "training/tools cisp diffusion",
    "training/loop": "training/data training/tools cisp diffusion diffusion/grids",
    "training/measure": "training/data training/tools cisp diffusion diffusion/grids",
    "training/data": "training/rendering training/shapes training/tools cisp diffusion "
    "diffusion/grids",
    "training/rendering": "training/shapes diffusion/grids",
    "training/shapes/families": " ".join(["training/shapes training/shapes/parts", *PARTS]),
    **dict.fromkeys(PARTS, "training/shapes training/shapes/parts"),
    "training/shapes/parts": "training/shapes",
    "training/shapes": "diffusion/grids",
    "training/tools": "diffusion",
    "cisp": "",
    "diffusion": "",
    "diffusion/grids": "diffusion/mesh_files",
    "diffusion/mesh_files": "",
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


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {name_of(path): path for room in sorted(ROOMS) for path in sources(room)}


@cache
def arrows() -> dict[str, set[str]]:
    """Each module -> the modules of the project that it imports."""
    found = {}
    for name, path in modules().items():
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                found[name] |= {one if one in modules() else node.module for one in inner}
        found[name] = {one for one in found[name] if one in modules()} - {name}
    return found


def folder_of(module: str) -> str:
    parts = modules()[module].relative_to(ROOT).parts
    return "/".join(parts[:-1]) or "app"


def test_folders_import_only_what_the_table_says():
    drawn = {
        (folder_of(module), folder_of(other)): f"{module} imports {other}"
        for module, others in arrows().items()
        for other in others
        if folder_of(module) != folder_of(other)
    }
    allowed = {(folder, one) for folder, others in TABLE.items() for one in others.split()}
    assert not [drawn[arrow] for arrow in sorted(set(drawn) - allowed)]
    unused = {arrow for arrow in allowed - set(drawn) if arrow[0] not in PARTS}
    assert not unused, "the table lists what nobody needs"


def test_no_import_goes_in_a_circle():
    graphlib.TopologicalSorter(arrows()).prepare()  # raises CycleError, which names the circle


def test_rooms_know_only_the_rooms_below():
    below = {"app": {"demo"}, "demo": {"cisp", "diffusion"}, "training": {"cisp", "diffusion"}}
    for module, others in arrows().items():
        room = module.split(".")[0]
        others = roots(others) - {room}
        assert others <= below.get(room, set()), module


def test_no_folder_is_crowded():
    for folder in [*TABLE, *(str(p.relative_to(ROOT)) for p in (ROOT / "tests").rglob("*"))]:
        if (ROOT / folder).is_dir():
            kinds = (".py", ".js", ".css", ".html")
            code = [p for p in (ROOT / folder).iterdir() if p.suffix in kinds]
            assert len(code) <= MOST_FILES, folder


def test_the_service_knows_no_user_interface():
    for module in arrows():
        if module.startswith("demo.service"):
            assert "gradio" not in roots(imported(modules()[module])), module


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


def test_the_ways_through_the_house_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    stations = re.findall(r"`([\w/]+\.py):(\w+)`", text)
    assert len(stations) >= 20
    for file, name in stations:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        names = {getattr(node, "name", None) for node in tree.body}
        assert name in names, f"{file}:{name}"


def test_the_readme_names_every_folder_and_command():
    files = (ROOT / "README.md").read_text(encoding="utf-8").split("## Files")[1]
    for path in [*(ROOT / "training").glob("*.py"), *(ROOT / "training").glob("*/__init__.py")]:
        name = path.parent.name if path.name == "__init__.py" else path.stem
        assert name == "__init__" or re.search(rf"\b{name}\b", files), path
