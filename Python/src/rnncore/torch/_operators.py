"""The passes as operators of torch, for torch.compile; eager mode goes around them.

A record of a pass goes from one operator to the other as a tensor of eight bytes, whose memory owns
it: it lives as long as the graph keeps that tensor. Where the record is used up, or the tensor is a
copy, the way back runs the forward pass again.
"""

from __future__ import annotations

import ctypes
import functools
import weakref
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .._native import Pass
from ._graph import NO_SECOND_DERIVATIVES
from ._runner import Form, Runner, Shape, draw_seed, plain


class _Ticket(ctypes.Structure):
    """The memory of a tensor that stands for a record."""

    _fields_ = [("zeros", ctypes.c_uint64)]


_tickets: weakref.WeakValueDictionary[int, _Ticket] = weakref.WeakValueDictionary()


def _ticket(record: Pass | None) -> Tensor:
    ticket = _Ticket()
    ticket.records = [] if record is None else [record]
    _tickets[ctypes.addressof(ticket)] = ticket
    return torch.frombuffer(ticket, dtype=torch.uint8)


def _take(ticket: Tensor) -> Pass | None:
    """The record that a tensor stands for, once."""
    owner = _tickets.get(ticket.data_ptr())
    try:
        return None if owner is None else owner.records.pop()
    except IndexError:
        return None


@functools.cache
def _runner(shape: str) -> Runner:
    return Runner(Shape.parse(shape))


def compute(
    shape: str, x: Tensor, form: Form, states: Sequence[Tensor], weights: Sequence[Tensor],
    dropout: float, recording: bool,
) -> tuple[Tensor | None, Tensor, Tensor | None]:
    """Outputs and final states, as one operator of a graph that torch.compile traces."""
    y, hn, cn, _ = forward(
        shape, x, form.sizes, states[0] if states else None,
        states[1] if len(states) == 2 else None, weights, form.steps, form.sequences,
        form.output or form.state, form.state, dropout, draw_seed() if dropout > 0 else None,
        recording)
    return y if form.output else None, hn, cn if shape.startswith("lstm ") else None


# In both: `sizes` are the batch sizes of a PackedSequence, `output` and `state` shapes.
_PASS = (
    "str shape, Tensor x, Tensor? sizes, Tensor? h0, Tensor? c0, Tensor[] weights, "
    "SymInt steps, SymInt sequences, SymInt[] output, SymInt[] state, float dropout, Tensor? seed")


@torch.library.custom_op(
    "rnncore::forward", mutates_args=(), device_types="cpu",
    schema=f"({_PASS}, bool recording) -> (Tensor, Tensor, Tensor, Tensor)")
def forward(
    shape: str, x: Tensor, sizes: Tensor | None, h0: Tensor | None, c0: Tensor | None,
    weights: Sequence[Tensor], steps: int, sequences: int, output: Sequence[int],
    state: Sequence[int], dropout: float, seed: Tensor | None, recording: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Outputs, final states, cell states (empty where there are none) and the record."""
    runner = _runner(shape)
    if not recording:
        # Modules of one shape share a runner, and their train() and eval() do not reach it.
        runner.forget_weights()
    form = Form(steps, sequences, tuple(output), tuple(state), sizes)
    y, hn, cn, record = runner.forward(
        plain(x), form, plain(h0), plain(c0), [plain(weight) for weight in weights], dropout,
        0 if seed is None else int(seed), recording)
    assert y is not None
    return y, hn, x.new_empty(0) if cn is None else cn, _ticket(record)


@forward.register_fake
def _(
    shape: str, x: Tensor, sizes: Tensor | None, h0: Tensor | None, c0: Tensor | None,
    weights: Sequence[Tensor], steps: int, sequences: int, output: Sequence[int],
    state: Sequence[int], dropout: float, seed: Tensor | None, recording: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return (
        x.new_empty(output), x.new_empty(state),
        x.new_empty(state if shape.startswith("lstm ") else 0),
        x.new_empty(8, dtype=torch.uint8))


@torch.library.custom_op(
    "rnncore::backward", mutates_args=(), device_types="cpu",
    schema=f"({_PASS}, Tensor record, Tensor? dy, Tensor? dhn, Tensor? dcn, bool[] wants) "
           "-> Tensor[]")
def backward(
    shape: str, x: Tensor, sizes: Tensor | None, h0: Tensor | None, c0: Tensor | None,
    weights: Sequence[Tensor], steps: int, sequences: int, output: Sequence[int],
    state: Sequence[int], dropout: float, seed: Tensor | None,
    record: Tensor, dy: Tensor | None, dhn: Tensor | None, dcn: Tensor | None,
    wants: Sequence[bool],
) -> list[Tensor]:
    """The gradients of the input, h0, c0 and each weight; empty for what is not wanted."""
    form = Form(steps, sequences, tuple(output), tuple(state), sizes)
    runner, x = _runner(shape), plain(x)
    weights = [plain(weight) for weight in weights]
    taken = _take(record)
    if taken is None:
        *_, taken = runner.forward(
            x, form, plain(h0), plain(c0), weights, dropout, 0 if seed is None else int(seed),
            True)
    assert taken is not None
    gradients = runner.backward(
        taken, x, form, plain(dy), plain(dhn), plain(dcn), weights, wants)
    return [x.new_empty(0) if gradient is None else gradient for gradient in gradients]


@backward.register_fake
def _(
    shape: str, x: Tensor, sizes: Tensor | None, h0: Tensor | None, c0: Tensor | None,
    weights: Sequence[Tensor], steps: int, sequences: int, output: Sequence[int],
    state: Sequence[int], dropout: float, seed: Tensor | None,
    record: Tensor, dy: Tensor | None, dhn: Tensor | None, dcn: Tensor | None,
    wants: Sequence[bool],
) -> list[Tensor]:
    shapes = [x.shape, state, state, *(weight.shape for weight in weights)]
    return [
        x.new_empty(size if wanted else 0) for size, wanted in zip(shapes, wants, strict=True)]


def _keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    (ctx.shape, x, sizes, h0, c0, weights, ctx.steps, ctx.sequences, ctx.output, ctx.state,
     ctx.dropout, seed, _) = inputs
    ctx.save_for_backward(x, sizes, h0, c0, seed, output[3], *weights)
    ctx.set_materialize_grads(False)


def _go_back(
    ctx: Any, dy: Tensor | None, dhn: Tensor | None, dcn: Tensor | None, _: Tensor | None
) -> tuple[Any, ...]:
    x, sizes, h0, c0, seed, record, *weights = ctx.saved_tensors
    needs = ctx.needs_input_grad
    wants = [needs[1], needs[3], needs[4], *(weight.requires_grad for weight in weights)]
    dx, dh0, dc0, *gradients = backward(
        ctx.shape, x, sizes, h0, c0, weights, ctx.steps, ctx.sequences, ctx.output, ctx.state,
        ctx.dropout, seed, record, dy, dhn, dcn, wants)
    wanted = [
        gradient if is_wanted else None
        for gradient, is_wanted in zip(gradients, wants[3:], strict=True)]
    return (
        None, dx if wants[0] else None, None, dh0 if wants[1] else None,
        dc0 if wants[2] else None, wanted, *[None] * 7)


forward.register_autograd(_go_back, setup_context=_keep)


def _refuse(ctx: Any, *gradients: Tensor | None) -> None:
    raise RuntimeError(NO_SECOND_DERIVATIVES)


backward.register_autograd(_refuse)
