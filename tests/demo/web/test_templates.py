"""Templates: what is filled in is escaped, and nothing may be forgotten."""

from __future__ import annotations

import jinja2
import pytest

from demo.strings import recipes as words
from demo.web.templates import fill_template


def test_what_is_filled_in_is_escaped():
    rows = [{"id": "x", "title": '<b>"&', "shade": "#000"}]
    text = {"NEIGHBOURS": "a", "NEIGHBOURS_HELP": "b", "NEIGHBOURS_OF": "of {space}"}
    filled = fill_template("tabs/compare/neighbours.html", rows=rows, words=text)
    assert "of &lt;b&gt;&#34;&amp;" in filled


def test_a_value_that_is_missing_is_an_error():
    assert words.TITLE in fill_template("widgets/recipe.html", words=words)
    with pytest.raises(jinja2.UndefinedError):
        fill_template("widgets/recipe.html")
