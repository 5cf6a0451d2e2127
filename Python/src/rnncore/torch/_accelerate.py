"""Layers inside of other people's models."""

from __future__ import annotations

import dataclasses

from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from ._cells import GRUCell, LSTMCell, RNNCell
from ._layers import GRU, LSTM, RNN

_OURS = {
    nn.LSTM: LSTM, nn.GRU: GRU, nn.RNN: RNN,
    nn.LSTMCell: LSTMCell, nn.GRUCell: GRUCell, nn.RNNCell: RNNCell,
}
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}


@dataclasses.dataclass(frozen=True)
class Replaced:
    """A layer that RNNCore computes from now on."""

    name: str
    layer: str


@dataclasses.dataclass(frozen=True)
class Kept:
    """A layer that was left as it was, and why."""

    name: str
    layer: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Acceleration:
    """What `accelerate` did to a model; printed as sentences."""

    replaced: tuple[Replaced, ...]
    kept: tuple[Kept, ...]

    def __str__(self) -> str:
        if not self.replaced and not self.kept:
            return "no recurrent layer in this model"
        lines = [f"replaced {r.name}: {r.layer}" for r in self.replaced]
        lines += [f"kept {k.name}: {k.layer}: {k.reason}" for k in self.kept]
        return "\n".join(lines)


def accelerate(model: nn.Module) -> Acceleration:
    """Lets RNNCore compute the recurrent layers inside a model, in place.

    Only the classes of layers change: parameters, optimisers, hooks, names and the state_dict stay
    as they are. Subclasses of torch.nn's layers that somebody else wrote are left alone, and layers
    with projections. Returns what was done, which prints as sentences.
    """
    replaced: list[Replaced] = []
    kept: list[Kept] = []
    for name, module in model.named_modules():
        name = name or "(the model)"
        ours = _OURS.get(_class(module))
        if ours is not None:
            if getattr(module, "proj_size", 0) > 0:
                kept.append(Kept(name, repr(module), "it has projections (proj_size)"))
                continue
            _make(module, ours)
            replaced.append(Replaced(name, repr(module)))
        elif isinstance(module, (nn.RNNBase, nn.RNNCellBase)) and _class(module) not in _THEIRS:
            kept.append(Kept(name, repr(module), "it is a class of somebody's own"))
    return Acceleration(tuple(replaced), tuple(kept))


def restore(model: nn.Module) -> None:
    """Gives all layers inside a model back to torch.nn, in place."""
    for module in model.modules():
        theirs = _THEIRS.get(_class(module))
        if theirs is not None:
            module.__dict__.pop("_rnncore", None)
            _make(module, theirs)


def _class(module: nn.Module) -> type[nn.Module]:
    """The class of a module; of one with parametrizations what it was before."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def _make(module: nn.Module, wanted: type[nn.Module]) -> None:
    if is_parametrized(module):
        # torch has given it a class of its own, with properties in the place of parameters.
        own = {name: value for name, value in vars(type(module)).items()
               if name not in ("__dict__", "__weakref__")}
        wanted = type(type(module).__name__, (wanted,), own)
    module.__class__ = wanted
