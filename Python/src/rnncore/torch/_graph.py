"""A recorded pass as a node of torch's graph, in eager mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ._runner import Form, Runner, plain

NO_SECOND_DERIVATIVES = (
    "rnncore.torch computes no second derivatives; use torch.nn's own layer "
    "(rnncore.torch.restore) where create_graph=True is needed")


class Recurrent(torch.autograd.Function):
    """A forward pass and its BPTT; `call` is a runner, a form, the dropout and its seed."""

    @staticmethod
    def forward(
        ctx: Any, call: tuple[Runner, Form, float, int], x: Tensor, h0: Tensor | None,
        c0: Tensor | None, *weights: Tensor,
    ) -> tuple[Tensor | None, Tensor, Tensor | None]:
        runner, form, dropout, seed = call
        y, hn, cn, record = runner.forward(x, form, h0, c0, weights, dropout, seed, True)
        ctx.call = call
        ctx.records = [record]
        ctx.save_for_backward(x, h0, c0, *weights)
        ctx.set_materialize_grads(False)
        return y, hn, cn

    @staticmethod
    def backward(
        ctx: Any, dy: Tensor | None, dhn: Tensor | None, dcn: Tensor | None
    ) -> tuple[Tensor | None, ...]:
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
        wants = ctx.needs_input_grad[1:]
        look = None if runner.observer is None else runner.observer()
        if look is None:
            gradients = runner.backward(record, x, form, dy, dhn, dcn, weights, wants)
        else:
            gradients = runner.profiled_backward(
                look, (h0, c0, dropout, seed), record, x, form, dy, dhn, dcn, weights, wants)
        return None, *gradients


# Recurrent.apply without its look for transforms of torch.func, for which torch.nn's code runs.
record: Callable[..., tuple[Tensor | None, Tensor, Tensor | None]]
record = super(torch.autograd.Function, Recurrent).apply
