"""Weights of layers and cells of rnncore.torch: copies, files and changes of all kinds."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch
from torch import nn

import rnncore.torch as rt
from comparing import CELLS, LAYERS, assert_close, assert_same, error, leaves, pair, walk


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
