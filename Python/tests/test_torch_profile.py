"""The profile of a training loop: what autograd says of each step, and the words for it."""

import copy
import json

import pytest

torch = pytest.importorskip("torch")
import rnncore.torch as rt  # noqa: E402
from torch import nn  # noqa: E402


def run(model, x, loss, steps=1):
    for _ in range(steps):
        model.zero_grad()
        loss(model(x)).backward()


class Reader(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU])
def test_norms_are_those_of_autograd(kind):
    layer = kind(4, 6).double()
    x = torch.randn(9, 3, 4)
    # dE/dh_t by torch: a cell in a loop, whose states are leaves of the graph's history.
    cell = {nn.RNN: nn.RNNCell, nn.GRU: nn.GRUCell}[kind](4, 6).double()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(cell, name).data.copy_(getattr(layer, name + "_l0").data)
    state, states = torch.zeros(3, 6).double(), []
    for step in x.double():
        state = cell(step, state)
        state.retain_grad()
        states.append(state)
    weight = torch.randn(3, 6)
    (states[-1] * weight).sum().backward()
    expected = [s.grad.norm().item() for s in states]

    model = Reader(copy.deepcopy(layer).float())
    with rt.profile(model, every=1) as seen:
        run(model, x, lambda y: (y[-1] * weight).sum())
    found = seen.last()[0].layers[0]["hidden"]["byStep"]
    assert found == pytest.approx(expected, rel=1e-4)
    assert seen.last()[0].last_answer is None


def test_answers_at_all_steps_are_judged_by_the_last():
    model = Reader(nn.LSTM(4, 6, 2, batch_first=True))
    x = torch.randn(3, 9, 4)
    with rt.profile(model, every=1) as seen:
        run(model, x, lambda y: y.square().sum())
        run(model, x, lambda y: y[:, -1].square().sum())
    all_steps, last = seen.records
    assert all_steps.last_answer == last.layers
    assert [v["kind"] for v in all_steps.verdicts] == [v["kind"] for v in last.verdicts]
    # The gradients of parameters are those of the loss itself.
    norms = {p["name"]: p["gradientNorm"] for p in last.parameters}
    for name, parameter in model.layer.named_parameters():
        assert norms[name] == pytest.approx(parameter.grad.norm().item(), rel=1e-4)


def test_a_vanishing_gradient_is_said_to_vanish():
    torch.manual_seed(0)
    model = Reader(nn.RNN(2, 8))
    model.layer.weight_hh_l0.data.mul_(0.1)
    with rt.profile(model, every=1, memory_needed=40) as seen:
        run(model, torch.randn(50, 4, 2), lambda y: y[-1].sum())
    assert seen.records[0].verdicts[0]["kind"] == "vanishing"
    assert str(seen).startswith("layer.l0 vanishing:")
    assert seen.records[0].layers[0]["horizon"] < 10


@pytest.mark.parametrize("packed", [False, True])
def test_training_sees_nothing_of_it(packed):
    model = Reader(rt.GRU(4, 6, 2, dropout=0.5, bidirectional=True))
    x = torch.randn(9, 3, 4)
    if packed:
        x = nn.utils.rnn.pack_padded_sequence(x, [9, 5, 2])
    def loss(y):
        return (y.data if packed else y).sin().sum()
    gradients = []
    for watched in (False, True):
        torch.manual_seed(3)
        if watched:
            with rt.profile(model, every=2) as seen:
                run(model, x, loss, steps=3)
        else:
            run(model, x, loss, steps=3)
        gradients.append([p.grad.clone() for p in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        assert torch.equal(one, other)
    assert [record.step for record in seen.records] == [0, 2]
    names = [layer["name"] for layer in seen.records[0].layers]
    assert names == ["l0", "l0_reverse", "l1", "l1_reverse"]


def test_layers_of_torch_are_given_back():
    model = nn.Sequential(Reader(nn.LSTM(4, 6)), Reader(rt.GRU(6, 5)))
    with rt.profile(model, every=1) as seen:
        run(model, torch.randn(9, 3, 4), lambda y: y.sum())
    assert type(model[0].layer) is nn.LSTM and type(model[1].layer) is rt.GRU
    assert [record.module for record in seen.last()] == ["1.layer", "0.layer"]
    count = len(seen.records)
    run(model, torch.randn(9, 3, 4), lambda y: y.sum())
    assert len(seen.records) == count


def test_what_was_seen_can_be_taken_elsewhere(tmp_path):
    model = Reader(nn.LSTM(4, 6))
    with rt.profile(model, every=1, memory_needed=5) as seen:
        run(model, torch.randn(9, 3, 4), lambda y: y[-1].sum(), steps=2)
    table = json.loads(json.dumps(seen.to_dict()))
    assert table["memoryNeeded"] == 5 and len(table["records"]) == 2

    class Writer:
        def __init__(self):
            self.scalars = []

        def add_scalar(self, name, number, step):
            self.scalars.append((name, number, step))

    writer = Writer()
    seen.to_tensorboard(writer)
    names = {name for name, _, step in writer.scalars if step == 1}
    assert {"layer/l0/horizon", "layer/l0/gate forget", "layer/l0/kept"} <= names
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    axes = seen.plot()
    axes.figure.savefig(tmp_path / "shares.png")
    assert [line.get_label() for line in axes.lines][0] == "layer.l0"


def test_wrong_use_is_refused():
    with pytest.raises(ValueError, match="no recurrent layer"):
        with rt.profile(nn.Linear(3, 3)):
            pass
    with pytest.raises(ValueError, match="1 or more"):
        rt.profile(nn.LSTM(3, 3), every=0)


def test_jacobians_are_those_of_autograd():
    for layer in (nn.RNN(4, 6), nn.GRU(4, 6, batch_first=True), nn.LSTM(4, 6)):
        x = torch.randn(9, 3, 4)
        given = x.transpose(0, 1) if layer.batch_first else x
        (found,) = rt.jacobians(layer, given, sequence=1)
        assert type(layer) in (nn.RNN, nn.GRU, nn.LSTM)

        # The last step's Jacobian, a row at a time, by torch's cell in double precision.
        wide = copy.deepcopy(layer).double()
        one = x[:, 1:2].double()
        one = one.transpose(0, 1) if layer.batch_first else one
        state = wide(one[:, :8] if layer.batch_first else one[:8])[1]
        parts = state if isinstance(state, tuple) else (state,)
        last = one[:, 8:] if layer.batch_first else one[8:]

        def step(flat, wide=wide, last=last, parts=parts):
            pieces = flat.view(len(parts), 1, 1, 6)
            hx = tuple(pieces) if len(parts) == 2 else pieces[0]
            out = wide(last, hx)[1]
            return torch.cat([p.flatten() for p in (out if len(parts) == 2 else (out,))])

        flat = torch.cat([p.flatten() for p in parts]).detach()
        jacobian = torch.autograd.functional.jacobian(step, flat)
        expected = torch.linalg.svdvals(jacobian).log10()
        values = found.log10_singular_values[1]
        assert values == pytest.approx(expected[: len(values)].numpy(), abs=1e-4)
        assert found.lyapunov[0] <= found.log10_singular_values[9][0] * 2.302585 / 9 + 1
        assert len(found.lyapunov) == 6 * len(parts)


def test_jacobians_of_packed_sequences_and_two_directions():
    layer = rt.GRU(4, 6, 2, bidirectional=True)
    pieces = [torch.randn(steps, 4) for steps in (3, 9, 5)]
    packed = nn.utils.rnn.pack_sequence(pieces, enforce_sorted=False)
    for sequence, piece in enumerate(pieces):
        found = rt.jacobians(layer, packed, sequence=sequence)
        alone = rt.jacobians(layer, piece.unsqueeze(1))
        assert [s.layer for s in found] == ["l0", "l0_reverse", "l1", "l1_reverse"]
        for one, other in zip(found, alone, strict=True):
            assert one.lyapunov == pytest.approx(other.lyapunov, abs=1e-4)
    with pytest.raises(ValueError, match="sequence"):
        rt.jacobians(layer, packed, sequence=3)
    with pytest.raises(ValueError, match="input and states"):
        rt.jacobians(layer, torch.randn(3, 1, 5))
    with pytest.raises(ValueError, match="does not compute"):
        rt.jacobians(nn.LSTM(4, 6, proj_size=2), torch.randn(3, 1, 4))
    (wide,) = rt.jacobians(rt.LSTM(4, 300), torch.randn(2, 1, 4))
    assert "too wide" in wide.missing


def test_a_report_shows_modules_and_what_training_changes(tmp_path):
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.GRU(4, 6, 2, bidirectional=True)
            self.decoder = nn.RNN(12, 6)

        def forward(self, x):
            return self.decoder(self.encoder(x)[0])[0]

    model = Two()
    with rt.profile(model, every=2, memory_needed=5, jacobians=True) as seen:
        with pytest.raises(ValueError, match="profiled"):
            seen.report(tmp_path / "page.html")
        run(model, torch.randn(9, 3, 4), lambda y: y[-1].square().sum(), steps=5)
    assert [record.step for record in seen.records if record.module == "encoder"] == [0, 2, 4]
    assert len(seen.last()[0].jacobians) in (1, 4)
    json.dumps(seen.to_dict())
    page = tmp_path / "page.html"
    seen.report(page, subject="A reader of two layers.")
    text = page.read_text()
    for part in ("A reader of two layers.", "encoder.l1_reverse", "decoder.l0", "Lyapunov",
                 "at the steps needed", "What training changes", "from training step 0 to 4"):
        assert part in text, part
    with pytest.raises(OSError):
        seen.report(tmp_path / "missing" / "page.html")
