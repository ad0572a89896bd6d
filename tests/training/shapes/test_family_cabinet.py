"""Cabinets: what their grids must show, counted in the voxels rather than in the program."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from tests.training.shapes.drawn import those_where


def cabinets(count: int, *subtypes: str, where=lambda facts: True):
    """The first `count` shapes of some sub-types whose attributes agree, with their occupancy."""
    for shape, full in those_where("cabinet", count, subtypes, where):
        yield shape, full[ndimage.find_objects(full.astype(int))[0]]


def test_what_doors_and_drawers_close_is_solid():
    def closed(f) -> bool:
        return not (f["num_open"] or f["open_bottom"] or f["has_rail"] or f["has_mirror"])

    for shape, full in cabinets(20, "wardrobe", "chest of drawers", "filing cabinet", where=closed):
        x, _, z = np.array(full.shape) // 2
        column = full[x, :, z]
        assert column[len(column) // 2 :].mean() > 0.8, shape.attributes


def test_open_compartments_are_the_holes_in_a_slice_through_the_middle():
    def simple(f) -> bool:
        roomy = f["num_open"] <= 6 and 0.6 < f["height_to_width"] < 1.7
        return roomy and not (f["num_legs"] or f["rounded"] or f["has_castors"])

    for shape, full in cabinets(12, "cube shelf", where=simple):
        face = full[full.shape[0] // 2]
        outside = np.pad(~face, 1, constant_values=True)
        holes = ndimage.label(outside)[1] - 1  # the room around the shelf is no compartment
        assert holes >= shape.attributes["num_open"], shape.attributes
        enclosed = ndimage.binary_fill_holes(face) & ~face
        assert ndimage.label(enclosed)[1] == shape.attributes["num_open"], shape.attributes


def test_shelves_of_a_rack_are_counted_by_a_plumb_line():
    def spaced(f) -> bool:
        return f["num_shelves"] <= 5 and f["height_to_width"] > 1 and f["depth_to_width"] > 0.4

    for shape, full in cabinets(12, "shelving unit", where=spaced):
        x, z = full.shape[0] * 3 // 10, full.shape[2] // 2
        shelves = ndimage.label(full[x, :, z - z // 3])[1]
        assert abs(shelves - shape.attributes["num_shelves"]) <= bool(
            shape.attributes["has_castors"]
        )


def test_legs_are_as_many_as_pieces_touch_the_floor():
    def plain(f) -> bool:
        return f["num_legs"] == 4 and f["clearance"] > 0.2 and f["height_to_depth"] < 2

    for shape, full in cabinets(15, "nightstand", "chest of drawers", "sideboard", where=plain):
        assert ndimage.label(full[:, 0], np.ones((3, 3)))[1] == 4, shape.attributes


def test_an_l_shaped_cabinet_leaves_a_quarter_of_its_plan_empty():
    for shape, full in cabinets(6, "corner cabinet", where=lambda f: f["l_shaped"]):
        plan = full.any(1)
        front = plan[-2:]
        assert front[:, :2].any() != front[:, -2:].any(), shape.attributes


def test_a_hutch_steps_back_above_its_counter():
    for shape, full in cabinets(10, "hutch"):
        foremost = full.shape[0] - full[::-1].argmax(0)  # by height and z
        foremost[~full.any(0)] = 0
        quarter = full.shape[1] // 4
        counter = foremost[quarter : 2 * quarter + 3].max()
        above = foremost[3 * quarter : -3].max()
        assert above <= counter, shape.attributes
