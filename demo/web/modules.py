"""The page's own scripts: JavaScript modules for one purpose each, which a browser fetches once.

Their URL holds a hash of them all, so they can be cached forever, and versions never mix.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parents[1]
MODULES = {
    path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.js"))
}
ADDRESS = f"modules/{hashlib.sha256(repr(MODULES).encode()).hexdigest()[:16]}"


def mount_script(name: str) -> str:
    """The `js_on_load` script of a gr.HTML, which calls the `mount` of a module.

    Values may arrive before the module: a `mount` first watches, then shows the current value.

    Args:
        name: its path in this package, as "widgets/recipe.js".

    Raises:
        FileNotFoundError: there is no such module.
    """
    if name not in MODULES:
        raise FileNotFoundError(name)
    return f"""
      const take = (module) => module.mount({{ element, props, server, trigger, watch }});
      const loaded = window.pageModules?.["{name}"];
      if (loaded) take(loaded); // at once: an import is answered only after the next frame
      else import(new URL("{ADDRESS}/{name}", document.baseURI)).then(take).catch(console.error);
    """


def head_script() -> str:
    """A script for the head of the page: all modules are fetched while Gradio itself starts."""
    # Relative to the page, so that it also works behind a proxy that adds a path.
    imports = [f'import * as m{i} from "./{ADDRESS}/{name}";' for i, name in enumerate(MODULES)]
    loaded = ", ".join(f'"{name}": m{i}' for i, name in enumerate(MODULES))
    return f'<script type="module">{"".join(imports)} window.pageModules = {{{loaded}}};</script>'


def module_route() -> Route:
    """The route that serves the modules, and nothing else."""

    def send(request: Request) -> Response:
        source = MODULES.get(request.path_params["name"])
        if source is None:
            return Response(status_code=404)
        forever = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(source, media_type="text/javascript", headers=forever)

    return Route(f"/{ADDRESS}/{{name:path}}", send)
