"""What rnncore.torch leaves to torch.nn, with a warning."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import rnncore.torch as rt
from comparing import CELLS, LAYERS, assert_close, assert_same, leaves, pair, walk


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
