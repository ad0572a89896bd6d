"""Options of all tests."""

from __future__ import annotations


def pytest_addoption(parser):
    parser.addoption(
        "--require-browser",
        action="store_true",
        help="Fail the browser tests, instead of skipping them, where there is no Chromium.",
    )
