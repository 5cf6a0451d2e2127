"""Where the gradients go in the recurrent layers of somebody's training loop."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from typing import Any

from torch import nn

from .._native import ProfileHandle, write_report
from ._accelerate import accelerate, restore
from ._jacobians import Spectrum, spectra
from ._layers import Layers
from ._runner import Look, Runner


@dataclasses.dataclass(frozen=True)
class Record:
    """What one module did in one training step.

    `layers` has a dictionary for each layer and direction: norms of dE/dh (`hidden`) and, for an
    LSTM, of dE/dc (`cell`) by time step, by distance from the answer and as shares of what is there
    at the answer; `horizon`, the distance at which 1 % is left; the values of gates and states.
    `last_answer` is the same for each sequence's last answer alone, where the loss has several in a
    sequence, else None. `verdicts` says in words what that shows. `jacobians` are those along the
    longest sequence, for each layer and direction; None where they were not asked for.
    """

    step: int
    module: str
    layers: list[dict[str, Any]]
    last_answer: list[dict[str, Any]] | None
    parameters: list[dict[str, Any]]
    verdicts: list[dict[str, str]]
    jacobians: list[Spectrum] | None = None

    @property
    def judged(self) -> list[dict[str, Any]]:
        """The layers of which the verdicts speak."""
        return self.layers if self.last_answer is None else self.last_answer


class Profile:
    """A context manager around a training loop; see `profile`."""

    def __init__(
        self, model: nn.Module, every: int, memory_needed: int | None, jacobians: bool
    ):
        if every < 1:
            raise ValueError(f"every: expected 1 or more, found {every}")
        self.model, self.every, self.memory_needed = model, every, memory_needed
        self.jacobians = jacobians
        self.records: list[Record] = []
        self._profiles: list[ProfileHandle] = []
        self._steps: dict[str, int] = {}
        self._watched: list[Runner] = []
        self._borrowed: list[nn.Module] = []

    def __enter__(self) -> Profile:
        for name, module in list(self.model.named_modules()):
            if not isinstance(module, nn.RNNBase):
                continue
            if not isinstance(module, Layers):
                # Layers of torch.nn are ours as long as somebody looks at them.
                if not accelerate(module).replaced:
                    continue
                self._borrowed.append(module)
            layers: Any = module
            runner: Runner = layers._runner()
            runner.observer = self._observer(name or "(the model)", runner)
            self._watched.append(runner)
        if not self._watched:
            raise ValueError("no recurrent layer in this model that could be profiled")
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self._watched:
            runner.observer = None
        for module in self._borrowed:
            restore(module)
        self._watched, self._borrowed = [], []

    def _observer(self, name: str, runner: Runner) -> Callable[[], Look | None]:
        needed = -1 if self.memory_needed is None else self.memory_needed

        def observe() -> Look | None:
            step = self._steps[name] = self._steps.get(name, -1) + 1
            if step % self.every != 0:
                return None
            return Look(
                needed, self.jacobians,
                lambda profile: self._add(name, step, runner.shape.directions, profile))
        return observe

    def _add(self, name: str, step: int, directions: int, profile: ProfileHandle) -> None:
        found = json.loads(profile.describe())
        jacobians = found["jacobians"]
        self._profiles.append(profile)
        self.records.append(Record(
            step, name, found["layers"], found["lastAnswer"], found["parameters"],
            found["verdicts"], None if jacobians is None else spectra(jacobians, directions)))

    # What was seen

    def last(self) -> list[Record]:
        """The last record of each module."""
        return list({record.module: record for record in self.records}.values())

    def __str__(self) -> str:
        lines = [
            f"{record.module}.{verdict['sentence']}"
            for record in self.last() for verdict in record.verdicts]
        return "\n".join(lines) or "no step has been profiled"

    def to_dict(self) -> dict[str, Any]:
        """All records as plain dictionaries, which json.dumps takes."""
        return {
            "every": self.every,
            "memoryNeeded": self.memory_needed,
            "records": [_plain(record) for record in self.records],
        }

    def report(self, path: str | os.PathLike[str], subject: str | None = None) -> None:
        """Writes a report as one HTML file: verdicts, a table, and figures of how far gradients
        reach, what gates do and, over several records, what training changes.

        `subject` says in a sentence what was looked at. Raises ValueError where no step has been
        profiled yet, OSError for a file that cannot be written.
        """
        if not self.records:
            raise ValueError("no step has been profiled yet")
        looks = [
            (profile, record.module, record.step)
            for record, profile in zip(self.records, self._profiles, strict=True)]
        write_report(looks, subject, os.fspath(path))

    def to_tensorboard(self, writer: Any) -> None:
        """Writes horizons, shares and gates of all records to a `SummaryWriter`."""
        for record in self.records:
            for layer in record.judged:
                place = f"{record.module}/{layer['name']}"
                series = layer["cell"] or layer["hidden"]
                horizon = layer["horizon"]
                if horizon is None:
                    horizon = len(series["byDistance"])
                numbers = {"horizon": horizon, "decay": layer["decayRate"], "kept": layer["kept"]}
                if series["shares"]:
                    numbers["share at the start"] = series["shares"][-1]
                for gate in layer["gates"]:
                    numbers[f"gate {gate['gate']}"] = gate["values"]["mean"]
                for what, number in numbers.items():
                    if number is not None:
                        writer.add_scalar(f"{place}/{what}", number, record.step)

    def plot(self, axes: Any = None) -> Any:
        """Draws the share of the gradient that arrives, by distance, of the last records.

        Needs matplotlib; returns its axes.
        """
        import matplotlib.pyplot as plt

        axes = plt.subplots()[1] if axes is None else axes
        for record in self.last():
            for layer in record.judged:
                shares = (layer["cell"] or layer["hidden"])["shares"]
                points = [(i, s) for i, s in enumerate(shares) if s]
                axes.plot(*zip(*points, strict=True), label=f"{record.module}.{layer['name']}")
        axes.axhline(0.01, color="gray", linewidth=0.5)
        axes.set(
            yscale="log", xlabel="steps before the answer", ylabel="share of the gradient")
        axes.legend()
        return axes


def _plain(value: Any) -> Any:
    """Lists, dictionaries and numbers in the place of dataclasses and arrays."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value.tolist() if hasattr(value, "tolist") else value


def profile(
    model: nn.Module, every: int = 50, memory_needed: int | None = None, jacobians: bool = False
) -> Profile:
    """Looks at the gradients inside all recurrent layers of a model while it trains.

        with rnncore.torch.profile(model) as seen:
            for batch in batches:
                loss(model(batch)).backward()
                ...
        print(seen)      # "encoder.l0 vanishing: the gradient falls to 1 % within 14 steps, …"
        seen.report("gradients.html")

    Every `every`-th time that a gradient comes back to a module, it is followed once more through
    time: norms by layer, direction and step, gates, the horizon, and a verdict in words. Where the
    loss has answers at several steps of a sequence, each sequence's last answer is followed alone
    as well: later losses would hide that earlier ones fade. Training sees nothing of it.

    `memory_needed` are the steps over which the task asks to remember, all of them where it is
    None. With `jacobians` each record has Lyapunov exponents and singular values along the longest
    sequence of the batch, too, which cost about 30 n^3 operations a step for a state of n numbers.
    Layers of torch.nn are computed by RNNCore within the context. What torch.compile has compiled
    is not seen.
    """
    return Profile(model, every, memory_needed, jacobians)


__all__ = ["Profile", "Record", "profile"]
