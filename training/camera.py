"""Cameras that look at the unit cube, and the rays they cast.

Azimuth 0 is in front of the object (on +x) and grows counter-clockwise seen from above; elevation
grows upwards; both in degrees. Distances are in units of the cube's side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


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


def r2n2_camera(rng: np.random.Generator, points: np.ndarray) -> Camera:
    """A view as 3D-R2N2 has them: any azimuth, elevation 25 to 30 degrees, framed on the object."""
    distance = rng.uniform(1.6, 2.4)
    return framed(rng.uniform(0, 360), rng.uniform(25, 30), distance, points, 0.04)


def wide_camera(rng: np.random.Generator, points: np.ndarray) -> Camera:
    """A view as photographs have them: any height of the eye, any lens, a slight roll."""
    elevation = rng.uniform(-5, 50) if rng.random() < 0.7 else rng.uniform(5, 25)
    distance = rng.uniform(1.2, 5.0)
    return framed(rng.uniform(0, 360), elevation, distance, points, 0.04, rng.normal(0, 3))


def drawing_camera(rng: np.random.Generator, points: np.ndarray, category: str) -> Camera:
    """A view that people choose to draw: side, front or three-quarter; airplanes from above too."""
    azimuth = rng.choice([90, 270, 0, 45, 315, 60, 300]) + rng.normal(0, 12)
    elevation = abs(rng.normal(0, 14))
    if category in ("car", "watercraft") and rng.random() < 0.6:
        azimuth, elevation = rng.choice([90, 270]) + rng.normal(0, 10), abs(rng.normal(0, 6))
    if category == "airplane" and rng.random() < 0.45:
        azimuth, elevation = rng.uniform(0, 360), rng.uniform(50, 90)
    return framed(azimuth, elevation, rng.uniform(1.6, 8.0), points, 0.04, rng.normal(0, 5))
