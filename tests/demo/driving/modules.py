"""The page's modules in a browser, without a server."""

from __future__ import annotations

from demo.web.modules import MODULES

SITE = "http://modules.invalid"  # there is no such site: every request is answered here


def open_modules(chromium):
    """A blank page beside which the modules lie: import("/web/grids.js")."""
    page = chromium.new_page()

    def answer(route):
        source = MODULES.get(route.request.url.removeprefix(f"{SITE}/"))
        kind = "text/html" if source is None else "text/javascript"
        route.fulfill(body=source or b"<!doctype html>", content_type=kind)

    page.route(f"{SITE}/**", answer)
    page.goto(SITE)
    return page
