"""What layers and cells share: when RNNCore computes them, and how."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.compiler import is_compiling

from . import _operators
from ._graph import record
from ._runner import PLAIN, Form, Runner, Shape, Unfit, draw_seed, plain

if TYPE_CHECKING:
    from typing_extensions import Self

_warned: set[str] = set()


def warn_once(reason: str) -> None:
    """Says why torch's own code runs, the first time for each reason."""
    if reason not in _warned:
        _warned.add(reason)
        # From here back over four functions of ours and torch's to the caller of the module.
        warnings.warn(f"torch.nn computes this layer, not RNNCore: {reason}", stacklevel=6)


def transform() -> str | None:
    """What is going on around a call that torch's own code alone follows."""
    if torch._C._is_any_autocast_enabled():
        return "autocast is on"
    if torch._C._are_functorch_transforms_active():
        return "torch.func transforms it"
    if forward_ad._current_level >= 0:
        return "forward-mode derivatives are taken"
    if torch._C._is_tracing():
        return "torch.jit traces it"
    return None


class Accelerated(nn.Module):
    """A module of torch.nn that RNNCore computes. Never made by itself."""

    _rnncore: Runner | None = None

    def _shape(self) -> Shape:
        raise NotImplementedError

    def _runner(self) -> Runner:
        runner = self._rnncore
        if runner is None:
            runner = self._rnncore = Runner(self._shape())
        return runner

    def _weights(self, names: Sequence[str]) -> list[Tensor]:
        parameters: dict[str, Any] = self._parameters
        try:
            return [parameters[name] for name in names]
        except KeyError:
            # Parametrizations have put something else in their place.
            return [getattr(self, name) for name in names]

    def _can_read(self, x: Tensor, states: Sequence[Tensor]) -> bool:
        """Whether the library reads numbers of this kind; their shapes are not looked at."""
        if is_compiling():
            if torch._C._is_any_autocast_enabled():
                return False
        elif transform() is not None or type(x) not in PLAIN:
            return False
        if x.dtype is not torch.float32 or not x.is_cpu or x.layout is not torch.strided:
            return False
        if x.is_nested:
            return False
        for state in states:
            if state.dtype is not torch.float32 or not state.is_cpu:
                return False
            if state.layout is not torch.strided or state.is_nested:
                return False
            if type(state) not in PLAIN and not is_compiling():
                return False
        return True

    def _by_torch(self, input: Any, hx: Any) -> Any:
        """What torch.nn's code makes of it: an error, or outputs and a warning."""
        if is_compiling():
            return super().forward(input, hx)
        self._check_for_torch(input, hx)
        result = super().forward(input, hx)
        warn_once(self._reason(input))
        return result

    def _check_for_torch(self, input: Any, hx: Any) -> None:
        """Raises what torch.nn's code does not, but ends the process instead."""

    def _reason(self, input: Any) -> str:
        x = input if isinstance(input, Tensor) else input[0]
        if getattr(self, "proj_size", 0) > 0:
            return "it has projections (proj_size)"
        if (around := transform()) is not None:
            return around
        if x.device.type != "cpu":
            return f"it is on {x.device.type}, not on the CPU"
        if x.dtype is not torch.float32:
            return f"its numbers are {x.dtype}, not torch.float32"
        if 0 in x.shape or self.hidden_size == 0:
            return "its input or state is empty"
        try:
            self._runner()._check(self._weights(
                getattr(self, "_flat_weights_names", None)
                or [name for name, _ in self.named_parameters(recurse=False)]))
        except Unfit as unfit:
            return str(unfit)
        return "its arguments have another form than RNNCore reads"

    def train(self, mode: bool = True) -> Self:
        """As torch.nn's. What was changed through `.data` is seen from here on, too."""
        self._forget_weights()
        return super().train(mode)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        self._forget_weights()
        apply: Callable[..., Self] = super()._apply
        return apply(fn, recurse)

    def _forget_weights(self) -> None:
        if self._rnncore is not None:
            self._rnncore.forget_weights()

    def __getstate__(self) -> dict[str, Any]:
        # A copy, in memory or in a file, makes a runner of its own at its first call.
        inherited = getattr(super(), "__getstate__", None)
        state = dict(self.__dict__ if inherited is None else inherited())
        state.pop("_rnncore", None)
        return state


def compute(
    module: Accelerated, x: Tensor, form: Form, states: Sequence[Tensor],
    weights: Sequence[Tensor], dropout: float,
) -> tuple[Tensor | None, Tensor, Tensor | None] | None:
    """Outputs and final states, with a node of the graph where gradients are wanted.

    None for weights that the library cannot read.
    """
    recording = torch.is_grad_enabled() and _wants_gradients(x, states, weights)
    if is_compiling():
        if any(weight.dtype is not torch.float32 or not weight.is_cpu for weight in weights):
            return None
        return _operators.compute(
            module._shape().text, x, form, states, weights, dropout, recording)
    x = x.contiguous().resolve_neg()
    h0 = plain(states[0]) if states else None
    c0 = plain(states[1]) if len(states) == 2 else None
    seed = int(draw_seed()) if dropout > 0 else 0
    try:
        if recording:
            return record((module._runner(), form, dropout, seed), x, h0, c0, *weights)
        return module._runner().forward(x, form, h0, c0, weights, dropout, seed, False)[:3]
    except Unfit:
        return None


def _wants_gradients(x: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor]) -> bool:
    if x.requires_grad:
        return True
    for weight in weights:
        if weight.requires_grad:
            return True
    return any(state.requires_grad for state in states)
