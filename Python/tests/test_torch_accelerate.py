"""accelerate and restore inside models of others."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import rnncore.torch as rt
from comparing import assert_close, walk


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


def test_layers_with_parametrizations():
    model = nn.Sequential(nn.GRU(4, 5))
    nn.utils.parametrizations.weight_norm(model[0], "weight_hh_l0")
    other, x = copy.deepcopy(model), torch.randn(6, 3, 4)
    assert [r.name for r in rt.accelerate(model).replaced] == ["0"]
    assert isinstance(model[0], rt.GRU) and not isinstance(other[0], rt.GRU)
    assert_close(walk(model[0], x), walk(other[0], x))
    rt.restore(model)
    assert not isinstance(model[0], rt.GRU)
    assert_close(walk(model[0], x), walk(other[0], x))
    rt.accelerate(model)
    nn.utils.parametrize.remove_parametrizations(model[0], "weight_hh_l0")
    assert type(model[0]) is rt.GRU
    assert_close(walk(model[0], x)[:2], walk(other[0], x)[:2])
