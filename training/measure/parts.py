"""Thin parts and pieces: what IoU hardly measures, and people see at once.

A leg is a few cells of thousands; a shape that has lost its legs, or whose legs float, scores about
as well as one that stands.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

CUBE = np.ones((3, 3, 3), bool)  # a cell and all that share a side, an edge or a corner with it


def thin(occupancy: np.ndarray) -> np.ndarray:
    """Which full cells lie in parts at most two cells thick: in no full cube of 3^3 cells.

    Args:
        occupancy: (R, R, R) bool.

    Returns:
        (R, R, R) bool.
    """
    return occupancy & ~ndimage.binary_opening(np.pad(occupancy, 1), CUBE)[1:-1, 1:-1, 1:-1]


def thin_recall(answers: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the truth's thin cells that are full in an answer, exactly or within one cell.

    Args:
        answers: (K, R, R, R) bool.
        truth: (R, R, R) bool.

    Returns:
        (K,) found, and (K,) found within a cell, in [0, 1]; both 1 where nothing is thin.
    """
    cells = thin(truth)
    if not cells.any():
        return np.ones(len(answers)), np.ones(len(answers))
    near = np.stack([ndimage.binary_dilation(answer, CUBE) for answer in answers])
    return answers[:, cells].mean(1), near[:, cells].mean(1)


def pieces(occupancy: np.ndarray) -> int:
    """How many connected pieces full cells make; cells that share a corner are connected."""
    return ndimage.label(occupancy, CUBE)[1]


def part_scores(answers: np.ndarray, truth: np.ndarray) -> dict[str, list[float]]:
    """Scores of answers (K, R, R, R) bool to one truth (R, R, R) bool, K numbers a measure.

    Returns:
        "thin_recall" and "thin_recall_near", see `thin_recall`; "more_pieces", 1 where an answer
        has more pieces than the truth; "volume", full cells over those of the truth.
    """
    found, near = thin_recall(answers, truth)
    true_pieces = pieces(truth)
    return {
        "thin_recall": found.tolist(),
        "thin_recall_near": near.tolist(),
        "more_pieces": [float(pieces(answer) > true_pieces) for answer in answers],
        "volume": (answers.sum((1, 2, 3)) / max(truth.sum(), 1)).tolist(),
    }
