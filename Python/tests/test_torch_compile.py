"""torch.compile through layers and cells of rnncore.torch: one graph, the numbers of eager mode.

torch.compile breaks its graph at every torch.nn.LSTM, GRU and RNN, subclasses too, unless
`torch._dynamo.config.allow_rnn` is set; cells do without.
"""

from __future__ import annotations

import shutil

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

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
from rnncore.torch import _operators

torch._dynamo = pytest.importorskip("torch._dynamo")

BACKENDS = [
    "aot_eager",
    pytest.param("inductor", marks=pytest.mark.skipif(
        not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="no C++ compiler")),
]


@pytest.fixture(autouse=True)
def _allowed():
    """Lets torch.compile into recurrent layers, and forgets what it has compiled."""
    torch._dynamo.reset()
    with torch._dynamo.config.patch(allow_rnn=True):
        yield
    torch._dynamo.reset()


def compiled(module: nn.Module, backend: str = "aot_eager", **options):
    """A module as one graph, or an error."""
    return torch.compile(module, fullgraph=True, backend=backend, **options)


def walk_compiled(call, module, x, hx=None, parts=None):
    """As `walk`, by a compiled call of the module."""
    x, hx = like(module, x), like(module, hx)
    module.zero_grad(set_to_none=True)
    outputs = call(x, hx)
    error(outputs, parts).backward()
    wanted = [*leaves(x), *leaves(hx), *module.parameters()]
    return [*leaves(outputs), *(tensor.grad for tensor in wanted)]


@pytest.fixture
def passes(monkeypatch):
    """The forward passes that ran, a list of whether each was recorded."""
    ran, forward = [], _operators.Runner.forward

    def count(runner, *arguments):
        ran.append(arguments[-1])
        return forward(runner, *arguments)

    monkeypatch.setattr(_operators.Runner, "forward", count)
    return ran


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("options", [
    {}, {"num_layers": 2, "bidirectional": True, "batch_first": True},
    {"bias": False, "num_layers": 2, "dropout": 0.5},
])
def test_layers(kind, backend, options, passes):
    layer = pair(kind, 5, 7, **options)[0]
    call = compiled(layer, backend)
    x, hx = torch.randn(6, 6, 5), states(layer, 6)
    for given in (None, hx):
        torch.manual_seed(2)
        expected = walk(layer, x, given)
        passes.clear()
        torch.manual_seed(2)
        found = walk_compiled(call, layer, x, given)
        assert_same(found, expected) if backend == "aot_eager" else assert_close(found, expected)
        # The record has come from one operator to the other: nothing ran twice.
        assert passes == [True]
    with torch.no_grad():
        layer.eval()
        passes.clear()
        outputs = leaves(call(x, hx))
        assert passes == [False]
        assert_same(outputs, leaves(layer(x, hx)))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", CELLS)
def test_cells(kind, backend, passes):
    cell = pair(kind, 5, 7)[0]
    with torch._dynamo.config.patch(allow_rnn=False):
        call = compiled(cell, backend)
        for batch in ((), (3,)):
            x, hx = torch.randn(*batch, 5), states(cell, *batch)
            for given in (None, hx):
                assert_same(walk_compiled(call, cell, x, given), walk(cell, x, given))
    assert len(passes) == 8


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("is_sorted", [False, True])
def test_packed_sequences(kind, backend, given, is_sorted):
    layer = pair(kind, 5, 7, 2, bidirectional=True)[0]
    lengths = [8, 5, 5, 1] if is_sorted else [5, 8, 1, 5]
    x = pack_padded_sequence(torch.randn(8, 4, 5), lengths, enforce_sorted=is_sorted)
    hx = states(layer, 4) if given else None
    # Sorted sequences alone have nothing but a number in a tensor that tells how many they are.
    with torch._dynamo.config.patch(capture_scalar_outputs=is_sorted and not given):
        found = walk_compiled(compiled(layer, backend), layer, x, hx)
    assert_close(found, walk(layer, x, hx))


@pytest.mark.parametrize("backend", BACKENDS)
def test_model_around_layers(backend):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = rt.LSTM(5, 8, batch_first=True, bidirectional=True)
            self.cell = rt.GRUCell(16, 6)
            self.head = nn.Linear(6, 2)

        def forward(self, x, hx=None):
            y, _ = self.encoder(x.sin(), hx)
            state = None
            for step in y.relu().unbind(1):
                state = self.cell(step, state)
            return self.head(state)

    model = Model()
    x = torch.randn(3, 4, 5)
    call = compiled(model, backend)
    assert_close(walk_compiled(call, model, x), walk(model, x))
    explained = torch._dynamo.explain(model)(x)
    assert explained.graph_count == 1 and explained.graph_break_count == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_sizes_that_change(backend):
    layer = rt.GRU(5, 7, 2)
    call = compiled(layer, backend, dynamic=True)
    for steps, batch in [(6, 3), (9, 4), (5, 2), (12, 7), (1, 1)]:
        x = torch.randn(steps, batch, 5)
        assert_close(walk_compiled(call, layer, x), walk(layer, x))


@pytest.mark.parametrize("parts", [[0], [1], [2]])
def test_unused_outputs(parts):
    layer = rt.LSTM(5, 7)
    x, hx = torch.randn(6, 3, 5), states(layer, 3)
    assert_same(
        walk_compiled(compiled(layer), layer, x, hx, parts), walk(layer, x, hx, parts))


def test_frozen_weights():
    layer = rt.LSTM(5, 7)
    layer.weight_ih_l0.requires_grad_(False)
    layer.bias_hh_l0.requires_grad_(False)
    x = torch.randn(6, 3, 5)
    found = walk_compiled(compiled(layer), layer, x)
    assert_same(found, walk(layer, x))
    assert layer.weight_ih_l0.grad is None and layer.weight_hh_l0.grad is not None


def test_changed_weights_are_seen():
    layer, x = rt.RNN(5, 7), torch.randn(6, 3, 5)
    call = compiled(layer)
    with torch.no_grad():
        for change in (
            lambda w: w.mul_(0.5), lambda w: w.data.mul_(0.5), lambda w: w.data.add_(0.1),
        ):
            for weight in layer.parameters():
                change(weight)
            layer.train()
            assert_same(leaves(call(x)), leaves(layer(x)))


def test_graph_broken_at_a_layer():
    layer, x = rt.LSTM(5, 7), torch.randn(6, 3, 5)
    with torch._dynamo.config.patch(allow_rnn=False):
        call = torch.compile(lambda *given: layer(*given), backend="aot_eager")
        assert_same(walk_compiled(call, layer, x), walk(layer, x))


def test_two_layers_of_one_shape():
    first, second = rt.LSTM(5, 7), rt.LSTM(5, 7)
    x = torch.randn(6, 3, 5)
    calls = compiled(first), compiled(second)
    losses = [error(call(x)) for call in calls]
    for loss in losses:
        loss.backward()
    found = [p.grad for layer in (first, second) for p in layer.parameters()]
    assert_same(found, [
        *walk(first, x)[4:], *walk(second, x)[4:]])


def test_weights_changed_before_the_way_back():
    layer = rt.LSTM(5, 7)
    loss = error(compiled(layer)(torch.randn(6, 3, 5)))
    with torch.no_grad():
        layer.weight_hh_l0.mul_(2.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_wrong_shapes_raise():
    layer = rt.LSTM(5, 7)
    call = torch.compile(layer, backend="aot_eager")
    for x, hx in [
        (torch.randn(6, 3, 4), None), (torch.randn(6), None),
        (torch.randn(6, 3, 5), (torch.randn(1, 3, 7), torch.randn(1, 2, 7))),
    ]:
        with pytest.raises((RuntimeError, ValueError)):
            call(x, hx)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@pytest.mark.filterwarnings("ignore:torch.nn computes this layer")
def test_other_types_go_to_torch(dtype):
    layer = rt.GRU(5, 7).to(dtype)
    x = torch.randn(6, 3, 5, dtype=dtype)
    assert_close(leaves(compiled(layer)(x)), leaves(layer(x)))


def test_export():
    layer = rt.LSTM(5, 7, batch_first=True).eval()
    x = torch.randn(3, 6, 5)
    with torch.no_grad():
        exported = torch.export.export(layer, (x,)).module()
        assert_close(leaves(exported(x)), leaves(layer(x)))


# MARK: Operators


def arguments(cell: str, recording: bool = True, sizes=None, dropout: float = 0.0) -> tuple:
    """What the forward operator takes for two layers of a cell."""
    layer = {"lstm": rt.LSTM, "gru": rt.GRU, "elman": rt.RNN}[cell](5, 7, 2)
    x = torch.randn(*((6, 3) if sizes is None else (int(sizes.sum()),)), 5)
    h0 = torch.randn(2, 3, 7, requires_grad=True)
    return (
        layer._shape().text, x.requires_grad_(), sizes, h0,
        torch.randn(2, 3, 7, requires_grad=True) if cell == "lstm" else None,
        list(layer.parameters()), 6 if sizes is None else len(sizes), 3, (*x.shape[:-1], 7),
        (2, 3, 7), dropout, torch.tensor(3) if dropout else None, recording)


@pytest.mark.parametrize("cell", ["lstm", "gru", "elman"])
@pytest.mark.parametrize("sizes", [None, torch.tensor([3, 2, 2, 1])])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_opcheck_forward(cell, sizes, dropout):
    torch.library.opcheck(_operators.forward, arguments(cell, True, sizes, dropout))


@pytest.mark.parametrize("cell", ["lstm", "gru", "elman"])
def test_opcheck_backward(cell):
    given = arguments(cell, True)
    y, hn, cn, record = _operators.forward(*given)
    plain = [
        [w.detach() for w in value] if isinstance(value, list) and value
        and isinstance(value[0], torch.Tensor)
        else value.detach() if isinstance(value, torch.Tensor) else value
        for value in given[:-1]]
    torch.library.opcheck(_operators.backward, (
        *plain, record, torch.ones_like(y), None, None, [True, True, cell == "lstm"] + [True] * 8))


def test_graph_of_an_operator_walked_twice(passes):
    given = arguments("gru")
    wanted = [given[1], given[3], *given[5]]
    y, hn, _, _ = _operators.forward(*given)
    loss = error((y, hn))
    first = torch.autograd.grad(loss, wanted, retain_graph=True)
    assert passes == [True]
    assert_same(first, torch.autograd.grad(loss, wanted))
    assert passes == [True, True]


def test_record_that_is_lost():
    given = arguments("lstm")
    wanted = [given[1], given[3], *given[5]]
    results = []
    for pack in (lambda t: t, lambda t: t.clone()):
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
            loss = error(_operators.forward(*given)[:3])
        results.append(torch.autograd.grad(loss, wanted))
    assert_same(*results)


def test_records_go_with_their_graphs():
    given = arguments("lstm")
    before = len(_operators._tickets)
    held = [_operators.forward(*given) for _ in range(5)]
    assert len(_operators._tickets) == before + 5
    del held
    assert len(_operators._tickets) == before


def test_second_derivatives_are_refused():
    given = arguments("lstm")
    y = _operators.forward(*given)[0]
    dx, = torch.autograd.grad(y.square().sum(), given[1], create_graph=True)
    with pytest.raises(RuntimeError, match="rnncore.torch computes no second derivatives"):
        dx.sum().backward()
