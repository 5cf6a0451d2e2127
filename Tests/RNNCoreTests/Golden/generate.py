"""Writes the golden values of this directory with PyTorch: python3 generate.py

Weights and inputs are closed-form (see ClosedForm.swift), so only results are stored.
"""

import math
import pathlib

import torch
import torch.nn.functional as functional
from torch import nn

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
INPUT, HIDDEN, LENGTHS = 3, 5, [4, 1, 3]
HEADER = f"""\
// swift-format-ignore-file
// Written by generate.py with PyTorch {torch.__version__}, in Double, to 8 significant digits.

@testable import TestSupport
"""


def closed_form(tensor, *shape):
    """Element k of tensor number n: 0.5 sin(1.3 k + 0.1 k^2 + 0.7 n), rounded to Float.

    Without the square every matrix would have rank two and hide errors.
    """
    count = math.prod(shape)
    values = [0.5 * math.sin(1.3 * k + 0.1 * k * k + 0.7 * tensor) for k in range(count)]
    return torch.tensor(values).float().double().reshape(shape)


def swift_array(values):
    """The values as a Swift array literal, filled to 100 columns, little indented: bytes count."""
    words = [f"{value:.8g}" for value in torch.as_tensor(values).flatten().tolist()]
    words = [word if any(c in word for c in ".en") else word + ".0" for word in words]
    lines, line = [], "    "
    for word in words:
        if len(line) + len(word) + 2 > 100:
            lines.append(line.rstrip())
            line = "    "
        line += word + ", "
    if not words:
        return "[]"
    return "[\n" + "\n".join(lines + [line.rstrip().rstrip(",")]) + "]"


# Recurrent networks


def make_network(cell, layers, bidirectional):
    size = dict(
        input_size=INPUT, hidden_size=HIDDEN, num_layers=layers, bidirectional=bidirectional)
    if cell == "lstm":
        return nn.LSTM(**size)
    if cell == "gru":
        return nn.GRU(**size)
    return nn.RNN(nonlinearity=cell, **size)


def run_network(cell, layers, bidirectional):
    """The results and gradients of sum(cotangent * result), as named tensors."""
    network = make_network(cell, layers, bidirectional)
    parameters = dict(network.named_parameters())
    for tensor, parameter in enumerate(parameters.values()):
        parameter.data = closed_form(tensor, *parameter.shape)
    first = len(parameters)
    directions = 2 if bidirectional else 1
    states = (layers * directions, len(LENGTHS), HIDDEN)

    inputs = closed_form(first, sum(LENGTHS), INPUT).requires_grad_()
    hidden = closed_form(first + 1, *states).requires_grad_()
    cell_state = closed_form(first + 2, *states).requires_grad_()
    padded = nn.utils.rnn.pad_sequence(inputs.split(LENGTHS))
    packed = nn.utils.rnn.pack_padded_sequence(padded, LENGTHS, enforce_sorted=False)
    is_lstm = cell == "lstm"
    packed, final = network(packed, (hidden, cell_state) if is_lstm else hidden)
    unpacked, _ = nn.utils.rnn.pad_packed_sequence(packed)
    outputs = torch.cat([unpacked[:length, i] for i, length in enumerate(LENGTHS)])
    final_hidden, final_cell = final if is_lstm else (final, None)

    loss = (closed_form(first + 3, *outputs.shape) * outputs).sum()
    loss = loss + (closed_form(first + 4, *states) * final_hidden).sum()
    if is_lstm:
        loss = loss + (closed_form(first + 5, *states) * final_cell).sum()
    loss.backward()
    return dict(
        outputs=outputs, finalHidden=final_hidden, finalCell=final_cell if is_lstm else [],
        gradients={name: parameter.grad for name, parameter in parameters.items()},
        inputGradient=inputs.grad, initialHiddenGradient=hidden.grad,
        initialCellGradient=cell_state.grad if is_lstm else [])


# Cells whose steps have no product, written from their papers without a recurrence: every state is a sum over all
# inputs before it. minGRU and minLSTM after Feng et al. 2024, appendix B, with its softplus form of the normalised
# gates; LRU after Orvieto et al. 2023, equation 5, in complex numbers.


def decayed_sums(kept, written, start):
    """h_t = sum over k of (product of kept over k < j <= t) * written_k, the start being written before all."""
    values = torch.cat([start[None], written])
    steps = len(kept)
    states = []
    for t in range(steps):
        weights = [torch.prod(kept[k:t + 1], dim=0) for k in range(t + 1)] + [torch.ones_like(start)]
        states.append(sum(w * v for w, v in zip(weights, values[:t + 2])))
    return torch.stack(states)


def positive_part(x):
    return torch.where(x >= 0, x + 0.5, torch.sigmoid(x))


def min_gru(p, x, start, positive):
    z, g = (x @ p["weight_ih"].T + p["bias_ih"]).chunk(2, dim=1)
    states = decayed_sums(
        torch.sigmoid(-z), torch.sigmoid(z) * (positive_part(g) if positive else g), start)
    return states, states


def min_lstm(p, x, start, positive):
    f, i, g = (x @ p["weight_ih"].T + p["bias_ih"]).chunk(3, dim=1)
    difference = functional.softplus(-f) - functional.softplus(-i)
    kept, share = (-functional.softplus(s * difference) for s in (1, -1))
    states = decayed_sums(
        kept.exp(), share.exp() * (positive_part(g) if positive else g), start)
    return states, states


def lru(p, x, start, _):
    pairs = len(p["nu_log"])
    rate = torch.complex(-torch.exp(p["nu_log"]), torch.exp(p["theta_log"]))
    b = torch.complex(p["weight_ih"][:pairs], p["weight_ih"][pairs:2 * pairs])
    c = torch.complex(p["weight_ho"][:, :pairs], -p["weight_ho"][:, pairs:])
    fed = torch.exp(p["gamma_log"]) * (x.to(b.dtype) @ b.T)
    start = torch.complex(start[:pairs], start[pairs:])
    states = torch.stack([
        torch.exp(rate * (t + 1)) * start
        + sum(torch.exp(rate * (t - k)) * fed[k] for k in range(t + 1)) for t in range(len(x))])
    outputs = (states @ c.T).real + x @ p["weight_ih"][2 * pairs:].T
    return outputs, torch.cat([states.real, states.imag], dim=1)


PAIRS = HIDDEN // 2
ELEMENTWISE = {
    "minGRU": (min_gru, False), "minGRUPositive": (min_gru, True),
    "minLSTM": (min_lstm, False), "minLSTMPositive": (min_lstm, True), "lru": (lru, False)}


def elementwise_shapes(cell, width):
    if cell == "lru":
        vectors = {name: (PAIRS,) for name in ("nu_log", "theta_log", "gamma_log")}
        return vectors | dict(
            weight_ih=(2 * PAIRS + HIDDEN, width), weight_ho=(HIDDEN, 2 * PAIRS))
    gates = 2 if cell.startswith("minGRU") else 3
    return dict(weight_ih=(gates * HIDDEN, width), bias_ih=(gates * HIDDEN,))


def run_elementwise(cell, layers, bidirectional):
    """As run_network."""
    step, positive = ELEMENTWISE[cell]
    directions = 2 if bidirectional else 1
    parameters, names = {}, []
    for layer in range(layers):
        for direction in range(directions):
            suffix = f"_l{layer}" + ("_reverse" if direction else "")
            width = INPUT if layer == 0 else directions * HIDDEN
            for name, shape in elementwise_shapes(cell, width).items():
                parameters[name + suffix] = closed_form(len(parameters), *shape).requires_grad_()
            names.append((suffix, list(elementwise_shapes(cell, width))))
    first = len(parameters)
    width = 2 * PAIRS if cell == "lru" else HIDDEN
    states = (layers * directions, len(LENGTHS), width)
    inputs = closed_form(first, sum(LENGTHS), INPUT).requires_grad_()
    hidden = closed_form(first + 1, *states).requires_grad_()
    final = [[None] * len(LENGTHS) for _ in range(layers * directions)]
    outputs = []
    for sequence, steps in enumerate(inputs.split(LENGTHS)):
        for layer in range(layers):
            parts = []
            for direction in range(directions):
                index = layer * directions + direction
                suffix, stems = names[index]
                own = {stem: parameters[stem + suffix] for stem in stems}
                read = steps.flip(0) if direction else steps
                given, state = step(own, read, hidden[index, sequence], positive)
                final[index][sequence] = state[-1]
                parts.append(given.flip(0) if direction else given)
            steps = torch.cat(parts, dim=1)
        outputs.append(steps)
    outputs = torch.cat(outputs)
    final = torch.stack([torch.stack(rows) for rows in final])
    loss = (closed_form(first + 3, *outputs.shape) * outputs).sum()
    loss = loss + (closed_form(first + 4, *states) * final).sum()
    loss.backward()
    return dict(
        outputs=outputs, finalHidden=final, finalCell=[],
        gradients={name: parameter.grad for name, parameter in parameters.items()},
        inputGradient=inputs.grad, initialHiddenGradient=hidden.grad, initialCellGradient=[])


def swift_network(cell, layers, bidirectional, swift_cell):
    run = run_elementwise if cell in ELEMENTWISE else run_network
    fields = run(cell, layers, bidirectional)
    kind = "bidirectional" if bidirectional else "forward"
    text = "    PyTorchGolden(\n"
    text += f'      name: "{cell} x{layers} {kind}", cell: {swift_cell},\n'
    text += f"      inputSize: {INPUT}, hiddenSize: {HIDDEN}, layers: {layers},\n"
    text += f"      bidirectional: {str(bidirectional).lower()}, lengths: {LENGTHS},\n"
    for name, value in fields.items():
        if name == "gradients":
            entries = [f'        "{key}": {swift_array(grad)},\n' for key, grad in value.items()]
            text += "      gradients: [\n" + "".join(entries) + "      ],\n"
        else:
            text += f"      {name}: {swift_array(value)},\n"
    return text.rstrip(",\n") + "),\n"


def write_networks():
    cells = [
        ("tanh", "Tanh", ".elman(.tanh)"), ("relu", "ReLU", ".elman(.relu)"),
        ("lstm", "LSTM", ".lstm(peephole: false, coupled: false)"),
        ("gru", "GRU", ".gru(resetAfter: true)")]
    for cell, name, swift_cell in cells:
        goldens = "".join(
            swift_network(cell, layers, bidirectional, swift_cell)
            for layers in (1, 2) for bidirectional in (False, True))
        text = HEADER + "\nextension PyTorchGolden {\n"
        text += f"  static let {cell}: [PyTorchGolden] = [\n{goldens}  ]\n}}\n"
        (HERE / f"PyTorchGolden+{name}.swift").write_text(text)
    cells = [
        ("minGRU", ".minGRU(positive: false)"), ("minGRUPositive", ".minGRU(positive: true)"),
        ("minLSTM", ".minLSTM(positive: false)"), ("minLSTMPositive", ".minLSTM(positive: true)"),
        ("lru", ".lru")]
    goldens = "".join(
        swift_network(cell, layers, layers == 2, swift_cell)
        for cell, swift_cell in cells for layers in (1, 2))
    text = HEADER + "\nextension PyTorchGolden {\n"
    text += f"  static let elementwise: [PyTorchGolden] = [\n{goldens}  ]\n}}\n"
    (HERE / "PyTorchGolden+Elementwise.swift").write_text(text)


# Losses: 4 rows of 3 scores, the classes 1, 0, 2, 1; classes as one-hot binary targets


def write_losses():
    classes = torch.tensor([1, 0, 2, 1])
    one_hot = functional.one_hot(classes, 3).double()
    losses = {
        "crossEntropy": lambda scores, how: functional.cross_entropy(
            scores, classes, reduction=how),
        "binaryCrossEntropyWithLogits": lambda scores, how:
            functional.binary_cross_entropy_with_logits(scores, one_hot, reduction=how),
        "meanSquaredError": lambda scores, how: functional.mse_loss(
            scores, closed_form(1, 4, 3), reduction=how),
    }
    text = HEADER + "\nextension PyTorchLossGolden {\n  static let all: [PyTorchLossGolden] = [\n"
    for name, loss in losses.items():
        for reduction in ("mean", "sum"):
            scores = (4 * closed_form(0, 4, 3)).requires_grad_()
            value = loss(scores, reduction)
            value.backward()
            text += f"    PyTorchLossGolden(\n      loss: .{name}, reduction: .{reduction},"
            text += f" value: {value.item():.8g},\n"
            text += f"      gradient: {swift_array(scores.grad)}),\n"
    (HERE / "PyTorchLossGolden+Values.swift").write_text(text + "  ]\n}\n")


# A linear-chain conditional random field: sequences of 4, 1 and 3 steps, 5 classes, class 2 k + 1 mod 5 of row k.


def write_chain():
    """Loss, gradients and best paths, each step of one sequence in turn, as pytorch-crf computes them."""
    count = 5
    emissions = (4 * closed_form(0, sum(LENGTHS), count)).requires_grad_()
    scores = [
        closed_form(tensor + 1, *shape).requires_grad_()
        for tensor, shape in enumerate([(count, count), (count,), (count,)])]
    transitions, start, end = scores
    classes = [(2 * row + 1) % count for row in range(sum(LENGTHS))]
    loss, paths, first = 0, [], 0
    for length in LENGTHS:
        rows, path = emissions[first:first + length], classes[first:first + length]
        sums, best, origins = start + rows[0], start + rows[0], []
        for row in rows[1:]:
            sums = torch.logsumexp(sums[:, None] + transitions, 0) + row
            values, origin = (best[:, None] + transitions).max(0)
            best = values + row
            origins.append(origin)
        score = start[path[0]] + end[path[-1]] + rows[range(length), path].sum()
        score = score + transitions[path[:-1], path[1:]].sum()
        loss = loss + torch.logsumexp(sums + end, 0) - score
        found = [int((best + end).argmax())]
        for origin in reversed(origins):
            found.insert(0, int(origin[found[0]]))
        paths += found
        first += length
    loss.backward()
    text = HEADER + f"\nenum PyTorchChainGolden {{\n  static let loss = {loss.item():.8g}\n"
    gradients = [emissions.grad] + [score.grad for score in scores]
    for name, gradient in zip(["emissions", "transitions", "start", "end"], gradients):
        text += f"  static let {name}: [Double] = {swift_array(gradient)}\n"
    text += f"  static let paths = {paths}\n}}\n"
    (HERE / "PyTorchChainGolden+Values.swift").write_text(text)


# Optimizers: 5 parameters, three steps


def write_optimizers():
    optimizers = [
        ("sgd", torch.optim.SGD, dict(lr=0.1)),
        ("sgd", torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
        ("sgd", torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True)),
        ("sgd", torch.optim.SGD, dict(lr=0.1, momentum=0.9, weight_decay=0.05)),
        ("rmsprop", torch.optim.RMSprop, dict(lr=0.01, alpha=0.95, eps=1e-6)),
        ("rmsprop", torch.optim.RMSprop, dict(lr=0.01, alpha=0.95, eps=1e-6, momentum=0.9)),
        ("adam", torch.optim.Adam, dict(lr=0.01, beta1=0.8, beta2=0.95, eps=1e-6)),
        ("adam", torch.optim.Adam,
         dict(lr=0.01, beta1=0.8, beta2=0.95, eps=1e-6, weight_decay=0.05)),
        ("adamW", torch.optim.AdamW,
         dict(lr=0.01, beta1=0.8, beta2=0.95, eps=1e-6, weight_decay=0.05)),
        ("adagrad", torch.optim.Adagrad, dict(lr=0.1, eps=1e-6)),
    ]
    swift_names = dict(
        lr="learningRate", alpha="decay", eps="epsilon", weight_decay="weightDecay",
        nesterov="isNesterov")
    text = HEADER + "\nextension PyTorchOptimizerGolden {\n"
    text += "  static let all: [PyTorchOptimizerGolden] = [\n"
    for rule, optimizer_type, options in optimizers:
        fields = ", ".join(
            f"{swift_names.get(name, name)}: {str(value).lower()}"
            for name, value in options.items())
        options = dict(options)
        if "beta1" in options:
            options["betas"] = (options.pop("beta1"), options.pop("beta2"))
        parameter = closed_form(0, 5).requires_grad_()
        optimizer = optimizer_type([parameter], **options)
        text += f"    PyTorchOptimizerGolden(\n      rule: .{rule}, {fields},\n"
        text += "      parametersAfterStep: [\n"
        for step in (1, 2, 3):
            parameter.grad = closed_form(step, 5)
            optimizer.step()
            text += f"        {swift_array(parameter.detach())},\n"
        text += "      ]),\n"
    (HERE / "PyTorchOptimizerGolden+Values.swift").write_text(text + "  ]\n}\n")


write_networks()
write_losses()
write_chain()
write_optimizers()
