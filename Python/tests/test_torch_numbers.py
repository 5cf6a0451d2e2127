"""Layers and cells of rnncore.torch: the numbers of torch.nn's in float64."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
)

import rnncore.torch as rt
from comparing import (
    CELLS,
    LAYERS,
    assert_close,
    assert_same,
    error,
    leaves,
    like,
    pair,
    states,
    walk,
)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_dense_batch(kind, layers, bidirectional, batch_first, bias, given, counted):
    ours, theirs = pair(
        kind, 5, 7, layers, bidirectional=bidirectional, batch_first=batch_first, bias=bias)
    x = torch.randn((3, 6, 5) if batch_first else (6, 3, 5))
    hx = states(ours, 3) if given else None
    assert_close(walk(ours, x, hx), walk(theirs, x, hx))
    assert counted.torch == 0 and counted.ours == 1


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("steps, batch", [(1, 1), (1, 4), (9, 1), (2, 2), (40, 17)])
@pytest.mark.parametrize("batch_first", [False, True])
def test_sizes(kind, steps, batch, batch_first, counted):
    ours, theirs = pair(kind, 33, 20, batch_first=batch_first)
    x = torch.randn((batch, steps, 33) if batch_first else (steps, batch, 33))
    assert_close(walk(ours, x), walk(theirs, x))
    with torch.no_grad():
        for our, their in zip(leaves(ours(x)), leaves(theirs(x.double())), strict=True):
            assert our.is_contiguous() or batch_first
            assert_close([our], [their])
    assert counted.torch == 0


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_single_sequence(kind, batch_first, bidirectional, given, counted):
    ours, theirs = pair(kind, 5, 7, 2, bidirectional=bidirectional, batch_first=batch_first)
    x, hx = torch.randn(6, 5), states(ours) if given else None
    assert_close(walk(ours, x, hx), walk(theirs, x, hx))
    assert counted.torch == 0


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("is_sorted", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_packed_sequences(kind, bidirectional, given, is_sorted, layers, counted):
    ours, theirs = pair(kind, 5, 7, layers, bidirectional=bidirectional)
    lengths = [8, 5, 5, 1] if is_sorted else [5, 8, 1, 5]
    x = pack_padded_sequence(torch.randn(8, 4, 5), lengths, enforce_sorted=is_sorted)
    assert (x.sorted_indices is None) == is_sorted
    hx = states(ours, 4) if given else None
    assert_close(walk(ours, x, hx), walk(theirs, x, hx))
    y, _ = ours(x, hx)
    assert isinstance(y, PackedSequence)
    expected, _ = theirs(like(theirs, x), like(theirs, hx))
    assert_close(pad_packed_sequence(y)[:1], pad_packed_sequence(expected)[:1])
    assert counted.torch == 0


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("batch", [(), (1,), (5,)])
def test_cells(kind, bias, given, batch, counted):
    ours, theirs = pair(kind, 4, 6, bias)
    x, hx = torch.randn(*batch, 4), states(ours, *batch) if given else None
    assert_close(walk(ours, x, hx), walk(theirs, x, hx))
    assert counted.torch == 0


@pytest.mark.parametrize("kind", CELLS)
def test_cell_over_many_steps(kind):
    ours, theirs = pair(kind, 4, 6)
    x = torch.randn(7, 3, 4)
    results = []
    for cell in (ours, theirs):
        cell.zero_grad()
        hx = None
        for step in x.to(next(cell.parameters()).dtype):
            hx = cell(step, hx)
        error(hx).backward()
        results.append([*leaves(hx), *(p.grad for p in cell.parameters())])
    assert_close(*results)


@pytest.mark.parametrize("kind", LAYERS)
def test_strides(kind, counted):
    ours, theirs = pair(kind, 5, 7, 2)
    wide = torch.randn(6, 3, 10)
    views = [
        wide[:, :, ::2], wide.transpose(0, 1)[:3].transpose(0, 1)[..., 3:8], wide[..., 1:6],
        torch.randn(5, 3, 6).permute(2, 1, 0), torch.randn(1, 1, 5).expand(6, 3, 5),
        wide.flip(0)[..., :5], torch._neg_view(torch.randn(6, 3, 5)),
        torch.randn(6, 3, 5, dtype=torch.complex64).conj().imag,
    ]
    for x in views:
        hx = states(ours, 3)
        hx = tuple(h.transpose(1, 2).contiguous().transpose(1, 2) for h in leaves(hx))
        hx = hx if kind == "LSTM" else hx[0]
        for module in (ours, theirs):
            module.zero_grad()
        results = []
        for module in (ours, theirs):
            dtype = next(module.parameters()).dtype
            x_in = x.detach().to(dtype)
            assert module is theirs or x_in.stride() == x.stride()
            outputs = module(x_in, hx if module is ours else like(module, hx))
            error(outputs).backward()
            results.append([*leaves(outputs), *(p.grad for p in module.parameters())])
        assert_close(*results)
    assert counted.torch == 0


@pytest.mark.parametrize("kind", LAYERS)
def test_strides_of_gradients(kind):
    ours, theirs = pair(kind, 5, 7, bidirectional=True)
    x = torch.randn(6, 3, 5)
    for reduce in (
        lambda y: y.sum(), lambda y: y.mean(0).square().sum(), lambda y: y[-1].sum(),
        lambda y: y.transpose(0, 1).reshape(3, -1)[:, ::3].square().sum(),
        lambda y: y[..., :7].sum() + torch._neg_view(y).square().sum(),
        lambda y: torch.complex(y, y).conj().imag.square().sum(),
    ):
        results = []
        for module in (ours, theirs):
            module.zero_grad()
            leaf = like(module, x)
            y, _ = module(leaf)
            reduce(y).backward()
            results.append([leaf.grad, *(p.grad for p in module.parameters())])
        assert_close(*results)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("parts", [[0], [1], [-1], []])
def test_unused_outputs(kind, parts):
    ours, theirs = pair(kind, 5, 7, 2, bidirectional=True)
    count = len(leaves(ours(torch.zeros(1, 5))))
    parts = [part % count for part in parts]
    x, hx = torch.randn(6, 3, 5), states(ours, 3)
    if parts:
        assert_close(walk(ours, x, hx, parts), walk(theirs, x, hx, parts))
    else:
        leaf = x.clone().requires_grad_()
        outputs = ours(leaf, hx)
        assert all(output.requires_grad for output in leaves(outputs))


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("frozen", [["weight_hh_l0"], ["bias_ih_l1", "weight_ih_l0"], None])
def test_frozen_weights(kind, frozen):
    ours, theirs = pair(kind, 5, 7, 2)
    for module in (ours, theirs):
        for name, parameter in module.named_parameters():
            parameter.requires_grad_(frozen is not None and name not in frozen)
    x, hx = torch.randn(6, 3, 5), states(ours, 3)
    assert_close(walk(ours, x, hx), walk(theirs, x, hx))


def test_frozen_states_and_input():
    ours, theirs = pair("LSTM", 5, 7)
    x, (h0, c0) = torch.randn(6, 3, 5), states(ours, 3)
    results = []
    for module in (ours, theirs):
        module.zero_grad()
        c = like(module, c0)
        outputs = module(like(module, x).detach(), (like(module, h0).detach(), c))
        error(outputs).backward()
        results.append([*leaves(outputs), c.grad, *(p.grad for p in module.parameters())])
    assert_close(*results)


def test_pack_sequence_of_one():
    ours, theirs = pair("LSTM", 5, 7)
    x = pack_sequence([torch.randn(4, 5)])
    assert_close(walk(ours, x), walk(theirs, x))


# MARK: Dropout


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("dropout", [0.0, 1.0])
@pytest.mark.filterwarnings("ignore:dropout option")
def test_dropout_of_nothing_and_all(kind, dropout):
    ours, theirs = pair(kind, 5, 7, 3, dropout=dropout)
    x = torch.randn(6, 3, 5)
    assert_close(walk(ours, x), walk(theirs, x))


@pytest.mark.parametrize("kind", LAYERS)
def test_dropout_follows_the_seed(kind):
    layer = pair(kind, 5, 200, 2, dropout=0.4)[0]
    x = torch.randn(6, 3, 5)
    torch.manual_seed(3)
    first, other = layer(x)[0], layer(x)[0]
    torch.manual_seed(3)
    assert torch.equal(layer(x)[0], first) and not torch.equal(first, other)
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])
    layer.dropout = 0.0
    plain = layer(x)[0]
    layer.train()
    assert torch.equal(layer(x)[0], plain)


def test_dropout_drops_as_often_as_told():
    layer = rt.RNN(1, 1000, 2, nonlinearity="relu", bias=False, dropout=0.3)
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1.0)
        layer.weight_hh_l0.zero_()
        layer.weight_ih_l1.copy_(torch.eye(1000))
        layer.weight_hh_l1.zero_()
        y = layer(torch.ones(20, 1, 1))[0]
    assert abs((y == 0).float().mean().item() - 0.3) < 0.02
    assert torch.allclose(y[y != 0], torch.tensor(1 / 0.7))


def test_dropout_twice_through_one_graph():
    layer = rt.LSTM(5, 7, 2, dropout=0.5)
    x = torch.randn(6, 3, 5, requires_grad=True)
    y = layer(x)[0]
    first = torch.autograd.grad(y.sum(), [x, *layer.parameters()], retain_graph=True)
    assert_same(first, torch.autograd.grad(y.sum(), [x, *layer.parameters()]))


# MARK: Threads


def test_number_of_threads(monkeypatch):
    from rnncore.torch import _runner

    asked = []
    forward, backward = _runner.library.rnncore_forward, _runner.library.rnncore_backward

    class Library:
        rnncore_stack_bind = _runner.library.rnncore_stack_bind

        @staticmethod
        def rnncore_forward(*arguments):
            asked.append(arguments[8]._obj.threads)
            return forward(*arguments)

        @staticmethod
        def rnncore_backward(*arguments):
            asked.append(arguments[-1])
            return backward(*arguments)

    monkeypatch.setattr(_runner, "library", Library)
    before = torch.get_num_threads()
    layer, x, results = rt.LSTM(16, 32), torch.randn(20, 8, 16), []
    try:
        for threads in (1, 2, 1):
            torch.set_num_threads(threads)
            results.append(walk(layer, x))
    finally:
        torch.set_num_threads(before)
    assert asked == [1, 1, 2, 2, 1, 1]
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])
