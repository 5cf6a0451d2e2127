"""Graphs through layers and cells of rnncore.torch, in eager mode."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import rnncore.torch as rt
from comparing import CELLS, LAYERS, assert_close, assert_same, error, leaves, like, pair, walk


@pytest.mark.parametrize("kind", LAYERS + CELLS)
def test_graph_walked_twice(kind):
    module = pair(kind, 5, 7)[0]
    x = torch.randn(3, 5, requires_grad=True)
    loss = error(module(x))
    wanted = [x, *module.parameters()]
    first = torch.autograd.grad(loss, wanted, retain_graph=True)
    second = torch.autograd.grad(loss, wanted, retain_graph=True)
    assert_same(first, second)
    assert_same(first, torch.autograd.grad(loss, wanted))
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        torch.autograd.grad(loss, wanted)


@pytest.mark.parametrize("kind", LAYERS)
def test_several_passes_outstanding(kind):
    ours, theirs = pair(kind, 5, 7, 2)
    inputs = [torch.randn(t, b, 5) for t, b in [(6, 3), (2, 8), (9, 1), (6, 3)]]
    results = []
    for module in (ours, theirs):
        module.zero_grad()
        leaves_in = [like(module, x) for x in inputs]
        losses = [error(module(x)) for x in leaves_in]
        for place in (2, 0, 3, 1):
            losses[place].backward()
        results.append([x.grad for x in leaves_in] + [p.grad for p in module.parameters()])
    assert_close(*results)


@pytest.mark.parametrize("kind", LAYERS)
def test_layer_over_its_own_output(kind):
    ours, theirs = pair(kind, 6, 6)
    x = torch.randn(4, 3, 6)
    results = []
    for module in (ours, theirs):
        module.zero_grad()
        leaf = like(module, x)
        y, hx = module(leaf)
        y, hx = module(y, hx)
        y, hx = module(y[:2], hx)
        error((y, hx)).backward()
        results.append([y, leaf.grad, *(p.grad for p in module.parameters())])
    assert_close(*results)


@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpoint(reentrant):
    layer = rt.GRU(5, 7, 2, dropout=0.3)
    x = torch.randn(6, 3, 5)
    torch.manual_seed(5)
    expected = walk(layer, x)
    torch.manual_seed(5)
    leaf = x.clone().requires_grad_()
    layer.zero_grad()
    outputs = checkpoint(layer, leaf, use_reentrant=reentrant)
    error(outputs).backward()
    assert_same(
        expected, [*leaves(outputs), leaf.grad, *(p.grad for p in layer.parameters())])


def test_saved_tensors_on_their_way_through_hooks():
    layer = rt.LSTM(5, 7, 2)
    x = torch.randn(6, 3, 5)
    expected = walk(layer, x)
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: t.detach().numpy().copy(), torch.from_numpy
    ):
        assert_same(walk(layer, x), expected)
    assert_same(walk(layer, x), expected)


@pytest.mark.parametrize("kind", LAYERS)
def test_functional_call(kind):
    ours, theirs = pair(kind, 5, 7)
    x = torch.randn(6, 3, 5)
    for factor in (1.0, 2.0, -0.5):
        results = []
        for module in (ours, theirs):
            weights = {n: like(module, p) for n, p in module.named_parameters()}
            scaled = {n: p * factor for n, p in weights.items()}
            outputs = torch.func.functional_call(module, scaled, (x.to(scaled["bias_ih_l0"]),))
            error(outputs).backward()
            results.append([*leaves(outputs), *(w.grad for w in weights.values())])
        assert_close(*results)
    with torch.no_grad():
        for factor in (1.0, 2.0, -0.5):
            results = [
                leaves(torch.func.functional_call(
                    module, {n: p * factor for n, p in module.named_parameters()},
                    (x.to(module.bias_ih_l0),)))
                for module in (ours, theirs)]
            assert_close(*results)
    assert_close(walk(ours, x), walk(theirs, x))


@pytest.mark.filterwarnings("ignore:torch.nn computes this layer")
@pytest.mark.parametrize("kind", LAYERS)
def test_functions_of_torch_func(kind):
    ours, theirs = pair(kind, 5, 7)
    x = torch.randn(6, 3, 5)
    results = []
    for module in (ours, theirs):
        weights = dict(module.named_parameters())

        def loss(weights, module=module):
            x_in = x.to(weights["bias_ih_l0"].dtype)
            return error(torch.func.functional_call(module, weights, (x_in,)))

        results.append(list(torch.func.grad(loss)(weights).values()))
    assert_close(*results)


@pytest.mark.parametrize("kind", LAYERS + CELLS)
def test_second_derivatives_are_refused(kind):
    module = pair(kind, 5, 7)[0]
    x = torch.randn(3, 5, requires_grad=True)
    with pytest.raises(RuntimeError, match="rnncore.torch computes no second derivatives"):
        torch.autograd.grad(error(module(x)), x, create_graph=True)


def test_weights_changed_before_the_way_back():
    layer = rt.LSTM(5, 7)
    loss = error(layer(torch.randn(6, 3, 5)))
    with torch.no_grad():
        layer.weight_hh_l0.mul_(2.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_input_changed_before_the_way_back():
    layer = rt.GRU(5, 7)
    x = torch.randn(6, 3, 5)
    loss = error(layer(x))
    x.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_parametrizations():
    ours, theirs = pair("LSTM", 5, 7)
    for module in (ours, theirs):
        nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")
    x = torch.randn(6, 3, 5)
    for _ in range(2):
        assert_close(walk(ours, x), walk(theirs, x))
        for module in (ours, theirs):
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.mul_(0.8)


def test_weights_of_another_form_go_to_torch():
    ours, theirs = pair("GRU", 5, 7)
    x = torch.randn(6, 3, 5)
    for module in (ours, theirs):
        module.weight_hh_l0 = nn.Parameter(
            module.weight_hh_l0.detach().t().contiguous().t())
    with pytest.warns(UserWarning, match="a weight is not contiguous"):
        assert_close(walk(ours, x), walk(theirs, x))
    ours.weight_hh_l0 = nn.Parameter(torch.randn(3, 3))
    with pytest.raises(RuntimeError):
        ours(x)


def test_hooks_run():
    layer, seen = rt.GRU(5, 7), []
    layer.register_forward_pre_hook(lambda *_: seen.append("before"))
    layer.register_forward_hook(lambda *_: seen.append("after"))
    layer.register_full_backward_hook(lambda *_: seen.append("back"))
    walk(layer, torch.randn(6, 3, 5))
    assert seen == ["before", "after", "back"]


def test_eager_mode_calls_no_operator(monkeypatch):
    from rnncore.torch import _operators

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr(_operators, "forward", refuse)
    monkeypatch.setattr(_operators, "backward", refuse)
    for kind in LAYERS + CELLS:
        walk(pair(kind, 5, 7)[0], torch.randn(3, 5))
