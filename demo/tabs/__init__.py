"""The tabs of the page, a folder each: what is laid out, and what happens."""
