"""The noise schedule of a variance-preserving diffusion process (Ho et al. 2020, arXiv 2006.11239).

x_t = sqrt(alphas_cumprod[t]) * x_0 + sqrt(1 - alphas_cumprod[t]) * noise,  t = 0 .. T-1
"""

from __future__ import annotations

import torch
from torch import Tensor


class NoiseSchedule:
    """Signal and noise levels at every training timestep.

    Args:
        alphas_cumprod: (T,) strictly decreasing shares of signal variance in (0, 1).

    Raises:
        ValueError: for anything else.
    """

    def __init__(self, alphas_cumprod: Tensor):
        a = alphas_cumprod.to(torch.float64)
        if a.ndim != 1 or not (a[1:] < a[:-1]).all() or a.min() <= 0 or a.max() >= 1:
            raise ValueError("alphas_cumprod must be one falling sequence within (0, 1).")
        self.alphas_cumprod = a
        self._levels: dict[tuple[torch.device, torch.dtype], tuple[Tensor, Tensor]] = {}

    @classmethod
    def linear(cls, num_timesteps: int = 1000, first: float = 1e-4, last: float = 0.02):
        """Betas linear from `first` to `last` (Ho et al. 2020, section 4)."""
        betas = torch.linspace(first, last, num_timesteps, dtype=torch.float64)
        return cls(torch.cumprod(1 - betas, 0))

    @classmethod
    def cosine(cls, num_timesteps: int = 1000, offset: float = 0.008):
        """Squared-cosine signal levels, betas at most 0.999 (Nichol & Dhariwal 2021, eq. 17)."""
        u = torch.arange(num_timesteps + 1, dtype=torch.float64) / num_timesteps
        level = torch.cos((u + offset) / (1 + offset) * torch.pi / 2) ** 2
        betas = (1 - level[1:] / level[:-1]).clamp(max=0.999)
        return cls(torch.cumprod(1 - betas, 0))

    @classmethod
    def named(cls, name: str) -> NoiseSchedule:
        """The schedule called "linear" or "cosine", with 1000 timesteps."""
        schedules = {"linear": cls.linear, "cosine": cls.cosine}
        if name not in schedules:
            raise ValueError(f"Unknown noise schedule {name!r}; known are {', '.join(schedules)}.")
        return schedules[name]()

    @property
    def num_timesteps(self) -> int:
        """T."""
        return len(self.alphas_cumprod)

    def levels(self, t: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """Signal level sqrt(a) and noise level sqrt(1 - a) at t (B,), shaped to multiply `like`."""
        where = (t.device, like.dtype)
        if where not in self._levels:  # copied to a device once
            with torch.inference_mode(False):  # for training as well, whoever asks first
                a = self.alphas_cumprod
                # Cast before moving: not every device has float64.
                tables = (x.to(like.dtype).to(t.device) for x in (a.sqrt(), (1 - a).sqrt()))
                self._levels[where] = tuple(tables)
        signal, sigma = (table[t] for table in self._levels[where])
        shape = (-1, *[1] * (like.ndim - 1))
        return signal.view(shape), sigma.view(shape)

    def q_sample(self, x_0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Noise clean data: x_t (B, ...) from x_0 (B, ...), t (B,) and standard normal noise."""
        signal, sigma = self.levels(t, x_0)
        return signal * x_0 + sigma * noise

    def timesteps(self, num_steps: int, share: float = 1.0) -> list[int]:
        """`num_steps` timesteps downwards, evenly spaced so that noise 0 comes next.

        They start at T - 1, or where the last `share` of all timesteps starts.

        Raises:
            ValueError: for a share outside (0, 1], or unless it has 1 to all of its timesteps.
        """
        if not 0 < share <= 1:
            raise ValueError(f"The share of the timesteps must lie in (0, 1], not {share}.")
        total = max(1, round(share * self.num_timesteps))
        if not 1 <= num_steps <= total:
            raise ValueError(f"The number of steps must lie in 1..{total}, not {num_steps}.")
        return [round(total - i * total / num_steps) - 1 for i in range(num_steps)]
