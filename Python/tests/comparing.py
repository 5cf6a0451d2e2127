"""Layers of rnncore.torch beside torch.nn's in float64, with the same weights and inputs."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

import rnncore.torch as rt

LAYERS = ["LSTM", "GRU", "RNN tanh", "RNN relu"]
CELLS = ["LSTMCell", "GRUCell", "RNNCell tanh", "RNNCell relu"]


def pair(kind: str, *arguments, **options) -> tuple[nn.Module, nn.Module]:
    """A module of ours, and torch.nn's in float64 with the same weights."""
    name, *nonlinearity = kind.split()
    if nonlinearity:
        options["nonlinearity"] = nonlinearity[0]
    ours = getattr(rt, name)(*arguments, **options)
    theirs = getattr(nn, name)(*arguments, **options, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs.train(ours.training)


def states(module: nn.Module, *batch: int):
    """Initial states for a layer or cell, of a batch or of a single sequence."""
    depth = ()
    if isinstance(module, nn.RNNBase):
        depth = (module.num_layers * (2 if module.bidirectional else 1),)
    size = (*depth, *batch, module.hidden_size)
    if isinstance(module, (nn.LSTM, nn.LSTMCell)):
        return torch.randn(size) * 0.5, torch.randn(size) * 0.5
    return torch.randn(size) * 0.5


def leaves(values) -> list[torch.Tensor]:
    """All tensors of nested tuples, in order; of a PackedSequence its data."""
    if values is None:
        return []
    if isinstance(values, PackedSequence):
        return [values.data]
    if isinstance(values, torch.Tensor):
        return [values]
    return [leaf for value in values for leaf in leaves(value)]


def like(module: nn.Module, values):
    """Copies in a module's type, as leaves that want gradients."""
    dtype = next(module.parameters()).dtype
    if isinstance(values, PackedSequence):
        return values._replace(data=like(module, values.data))
    if isinstance(values, torch.Tensor):
        return values.detach().to(dtype).requires_grad_()
    return None if values is None else tuple(like(module, value) for value in values)


def error(outputs, parts=None) -> torch.Tensor:
    """A number that depends on all outputs (or those of these places), each in its own way."""
    total = 0.0
    for place, output in enumerate(leaves(outputs)):
        if parts is None or place in parts:
            factors = torch.arange(output.numel(), dtype=torch.float64).mul(0.7).add(place).sin()
            total = total + (output * factors.view(output.shape).to(output.dtype)).sum()
    return total


def walk(module: nn.Module, x, hx=None, parts=None) -> list[torch.Tensor | None]:
    """Outputs, and the gradients of the input, the initial states and all parameters."""
    x, hx = like(module, x), like(module, hx)
    module.zero_grad(set_to_none=True)
    outputs = module(x, hx)
    error(outputs, parts).backward()
    wanted = [*leaves(x), *leaves(hx), *module.parameters()]
    return [*leaves(outputs), *(tensor.grad for tensor in wanted)]


def assert_close(ours, theirs, tolerance: float = 1e-5) -> None:
    """Asserts that lists of tensors are equal to a part of each one's largest number."""
    assert len(ours) == len(theirs)
    for place, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        assert (our is None) == (their is None), place
        if our is None or their.numel() == 0:
            continue
        assert our.shape == their.shape, place
        farthest = (our.double() - their.double()).abs().max().item()
        assert farthest <= tolerance * max(their.abs().max().item(), 0.1), (place, farthest)


def assert_same(ours, theirs) -> None:
    """Asserts that lists of tensors have equal bits."""
    assert len(ours) == len(theirs)
    for place, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        assert (our is None) == (their is None), place
        assert our is None or torch.equal(our, their), place
