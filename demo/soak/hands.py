"""Many hands in squares at once: how many answers each of them gets a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from math import cos, sin
from multiprocessing import get_context

import httpx

SIDE, MIDDLE, REACH = 1000, 500, 450  # of a square, as demo/tabs/interpolate/square.js counts


def hand(ask: Callable[[list[int]], bool], seconds: float, start: float) -> float:
    """Move along a figure of eight, one question at a time; answers a second.

    Args:
        ask: a place, [across, down] in thousandths; whether it was answered with shapes.
        seconds: how long.
        start: where on the figure, an angle.
    """
    answered, began = 0, time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        angle = start + now / 2
        place = [
            round(MIDDLE + REACH * sin(angle)),
            round(MIDDLE + REACH * cos(angle) * sin(angle)),
        ]
        answered += ask(place)
    return answered / (time.monotonic() - began)


def square_of(url: str) -> dict:
    """The body of a question to the square of a page, but for its data."""
    config = httpx.get(f"{url}config", trust_env=False).json()
    [square] = [c["id"] for c in config["components"] if c["props"].get("elem_id") == "walk-square"]
    return {"component_id": square, "fn_name": "roam", "session_hash": "hands"}


def hands(url: str, body: dict, count: int, seconds: float) -> list[float]:
    """Answers a second of each of `count` hands that move at once, the slowest first.

    They move in a process of their own, as visitors do: the page may be served by this one.

    Args:
        url: of a page.
        body: of a question to its square: component, function, session and the square's key.
        count: of hands.
        seconds: how long they move.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_hands, url, body, count, seconds).result()


def _hands(url: str, body: dict, count: int, seconds: float) -> list[float]:
    rates = [0.0] * count

    def move(number: int) -> None:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:

            def ask(place: list[int]) -> bool:
                data = {**body["data"], "place": place}
                try:
                    answer = client.post("gradio_api/component_server", json={**body, "data": data})
                    return "bits" in answer.json()
                except (httpx.HTTPError, ValueError):
                    return False

            rates[number] = hand(ask, seconds, start=number)

    threads = [threading.Thread(target=move, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(rates)
