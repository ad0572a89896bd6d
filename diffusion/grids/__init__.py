"""Voxel grids: their frame, files, and the way from and to meshes."""
