"""A recorded pass as a node of torch's graph, in eager mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ._runner import Form, plain

NO_SECOND_DERIVATIVES = (
    "rnncore.torch computes no second derivatives; use torch.nn's own layer "
    "(rnncore.torch.restore) where create_graph=True is needed")


class Observed(NamedTuple):
    """What a pass read, and the gradients of its outputs and final states."""

    x: Tensor
    form: Form
    h0: Tensor | None
    c0: Tensor | None
    weights: Sequence[Tensor]
    dropout: float
    seed: int
    dy: Tensor | None
    dhn: Tensor | None
    dcn: Tensor | None


class Recurrent(torch.autograd.Function):
    """A forward pass and its BPTT; `call` is a runner, a form, the dropout and its seed."""

    @staticmethod
    def forward(ctx, call, x, h0, c0, *weights):
        runner, form, dropout, seed = call
        y, hn, cn, record = runner.forward(x, form, h0, c0, weights, dropout, seed, True)
        ctx.call = call
        ctx.records = [record]
        ctx.save_for_backward(x, h0, c0, *weights)
        ctx.set_materialize_grads(False)
        return y, hn, cn

    @staticmethod
    def backward(ctx, dy, dhn, dcn):
        if torch.is_grad_enabled():
            raise RuntimeError(NO_SECOND_DERIVATIVES)
        x, h0, c0, *weights = ctx.saved_tensors
        runner, form, dropout, seed = ctx.call
        try:
            record = ctx.records.pop()
        except IndexError:
            # This graph has been walked before: gradients lie now where its gates were.
            *_, record = runner.forward(x, form, h0, c0, weights, dropout, seed, True)
        dy, dhn, dcn = plain(dy), plain(dhn), plain(dcn)
        gradients = runner.backward(
            record, x, form, dy, dhn, dcn, weights, ctx.needs_input_grad[1:])
        if runner.observer is not None:
            runner.observer(
                runner, Observed(x, form, h0, c0, weights, dropout, seed, dy, dhn, dcn))
        return None, *gradients


# Recurrent.apply without its look for transforms of torch.func, for which torch.nn's code runs.
record = super(torch.autograd.Function, Recurrent).apply
