"""The voxel diffusion model: U-Net, noise schedule, denoisers, samplers, voxels and meshes.

Nothing here knows about images: a shape is guided by an embedding `cond: (B, D)` alone.
"""
