"""One training loop for every model: lockstep, resumable, by steps or by the clock.

Several learners can train in lockstep: they see the same batch at the same step with the same
learning rate, which is how two embedding spaces get the same budget by construction. The batch of a
step depends on the seed and the step alone, so a resumed run repeats what the interrupted one would
have done; with a budget in steps the weights come out bit-equal on a CPU.
Under torchrun each process sees its part of every batch (`training.tools.distributed`).
"""

from __future__ import annotations

import json
import math
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from diffusion.devices import has_bfloat16
from diffusion.ema import Ema
from training.loop.ahead import Ahead
from training.tools.command import atomic_path
from training.tools.distributed import agreed, average_gradients, rank, wait

STATE = "state.pt"
SAVING = 1 / 20  # share of the time that saving may take


@dataclass(frozen=True)
class Optimisation:
    """How a learner is optimised.

    Attributes:
        learning_rate: peak of the schedule: linear warm-up, then cosine to zero.
        betas: of AdamW.
        weight_decay: on matrices only.
        warmup: share of the budget spent warming up.
        clip: largest norm of the gradient.
        slow: parameters whose name starts with this learn more slowly.
        slow_factor: what their learning rate is multiplied with.
        precision: "float32"; "bfloat16" where the device computes in it, float32 elsewhere; or
            "auto": bfloat16 on CUDA, float32 elsewhere.
    """

    learning_rate: float
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.02
    warmup: float = 0.03
    clip: float = 1.0
    slow: str = ""
    slow_factor: float = 1.0
    precision: str = "auto"

    def dtype(self, device: torch.device) -> torch.dtype:
        """The type that a device computes in."""
        wanted = self.precision == "bfloat16" or (
            self.precision == "auto" and device.type == "cuda"
        )
        return torch.bfloat16 if wanted and has_bfloat16(device) else torch.float32


@dataclass(frozen=True)
class Budget:
    """How long to train: a number of steps, or minutes by the clock.

    Raises:
        ValueError: unless exactly one is given, and positive.
    """

    steps: int | None = None
    minutes: float | None = None

    def __post_init__(self):
        given = [value for value in (self.steps, self.minutes) if value is not None]
        if len(given) != 1 or given[0] <= 0:
            raise ValueError("Give a budget in steps or in minutes: one of them, and positive.")

    def split(self, share: float) -> tuple[Budget, Budget]:
        """The budget in two parts, the first `share` of it.

        Raises:
            ValueError: it has a single step.
        """
        if self.steps is not None:
            if self.steps < 2:
                raise ValueError("Two parts are trained one after the other: give 2 steps or more.")
            first = min(max(1, round(self.steps * share)), self.steps - 1)
            return Budget(steps=first), Budget(steps=self.steps - first)
        return Budget(minutes=self.minutes * share), Budget(minutes=self.minutes * (1 - share))

    def progress(self, step: int, seconds: float) -> float:
        """Share of the budget that is spent, 1 at the end."""
        if self.steps is not None:
            return step / self.steps
        return seconds / (60 * self.minutes)


class Learner:
    """A model with its loss, optimiser and moving average.

    Args:
        name: of the model, in logs and checkpoints.
        module: from a batch to its loss; parameters that need no gradient stay as they are.
        optimisation: how.
        after_step: called after each step, for constraints such as a clamped logit scale.
    """

    def __init__(
        self,
        name: str,
        module: nn.Module,
        optimisation: Optimisation,
        after_step: Callable[[nn.Module], None] = lambda module: None,
    ):
        self.name, self.module, self.after_step = name, module, after_step
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                slow = bool(optimisation.slow) and name.startswith(optimisation.slow)
                factor = optimisation.slow_factor if slow else 1.0
                decay = optimisation.weight_decay if parameter.ndim >= 2 else 0.0
                groups.setdefault((decay, factor), []).append(parameter)
        settings = [
            {"params": parameters, "weight_decay": decay, "factor": factor}
            for (decay, factor), parameters in groups.items()
        ]
        # Fused: one kernel for all, and a resumed run has no step counts that the host waits for.
        self.optimiser = torch.optim.AdamW(
            settings, lr=optimisation.learning_rate, betas=optimisation.betas, eps=1e-6, fused=True
        )
        self.ema = Ema(module)
        self.optimisation = optimisation

    def step(self, batch: Any, learning_rate: float, device: torch.device) -> Tensor:
        """One update; returns the loss, a scalar on the device, without waiting for it."""
        half = self.optimisation.dtype(device) == torch.bfloat16
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            loss = self.module(batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        trained = [p for group in self.optimiser.param_groups for p in group["params"]]
        average_gradients(trained)
        torch.nn.utils.clip_grad_norm_(trained, self.optimisation.clip)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate * group["factor"]
        self.optimiser.step()
        self.after_step(self.module)
        self.ema.update(self.module)
        return loss.detach()

    def averaged(self) -> nn.Module:
        """A copy of the module with the averaged weights, in evaluation mode."""
        return self.ema.averaged(self.module)

    def state(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {
            "module": self.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "ema": self.ema.state_dict(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up the state of an interrupted run."""
        self.module.load_state_dict(state["module"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.ema.load_state_dict(state["ema"])


def learning_rate_at(progress: float, optimisation: Optimisation) -> float:
    """Linear warm-up, then a cosine to zero."""
    if progress < optimisation.warmup:
        return optimisation.learning_rate * max(progress, 1e-3) / optimisation.warmup
    rest = min(1.0, (progress - optimisation.warmup) / (1 - optimisation.warmup))
    return optimisation.learning_rate * 0.5 * (1 + math.cos(math.pi * rest))


def start_anew(*kept: Path) -> None:
    """Remove what is kept of an earlier run in the same folder.

    A later stage's state would otherwise be found when this run is interrupted and resumed.
    """
    for path in kept if rank() == 0 else ():
        path.unlink(missing_ok=True)
    wait()


def load_state(path: Path, settings: str, device: torch.device) -> dict[str, Any]:
    """The state of an interrupted run.

    Raises:
        ValueError: it cannot be read, or was made with other settings.
    """
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except torch.OutOfMemoryError:  # a RuntimeError as well, but not the file's fault
        raise
    except (RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise ValueError(f"The saved state '{path}' cannot be read: start anew.") from error
    if state.get("settings", settings) != settings:
        raise ValueError(f"'{path.parent}' was made with other settings: it cannot be resumed.")
    return state


def train(
    learners: Sequence[Learner],
    batch_at: Callable[[int], Any],
    budget: Budget,
    folder: str | Path,
    *,
    resume: bool = False,
    settings: str = "",
    device: torch.device | str = "cpu",
    save_seconds: float = 60.0,
    stop_after: int | None = None,
    check: Callable[[Sequence[Learner]], dict[str, float]] | None = None,
    checks: int = 10,
) -> dict[str, Any]:
    """Train learners in lockstep until the budget is spent.

    Args:
        learners: the models; all take each batch.
        batch_at: from a step to its batch, the same at every call.
        budget: when to stop.
        folder: takes `state.pt` (to resume) and `log.jsonl` (a line every few seconds).
        resume: go on from `state.pt` if there is one; otherwise start anew.
        settings: whatever must be equal: a run with other settings is not resumed.
        device: where the learners are.
        save_seconds: how often the state is saved; more seldom where it is so large that saving
            would take more than `SAVING` of the time. An interruption loses no more.
        stop_after: stop early at this step, as an interruption would (for tests and rehearsals).
        check: measures the learners for the log; it takes nothing from a budget in minutes.
        checks: into how many parts checks divide the budget: one less than that, none at its end.

    Returns:
        `steps`, `seconds` of training, and the last smoothed loss a learner.

    Raises:
        ValueError: a loss is not finite (what was saved before stays), or the run to resume is
            damaged or a different one.
    """
    folder, device = Path(folder), torch.device(device)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, log = folder / STATE, folder / "log.jsonl"
    step, seconds, smooth = 0, 0.0, {}
    if resume and checkpoint.exists():
        state = load_state(checkpoint, settings, device)
        step, seconds = state["step"], state["seconds"]
        smooth = {name: torch.tensor(loss, device=device) for name, loss in state["smooth"].items()}
        for learner in learners:
            learner.load_state(state["learners"][learner.name])
    else:
        log.unlink(missing_ok=True)

    def losses() -> dict[str, float]:
        """The smoothed losses. Only this, every few seconds, waits for the device."""
        found = {name: loss.item() for name, loss in smooth.items()}
        for name, loss in found.items():  # NaN and infinity stay in the mean
            if not math.isfinite(loss):
                raise ValueError(f"The loss of {name} is {loss}; it cannot go on.")
        return found

    def save() -> None:
        if rank() > 0:
            return
        states = {learner.name: learner.state() for learner in learners}
        state = {
            "settings": settings,
            "step": step,
            "seconds": seconds,
            "smooth": losses(),
            "learners": states,
        }
        with atomic_path(checkpoint) as temporary:
            torch.save(state, temporary)

    def tell(entry: dict[str, Any]) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    for learner in learners:
        learner.module.train()
    bar = tqdm(
        total=100,
        desc=folder.name,
        unit="%",
        disable=rank() > 0,
        bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}",
    )
    batches, pause = Ahead(batch_at, device), save_seconds
    last_saved = last_logged = time.monotonic()
    checked = int(checks * budget.progress(step, seconds))
    whole = True  # every learner has taken the same steps: never save anything else
    try:
        while (progress := agreed(budget.progress(step, seconds))) < 1 and step != stop_after:
            if rank() == 0 and check is not None and int(checks * progress) > checked:
                checked = int(checks * progress)
                tell({"step": step, "check": check(learners)})
            start = time.monotonic()
            batch = batches(step)
            whole = False
            for learner in learners:
                rate = learning_rate_at(progress, learner.optimisation)
                loss = learner.step(batch, rate, device)
                previous = smooth.get(learner.name, loss)
                smooth[learner.name] = torch.lerp(previous, loss, max(0.02, 1 / (step + 1)))
            step, whole = step + 1, True
            if budget.progress(step, seconds) < 1 and step != stop_after:
                batches.prepare(step)
            now = time.monotonic()
            seconds += now - start
            bar.update(min(100.0, 100 * progress) - bar.n)
            if rank() == 0 and (now - last_logged > 5 or step == 1):
                last_logged, loss = now, losses()
                tell({"step": step, "seconds": round(seconds, 2), "rate": rate, "loss": loss})
                bar.set_postfix(step=step, **{k: f"{v:.3f}" for k, v in loss.items()})
            if now - last_saved > pause:
                save()
                last_saved = time.monotonic()
                pause = max(save_seconds, (last_saved - now) / SAVING)
    finally:
        bar.close()
        if whole:
            save()
    return {"steps": step, "seconds": seconds, "loss": losses()}
