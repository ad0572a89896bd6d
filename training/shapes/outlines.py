"""Polygons and paths, as arrays of points: the raw material of prisms, lofts, lathes and tubes."""

from __future__ import annotations

import numpy as np


def rectangle(width: float, height: float, corner: float = 0.0, center=(0.0, 0.0)) -> np.ndarray:
    """Vertices of an upright rectangle; corners cut in two by a radius above 0.

    Args:
        width: along the first axis.
        height: along the second axis.
        corner: radius of the corners, each drawn with three vertices.
        center: (2,) of the rectangle.

    Returns:
        (4, 2), or (12, 2) with rounded corners.
    """
    x, y = width / 2, height / 2
    corner = min(corner, 0.98 * x, 0.98 * y)
    if corner <= 0:
        return np.array([(x, y), (-x, y), (-x, -y), (x, -y)]) + center
    middles = [(x, y), (-x, y), (-x, -y), (x, -y)] - corner * np.sign(
        [(x, y), (-x, y), (-x, -y), (x, -y)]
    )
    turns = np.deg2rad([[0, 45, 90], [90, 135, 180], [180, 225, 270], [270, 315, 360]])
    points = middles[:, None] + corner * np.stack([np.cos(turns), np.sin(turns)], -1)
    return points.reshape(-1, 2) + center


def ellipse(radius_u: float, radius_v: float, count: int = 12) -> np.ndarray:
    """Vertices (count, 2) of an ellipse about the origin."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([radius_u * np.cos(angle), radius_v * np.sin(angle)], axis=1)


def arc(radius: float, start: float, stop: float, count: int = 7, center=(0, 0)) -> np.ndarray:
    """Points (count, 2) on a circle, from one angle to another in degrees."""
    angle = np.deg2rad(np.linspace(start, stop, count))
    return np.asarray(center) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def curve(points, count: int = 8) -> np.ndarray:
    """Points (count, D) on a smooth path through points (K, D), K >= 2 (Catmull-Rom spline)."""
    points = np.asarray(points, float)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    at = np.linspace(0, len(points) - 1, count)
    i = np.minimum(at.astype(int), len(points) - 2)
    t = (at - i)[:, None]
    a, b, c, d = (padded[i + k] for k in range(4))
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def band(path, thickness: float) -> np.ndarray:
    """The outline (2 K, 2) of a strip of even thickness along a path (K, 2): bent sheets."""
    path = np.asarray(path, float)
    along = np.gradient(path, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], 1)
    normal *= thickness / 2 / np.linalg.norm(normal, axis=1, keepdims=True)
    return np.concatenate([path + normal, (path - normal)[::-1]])


def symmetric(half, axis: int = 1) -> np.ndarray:
    """A closed outline (2 K, 2) from its half (K, 2), mirrored by negating one coordinate."""
    half = np.asarray(half, float)
    flip = np.ones(2)
    flip[axis] = -1
    return np.concatenate([half, (half * flip)[::-1]])


def softened(polygon, radius: float) -> np.ndarray:
    """The polygon (3 K, 2) with each of its K corners rounded by three vertices.

    Args:
        polygon: (K, 2) vertices in order.
        radius: length cut off each side of a corner, at most 0.45 of the shorter neighbour.
    """
    polygon = np.asarray(polygon, float)
    before, after = np.roll(polygon, 1, 0) - polygon, np.roll(polygon, -1, 0) - polygon
    long = [np.linalg.norm(v, axis=1, keepdims=True) for v in (before, after)]
    cut = np.minimum(radius, 0.45 * np.minimum(*long))
    start, end = polygon + before / long[0] * cut, polygon + after / long[1] * cut
    middle = (start + end) / 4 + polygon / 2  # the quadratic Bezier curve at its middle
    return np.stack([start, middle, end], 1).reshape(-1, 2)
