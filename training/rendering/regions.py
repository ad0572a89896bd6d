"""The regions that a drawing shows: parts or faces of an object as an even, simple label map."""

from __future__ import annotations

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.csgraph import connected_components

JUMP = 0.045  # of depth between neighbouring pixels, in cube sides: two things, not one
RIM = 3.2  # pixels
CREASE = np.cos(np.deg2rad(42))  # of normals three pixels apart: two faces, not one


def regions(part: np.ndarray, depth: np.ndarray, normal: np.ndarray, detail: int) -> np.ndarray:
    """Connected regions (S, S) int of one view; 0 is the background.

    Args:
        part: (S, S), -1 outside.
        depth: (S, S).
        normal: (S, S, 3).
        detail: 0 things apart in depth, 1 also parts, 2 also faces.
    """
    inside = part >= 0
    node = np.arange(part.size).reshape(part.shape)
    links = []
    every, early, late = slice(None), slice(None, -1), slice(1, None)
    for axis, a, b in ((1, (every, early), (every, late)), (0, (early, every), (late, every))):
        linked = inside[a] & inside[b] & ~_jumps(depth, inside, axis)
        if detail >= 1:
            linked &= part[a] == part[b]
        if detail >= 2:
            linked &= ~_creases(normal, part, axis)
        links.append(np.stack([node[a][linked], node[b][linked]]))
    rows, columns = np.concatenate(links, 1)
    graph = sparse.coo_matrix((np.ones(len(rows), bool), (rows, columns)), (part.size,) * 2)
    labels = connected_components(graph, directed=False)[1].reshape(part.shape) + 1
    return compact(np.where(inside, labels, 0))


def _jumps(depth: np.ndarray, inside: np.ndarray, axis: int) -> np.ndarray:
    """Whether depth leaps between neighbours along an axis, not merely slopes there.

    On a face seen at a flat angle the next step is as large; at a leap both next steps differ.
    """
    step = np.where(inside, depth, np.inf)
    with np.errstate(invalid="ignore"):
        step = np.diff(step, axis=axis)
        bend = np.nan_to_num(np.abs(np.diff(step, axis=axis)), nan=np.inf)
    ends = [(0, 0), (0, 0)]
    ends[axis] = (1, 1)
    bend = np.pad(bend, ends, constant_values=np.inf)
    count = step.shape[axis]
    early, late = (bend.take(range(i, count + i), axis) for i in (0, 1))
    return (np.abs(step) > JUMP) & (np.minimum(early, late) > JUMP / 2)


def _creases(normal: np.ndarray, part: np.ndarray, axis: int) -> np.ndarray:
    """Whether the normals turn sharply within a pixel on either side of a pair of neighbours."""
    count = part.shape[axis]
    columns = [(np.arange(count - 1) + i).clip(0, count - 1) for i in (-1, 0, 1, 2)]
    before, a, b, after = (part.take(c, axis) for c in columns)
    ahead, near, far, behind = (normal.take(c, axis) for c in columns)
    ahead = np.where((before == a)[..., None], ahead, near)
    behind = np.where((after == b)[..., None], behind, far)
    return (ahead * behind).sum(-1) < CREASE


def compact(labels: np.ndarray) -> np.ndarray:
    """The same map with labels 0, 1, 2 ... without gaps; 0 stays 0."""
    return np.unique(np.append(labels, 0), return_inverse=True)[1][:-1].reshape(labels.shape)


def dissolve(labels: np.ndarray, chosen: np.ndarray, inner: bool = False) -> np.ndarray:
    """Give the pixels of chosen regions to the nearest region that stays.

    Args:
        labels: (S, S) int.
        chosen: (L,) bool, one a label; the background (0) always stays.
        inner: whether the background takes nothing, so that the outline stays.
    """
    gone = chosen[labels] & (labels > 0)
    if not gone.any():
        return labels
    blocked = gone | (labels == 0) if inner else gone
    if blocked.all():
        return labels
    nearest = ndimage.distance_transform_edt(blocked, return_distances=False, return_indices=True)
    return np.where(gone, labels[tuple(nearest)], labels)


def without_specks(labels: np.ndarray, smallest: float) -> np.ndarray:
    """Merge regions of fewer pixels than `smallest`, and rims, into their neighbours.

    A rim is a region up to three pixels wide in a thicker body, where a surface turns away from
    the eye or two faces meet.
    """
    for _ in range(2):  # once more for what the first merge left in between
        labels = compact(labels)
        labels = dissolve(labels, np.bincount(labels.ravel()) < smallest, inner=True)
    labels = compact(labels)
    width, _ = thickness(labels)
    body = ndimage.binary_opening(labels > 0, np.ones((5, 5), bool))
    inside = np.bincount(labels.ravel(), body.ravel()) / np.bincount(labels.ravel())
    return compact(dissolve(labels, (width < RIM) & (inside > 0.7), inner=True))


def thickness(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean width and the length of every region in pixels, (L,) each; 0 for the background."""
    sizes = np.bincount(labels.ravel())
    width = np.zeros(len(sizes))
    for label, box in enumerate(ndimage.find_objects(labels), 1):
        if box is None:
            continue
        reach = ndimage.distance_transform_edt(np.pad(labels[box] == label, 1))
        # In a strip of width w the distances to its border average to w / 4 (and half a pixel).
        width[label] = max(1.0, 4 * reach[reach > 0].mean() - 1)
    return width, sizes / np.maximum(width, 1)


def mirrored(labels: np.ndarray) -> np.ndarray:
    """The left half in place of the right, if the outline is nearly symmetric about its middle."""
    columns = np.flatnonzero((labels > 0).any(0))
    if not len(columns):
        return labels
    low, high = columns[0], columns[-1] + 1
    box = labels[:, low:high]
    flip = box[:, ::-1]
    if ((box > 0) & (flip > 0)).sum() < 0.88 * ((box > 0) | (flip > 0)).sum():
        return labels
    result = labels.copy()
    half = (high - low) // 2
    # New numbers on the right, unless a region reaches the middle: then it is one on both sides.
    central = np.unique(box[:, half : half + 1 + (high - low) % 2])
    right = np.where((flip > 0) & ~np.isin(flip, central), flip + labels.max(), flip)
    result[:, low + half : high] = right[:, half:]
    return compact(result)
