"""Layers and cells of rnncore.torch: numbers as torch.nn's in float64, manners as torch.nn's."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
)
from torch.utils.checkpoint import checkpoint

import rnncore.torch as rt
from comparing import CELLS, LAYERS, assert_close, assert_same, error, leaves, like, pair, walk


def states(module: nn.Module, batch: int | None, scale: float = 0.5):
    """Initial states for a layer; those of a single sequence for None."""
    depth = module.num_layers * (2 if module.bidirectional else 1)
    size = (depth, module.hidden_size) if batch is None else (depth, batch, module.hidden_size)
    if isinstance(module, nn.LSTM):
        return torch.randn(size) * scale, torch.randn(size) * scale
    return torch.randn(size) * scale


def cell_states(cell: nn.Module, *batch: int):
    """Initial states for a cell."""
    size = (*batch, cell.hidden_size)
    if isinstance(cell, nn.LSTMCell):
        return torch.randn(size), torch.randn(size)
    return torch.randn(size)


class Counted:
    """How often torch's own code and RNNCore ran."""

    def __init__(self, monkeypatch):
        from rnncore.torch import _module, _runner

        self.torch = self.ours = 0
        by_torch, forward = _module.Accelerated._by_torch, _runner.Runner.forward

        def count_torch(*arguments):
            self.torch += 1
            return by_torch(*arguments)

        def count_ours(*arguments):
            self.ours += 1
            return forward(*arguments)

        monkeypatch.setattr(_module.Accelerated, "_by_torch", count_torch)
        monkeypatch.setattr(_runner.Runner, "forward", count_ours)


@pytest.fixture
def counted(monkeypatch):
    return Counted(monkeypatch)


# MARK: Numbers


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
    x, hx = torch.randn(6, 5), states(ours, None) if given else None
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
    x, hx = torch.randn(*batch, 4), cell_states(ours, *batch) if given else None
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


# MARK: Graphs


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


# MARK: Copies and files


@pytest.mark.parametrize("kind", LAYERS + CELLS)
def test_copies(kind):
    module = pair(kind, 5, 7)[0]
    x = torch.randn(3, 5)
    expected = walk(module, x)
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    copies = [
        copy.deepcopy(module), copy.copy(module), pickle.loads(pickle.dumps(module)),
        torch.load(file, weights_only=False),
    ]
    for other in copies:
        assert type(other) is type(module)
        assert_same(walk(other, x), expected)
    with torch.no_grad():
        next(copies[0].parameters()).zero_()
    assert_same(walk(module, x), expected)
    assert not torch.equal(leaves(copies[0](x))[0], leaves(module(x))[0])


@pytest.mark.parametrize("kind", LAYERS + CELLS)
def test_state_dict_both_ways(kind):
    ours, theirs = pair(kind, 5, 7)
    theirs = theirs.float()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert str(ours) == str(theirs)
    x = torch.randn(3, 5)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.mul_(1.5)
        ours(x)
        ours.load_state_dict(theirs.state_dict())
        assert_close(leaves(ours(x)), leaves(theirs(x)))
        for parameter in ours.parameters():
            parameter.mul_(0.5)
        theirs.load_state_dict(ours.state_dict())
        assert_close(leaves(ours(x)), leaves(theirs(x)))
        ours.load_state_dict(
            {n: torch.randn_like(p) for n, p in theirs.state_dict().items()}, assign=True)
        theirs.load_state_dict(ours.state_dict())
        assert_close(leaves(ours(x)), leaves(theirs(x)))


@pytest.mark.parametrize("kind", LAYERS + CELLS)
def test_same_start_from_the_same_seed(kind):
    name, *nonlinearity = kind.split()
    options = {"nonlinearity": nonlinearity[0]} if nonlinearity else {}
    made = []
    for package in (rt, nn):
        torch.manual_seed(9)
        made.append(list(getattr(package, name)(4, 6, **options).parameters()))
        assert isinstance(getattr(package, name)(4, 6, **options), getattr(nn, name))
    assert_same(*made)


# MARK: What is left to torch.nn


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@pytest.mark.parametrize("kind", LAYERS + CELLS)
def test_other_types_go_to_torch(kind, dtype):
    ours, theirs = (module.to(dtype) for module in pair(kind, 5, 7))
    x = torch.randn(3, 5, dtype=dtype)
    with pytest.warns(UserWarning, match=f"not RNNCore: its numbers are {dtype}") as caught:
        for _ in range(3):
            assert_same(walk(ours, x), walk(theirs, x))
    assert len(caught) == 1
    assert caught[0].filename.endswith("comparing.py")


def test_an_empty_batch_goes_to_torch():
    ours, theirs = pair("LSTM", 5, 7)
    with pytest.warns(UserWarning, match="its input or state is empty") as caught:
        for _ in range(3):
            for our, their in zip(
                leaves(ours(torch.randn(6, 0, 5))),
                leaves(theirs(torch.randn(6, 0, 5, dtype=torch.float64))), strict=True
            ):
                assert our.shape == their.shape
    assert len(caught) == 1
    for module in (ours, theirs.float()):
        with pytest.raises(RuntimeError):
            module(torch.randn(0, 3, 5))


def test_projections_go_to_torch():
    ours, theirs = pair("LSTM", 5, 7, 2, proj_size=3)
    x = torch.randn(6, 2, 5)
    with pytest.warns(UserWarning, match="it has projections") as caught:
        for _ in range(3):
            assert_close(walk(ours, x), walk(theirs, x))
    assert sum("RNNCore" in str(warning.message) for warning in caught) == 1


@pytest.mark.parametrize("kind", LAYERS)
def test_autocast_goes_to_torch(kind):
    ours, theirs = pair(kind, 5, 7)
    x = torch.randn(6, 3, 5)
    with torch.autocast("cpu", torch.bfloat16), pytest.warns(UserWarning, match="autocast is on"):
        assert_same(leaves(ours(x)), leaves(theirs.float()(x)))


def test_meta_goes_to_torch():
    layer = rt.GRU(5, 7, device="meta")
    with pytest.warns(UserWarning, match="it is on meta"):
        y, h = layer(torch.randn(6, 3, 5, device="meta"))
    assert y.shape == (6, 3, 7) and h.shape == (1, 3, 7) and y.device.type == "meta"
    layer = layer.to_empty(device="cpu")
    nn.init.zeros_(layer.weight_ih_l0)
    assert layer(torch.randn(6, 3, 5))[0].device.type == "cpu"


@pytest.mark.filterwarnings("ignore")
def test_jit_trace():
    ours, theirs = pair("LSTM", 5, 7)
    traced = torch.jit.trace(ours, torch.randn(6, 3, 5))
    x = torch.randn(6, 3, 5)
    assert_close(leaves(traced(x)), leaves(theirs(x.double())))


@pytest.mark.filterwarnings("ignore:torch.nn computes this layer")
def test_forward_mode_derivatives():
    ours, theirs = pair("GRU", 5, 7)
    x, along = torch.randn(4, 2, 5), torch.randn(4, 2, 5)
    results = []
    for module in (ours, theirs):
        dtype = next(module.parameters()).dtype
        with torch.no_grad():
            results.append(torch.func.jvp(
                lambda v, module=module: module(v)[0], (x.to(dtype),), (along.to(dtype),)))
            with torch.autograd.forward_ad.dual_level():
                dual = torch.autograd.forward_ad.make_dual(x.to(dtype), along.to(dtype))
                unpacked = torch.autograd.forward_ad.unpack_dual(module(dual)[0])
            assert_close([unpacked.tangent], results[-1][1:])
    assert_close(*results)


# MARK: Weights that change


@pytest.mark.parametrize("kind", LAYERS + CELLS)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_changed_weights_are_seen(kind, mode):
    ours, theirs = pair(kind, 5, 7)
    x = torch.randn(3, 5)

    def same():
        theirs.load_state_dict(ours.state_dict())
        with mode():
            # Twice: what a call keeps must not be in the way of the next.
            for _ in range(2):
                assert_close(leaves(ours(x)), leaves(theirs(x.double())))

    same()
    for optimizer in (
        torch.optim.SGD(ours.parameters(), 0.5),
        torch.optim.Adam(ours.parameters(), 0.1, foreach=True),
        torch.optim.Adam(ours.parameters(), 0.1, fused=True),
    ):
        walk(ours, x)
        optimizer.step()
        same()
    ours.load_state_dict({n: torch.randn_like(p) for n, p in ours.state_dict().items()})
    same()
    # `.data` moves no version: it is seen after a recorded pass, train() and eval().
    for notice in (ours.train, ours.eval, lambda: walk(ours, x)):
        for parameter in ours.parameters():
            parameter.data.mul_(0.7)
        notice()
        same()
    walk(ours, x)
    for parameter in ours.parameters():
        parameter.data.add_(parameter.grad, alpha=-0.5)
    same()
    # Vectors that come and go, often at the same address.
    for scale in (1.0, 2.0, 3.0):
        vector = nn.utils.parameters_to_vector(ours.parameters()).detach() * scale
        nn.utils.vector_to_parameters(vector, ours.parameters())
        del vector
        same()
    ours.half().float()
    same()
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.uniform_(-0.3, 0.3)
    same()
    name, parameter = next(iter(ours.named_parameters()))
    setattr(ours, name, nn.Parameter(torch.randn_like(parameter)))
    same()


def test_weights_of_inference_mode():
    with torch.inference_mode():
        ours, theirs = pair("LSTM", 5, 7)
        x = torch.randn(6, 3, 5)
        for _ in range(2):
            assert_close(leaves(ours(x)), leaves(theirs(x.double())))
            for parameter in ours.parameters():
                parameter.mul_(0.5)
            theirs.load_state_dict(ours.state_dict())
        assert all(output.is_inference() for output in leaves(ours(x)))
    with torch.no_grad():
        assert_close(leaves(ours(x)), leaves(theirs(x.double())))


def test_training_by_torch_optimizers_takes_the_same_way():
    ours, theirs = pair("GRU", 5, 7, 2)
    theirs = theirs.float()
    losses = []
    for module in (ours, theirs):
        torch.manual_seed(4)
        optimizer = torch.optim.Adam(module.parameters(), 0.01)
        losses.append([])
        for _ in range(20):
            x = torch.randn(6, 3, 5)
            optimizer.zero_grad()
            loss = (module(x)[0] - x.sum(-1, keepdim=True)).square().mean()
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimizer.step()
            losses[-1].append(loss.detach())
    assert_close([torch.stack(losses[0])], [torch.stack(losses[1])], 1e-4)


def test_gradients_are_added_and_each_has_its_own_memory():
    layer = rt.LSTM(5, 7)
    x = torch.randn(6, 3, 5)
    for _ in range(2):
        error(layer(x)).backward()
    twice = [p.grad.clone() for p in layer.parameters()]
    layer.zero_grad()
    error(layer(x)).backward()
    assert_close(twice, [2 * p.grad for p in layer.parameters()])
    assert len({p.grad.untyped_storage().data_ptr() for p in layer.parameters()}) == 4


# MARK: Surroundings


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


# MARK: Models of others


class OwnLSTM(nn.LSTM):
    """A layer that somebody has changed."""

    def forward(self, input, hx=None):
        return super().forward(input * 2, hx)


class Model(nn.Module):
    """Layers at several depths."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(4, 5), nn.ModuleDict({"inner": nn.GRU(5, 6)}))
        self.decoder = nn.LSTM(6, 7, 2, batch_first=True)
        self.shared = self.decoder
        self.own = OwnLSTM(7, 7)
        self.projected = nn.LSTM(7, 7, proj_size=3)
        self.cell = nn.RNNCell(3, 3)
        self.theirs_already = rt.RNN(3, 3)

    def forward(self, x):
        y, _ = self.encoder[1]["inner"](self.encoder[0](x))
        y, _ = self.shared(y)
        y, _ = self.projected(self.own(y)[0])
        y, _ = self.theirs_already(y)
        return self.cell(y[-1])


@pytest.mark.filterwarnings("ignore:torch.nn computes this layer")
def test_accelerate_and_restore():
    model, x = Model(), torch.randn(6, 3, 4)
    parameters = list(model.parameters())
    expected = model(x)
    expected.square().sum().backward()
    gradients = [p.grad.clone() for p in parameters]
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    done = rt.accelerate(model)
    assert [r.name for r in done.replaced] == ["encoder.1.inner", "decoder", "cell"]
    assert [(k.name, k.reason) for k in done.kept] == [
        ("own", "it is a class of somebody's own"),
        ("projected", "it has projections (proj_size)")]
    assert str(done).splitlines()[0] == "replaced encoder.1.inner: GRU(5, 6)"
    assert type(model.decoder) is rt.LSTM and model.shared is model.decoder
    assert type(model.own) is OwnLSTM and type(model.projected) is nn.LSTM
    assert all(a is b for a, b in zip(model.parameters(), parameters, strict=True))
    optimizer.zero_grad()
    y = model(x)
    y.square().sum().backward()
    assert_close([y], [expected])
    assert_close([p.grad for p in parameters], gradients)
    optimizer.step()
    assert not rt.accelerate(model).replaced

    accelerated = model(x)
    rt.restore(model)
    assert type(model.decoder) is nn.LSTM and type(model.cell) is nn.RNNCell
    assert type(model.theirs_already) is nn.RNN
    assert "_rnncore" not in model.decoder.__dict__
    assert_close([model(x)], [accelerated])
    assert str(rt.accelerate(nn.Linear(2, 2))) == "no recurrent layer in this model"
    assert rt.accelerate(nn.GRU(2, 2)).replaced[0].name == "(the model)"


def test_pack_sequence_of_one():
    ours, theirs = pair("LSTM", 5, 7)
    x = pack_sequence([torch.randn(4, 5)])
    assert_close(walk(ours, x), walk(theirs, x))
