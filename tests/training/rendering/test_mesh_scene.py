"""Meshes as distance grids: closed forms, sheets, and embree on meshes that people made."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.rendering.camera import framed
from training.rendering.mesh_scene import mesh_distance
from training.rendering.renderer import Scene, look
from training.shapes.distance import cell_centers
from training.shapes.materials import RUBBER

trimesh = pytest.importorskip("trimesh")


@pytest.mark.parametrize("inverted", [False, True])
def test_a_ball_has_the_distances_of_a_ball(inverted):
    ball = trimesh.creation.icosphere(subdivisions=4, radius=3.0)
    faces = ball.faces[:, ::-1] if inverted else ball.faces
    distance = mesh_distance(ball.vertices + 7, faces, 64)
    true = (cell_centers(64).norm(dim=1) - 0.5).view(64, 64, 64)
    near = true.abs() < 1.5 / 64
    assert (distance - true)[near].abs().max() < 0.15 / 64
    far = true.abs() > 2 / 64
    assert (torch.sign(distance) == torch.sign(true))[far].all()
    assert (distance - true)[far].abs().max() < 1.5 / 64


def test_an_open_sheet_is_seen_from_both_sides():
    sheet = np.array([[-1, 0.013, -1], [1, 0.013, -1], [1, 0.013, 1], [-1, 0.013, 1.0]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    scene = Scene.of_distance(mesh_distance(sheet, faces), RUBBER)
    cameras = [framed(30, elevation, 2.5, sheet / 2, 0.05) for elevation in (50, -50)]
    buffers = look(scene, cameras, 64)
    shares = (buffers.part >= 0).float().mean((1, 2))
    assert shares.min() > 0.2
    assert abs(shares[0] - shares[1]) < 0.02


def test_a_table_of_boards_agrees_with_embree():
    pytest.importorskip("embreex")
    boards = [trimesh.creation.box((1.6, 0.06, 1.0))]
    boards[0].apply_translation((0, 0.5, 0))
    for x in (-0.7, 0.7):
        for z in (-0.4, 0.4):
            leg = trimesh.creation.cylinder(0.03, 1.0, sections=24)
            leg.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (1, 0, 0)))
            leg.apply_translation((x, 0, z))
            boards.append(leg)
    mesh = trimesh.util.concatenate(boards)
    distance = mesh_distance(np.asarray(mesh.vertices), np.asarray(mesh.faces))
    mesh.vertices = (mesh.vertices - mesh.bounds.mean(0)) / np.ptp(mesh.bounds, axis=0).max()
    camera = framed(35, 25, 2.2, mesh.vertices, 0.05)
    buffers = look(Scene.of_distance(distance, RUBBER), [camera], 112)
    from tests.training.rendering.test_renderer import cast

    depth, normal = cast(mesh, camera, 112)
    ours, theirs = buffers.part[0].numpy() >= 0, depth > 0
    both = ours & theirs
    assert both.sum() / (ours | theirs).sum() > 0.97
    cosine = (buffers.normal[0].numpy() * normal).sum(-1)[both]
    assert np.degrees(np.median(np.arccos(cosine.clip(-1, 1)))) < 5
    assert np.mean(np.abs(buffers.depth[0].numpy() - depth)[both] < 0.015) > 0.95
