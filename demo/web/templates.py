"""HTML templates of elements, beside the modules that drive them, filled in by Jinja."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

_FILES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[1]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_FILES.filters["fill"] = lambda text, **values: text.format(**values)


def fill_template(name: str, **values: Any) -> str:
    """Fill in a file of this package, as "widgets/recipe.html"; values are escaped.

    Raises:
        jinja2.TemplateNotFound: there is no such file.
        jinja2.UndefinedError: it asks for a value that is not given.
    """
    return _FILES.get_template(name).render(values)
