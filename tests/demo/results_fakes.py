"""What is shown on the Results tab, without having been measured."""

from __future__ import annotations


def evaluation(difference: tuple[float, float, float] = (-0.02, -0.03, -0.01)) -> dict:
    """What `training.evaluate` writes, as far as the page reads it."""

    def row(*values):
        keys = ("iou", "iou_best", "f_score")
        return {"overall": {k: interval(v) for k, v in zip(keys, values, strict=False)}}

    def interval(mean):
        return {"mean": mean, "low": mean - 0.01, "high": mean + 0.02}

    mean, low, high = difference
    return {
        "command": "python -m training.evaluate --data procedural:test",
        "images": 120,
        "config": {"data": "procedural:test"},
        "device": "cpu",
        "methods": {
            "clip": row(0.4584, 0.54, 0.25),
            "cisp": row(0.4446, 0.53, 0.23),
            "a | b": row(0.4),
        },
        "differences": {
            "cisp minus clip": {"overall": {"iou": {"mean": mean, "low": low, "high": high}}}
        },
    }
