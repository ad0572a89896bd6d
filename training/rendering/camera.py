"""Cameras that look at the unit cube, and the rays they cast.

Azimuth 0 is in front of the object (on +x) and grows counter-clockwise seen from above; elevation
grows upwards; both in degrees. Distances are in units of the cube's side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

R2N2_FARTHEST = 1.75  # the largest distance of the camera, in diagonals of the object's box
R2N2_WINDOW = 16 / 35  # half the sensor over the focal length, both in millimetres


@dataclass(frozen=True)
class Camera:
    """A perspective camera aimed at the centre of the cube.

    Attributes:
        azimuth: degrees around +y, 0 in front.
        elevation: degrees above the horizon.
        distance: from the cube's centre, above its half-diagonal of 0.87.
        window: (x, y, half) of the square of the image plane that the picture shows, as tangents
            of the angle from the optical axis; a field of view F is (0, 0, tan(F / 2)).
        roll: degrees that the picture is turned counter-clockwise.
    """

    azimuth: float
    elevation: float
    distance: float
    window: tuple[float, float, float]
    roll: float = 0.0

    def basis(self) -> np.ndarray:
        """(3, 3) rows: right, up, backward (from the object to the camera)."""
        azimuth, elevation, roll = np.deg2rad([self.azimuth, self.elevation, self.roll])
        back = np.array(
            [
                np.cos(elevation) * np.cos(azimuth),
                np.sin(elevation),
                -np.cos(elevation) * np.sin(azimuth),
            ]
        )
        # Straight above, "up" is where an upright camera would have tilted from.
        up = np.array([0.0, 1.0, 0.0])
        if abs(back[1]) > 0.999:
            up = np.array([-np.cos(azimuth), 0.0, np.sin(azimuth)])
        right = np.cross(up, back)
        right /= np.linalg.norm(right)
        up = np.cross(back, right)
        turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
        return np.stack([*(turn @ np.stack([right, up])), back])

    def project(self, points: np.ndarray) -> np.ndarray:
        """Tangents (N, 2), right and up, at which points (N, 3) appear."""
        seen = points @ self.basis().T
        return seen[:, :2] / (self.distance - seen[:, 2:])


def framed(
    azimuth: float, elevation: float, distance: float, points: np.ndarray, margin: float, roll=0.0
) -> Camera:
    """A camera whose square window just holds the points (N, 3), with a margin on each side.

    Args:
        azimuth: degrees.
        elevation: degrees.
        distance: in cube sides.
        points: what must be in the picture.
        margin: as a share of the object's longer side in the picture.
        roll: degrees.
    """
    camera = Camera(azimuth, elevation, distance, (0.0, 0.0, 1.0), roll)
    tangents = camera.project(points)
    low, high = tangents.min(0), tangents.max(0)
    center, half = (low + high) / 2, (high - low).max() / 2 * (1 + 2 * margin)
    return Camera(azimuth, elevation, distance, (*center, half), roll)


def cast_rays(cameras: list[Camera], size: int, device="cpu") -> tuple[Tensor, Tensor]:
    """Rays through the pixel centres of square pictures.

    Returns:
        Origins (V, 3) and unit directions (V, size, size, 3); row 0 is the top of the picture.
    """
    line = (torch.arange(size, device=device, dtype=torch.float32) + 0.5) / size * 2 - 1
    origins, directions = [], []
    for camera in cameras:
        basis = torch.as_tensor(camera.basis(), dtype=torch.float32, device=device)
        x, y, half = camera.window
        across = (x + half * line)[None, :, None] * basis[0]  # (1, S, 3)
        along = (y - half * line)[:, None, None] * basis[1]  # (S, 1, 3)
        direction = across + along - basis[2]
        directions.append(direction / direction.norm(dim=-1, keepdim=True))
        origins.append(basis[2] * camera.distance)
    return torch.stack(origins), torch.stack(directions)


def diagonal(points: np.ndarray) -> float:
    """The diagonal of the box around points (N, 3) whose longest side is taken as 1."""
    extent = np.ptp(points, axis=0)
    return float(np.linalg.norm(extent) / extent.max())


def camera_of_metadata(row: Sequence[float], diagonal: float) -> Camera:
    """The camera of one line of a `rendering_metadata.txt` of 3D-R2N2.

    Found by comparison with true renderings: models have a box of diagonal 1, the eye is at the
    distance ratio times 1.75 from its centre, azimuths grow clockwise seen from above, and the lens
    is Blender's usual one (35 mm, a sensor of 32 mm), whatever the last column says.

    Args:
        row: azimuth, elevation, in-plane rotation (degrees), distance ratio, field of view.
        diagonal: of the object's box, in units of its longest side, which spans the unit cube.

    Raises:
        ValueError: if the row does not have five finite numbers, or the eye is inside the object.
    """
    if len(row) != 5 or not np.isfinite(row).all():
        raise ValueError("A line of rendering metadata holds five numbers.")
    azimuth, elevation, rotation, ratio, _ = row
    distance = ratio * R2N2_FARTHEST * diagonal
    if distance <= diagonal / 2:
        raise ValueError(f"A distance ratio of {ratio} puts the camera inside the object.")
    return Camera(-azimuth, elevation, distance, (0.0, 0.0, R2N2_WINDOW), rotation)


def random_metadata(rng: np.random.Generator) -> tuple[float, float, float, float, float]:
    """A line of metadata as 3D-R2N2 draws it."""
    return (rng.uniform(0, 360), rng.uniform(25, 30), 0.0, rng.uniform(0.65, 0.95), 25.0)


def r2n2_camera(rng: np.random.Generator, points: np.ndarray) -> Camera:
    """A view as 3D-R2N2 has them, but framed on the object."""
    camera = camera_of_metadata(random_metadata(rng), diagonal(points))
    distance = max(camera.distance, 0.95)  # outside the cube
    return framed(camera.azimuth % 360, camera.elevation, distance, points, 0.04)


def wide_camera(rng: np.random.Generator, points: np.ndarray) -> Camera:
    """A view as photographs have them: any height of the eye, any lens, a slight roll."""
    elevation = rng.uniform(-5, 50) if rng.random() < 0.7 else rng.uniform(5, 25)
    distance = rng.uniform(1.2, 5.0)
    return framed(rng.uniform(0, 360), elevation, distance, points, 0.04, rng.normal(0, 3))


# The views that people choose to draw, by category: (weight, azimuths, spread of the azimuth,
# lowest and highest elevation, spread of the roll), in degrees. 0 is the front, 90 a side.
SIDES, FRONT, CORNERS = (90, 270), (0,), (40, 320, 60, 300)
DRAWN = {
    "airplane": (
        (0.4, SIDES, 8, 0, 8, 8),
        (0.35, (0, 90, 180, 270), 15, 60, 90, 25),
        (0.25, (60, 300, 120, 240), 15, 15, 45, 12),
    ),
    "bench": ((0.5, FRONT, 6, 0, 15, 2), (0.35, CORNERS, 12, 10, 25, 2), (0.15, SIDES, 5, 0, 6, 2)),
    "cabinet": ((0.75, FRONT, 4, 0, 8, 2), (0.25, (25, 335), 8, 5, 20, 2)),
    "car": ((0.85, SIDES, 6, 0, 6, 3), (0.1, CORNERS, 15, 8, 25, 2), (0.05, FRONT, 5, 0, 6, 2)),
    "chair": ((0.5, SIDES, 8, 0, 8, 3), (0.35, CORNERS, 12, 8, 28, 3), (0.15, FRONT, 6, 0, 12, 3)),
    "display": ((0.8, FRONT, 5, 0, 6, 3), (0.2, (25, 335), 8, 0, 15, 3)),
    "lamp": ((0.8, SIDES + FRONT, 10, 0, 8, 3), (0.2, CORNERS, 15, 5, 20, 4)),
    "loudspeaker": ((0.8, FRONT, 5, 0, 6, 3), (0.2, (25, 335), 8, 0, 15, 3)),
    "rifle": ((1.0, SIDES, 5, 0, 6, 8),),
    "sofa": ((0.75, FRONT, 6, 0, 20, 2), (0.25, (25, 335), 10, 8, 25, 2)),
    "table": (
        (0.4, (0, 90), 6, 0, 8, 2),
        (0.3, (0, 90), 8, 12, 32, 2),
        (0.3, CORNERS, 12, 8, 30, 2),
    ),
    "telephone": ((0.75, FRONT, 5, 0, 8, 6), (0.25, SIDES, 20, 0, 40, 10)),
    "watercraft": ((0.9, SIDES, 6, 0, 6, 4), (0.1, (60, 300), 12, 8, 30, 3)),
}


def drawing_camera(rng: np.random.Generator, points: np.ndarray, category: str) -> Camera:
    """A view that people choose to draw, by the table `DRAWN`; any view of an unknown category."""
    options = DRAWN.get(category, ((1.0, SIDES + FRONT + CORNERS, 10, 0, 25, 3),))
    weights = np.array([option[0] for option in options])
    chosen = options[rng.choice(len(options), p=weights / weights.sum())]
    _, azimuths, spread, low, high, roll = chosen
    azimuth = rng.choice(azimuths) + rng.normal(0, spread)
    # Hardly any perspective: people draw as if from far away.
    distance = rng.uniform(3, 12)
    return framed(azimuth, rng.uniform(low, high), distance, points, 0.04, rng.normal(0, roll))
