"""Draws profile.svg, the picture of the README: python picture.py (needs matplotlib and torch)."""

import pathlib

import matplotlib
import matplotlib.pyplot as plt
import torch
from torch import nn

import rnncore.torch

STEPS, SYMBOLS, UNITS = 40, 8, 64


class Recall(nn.Module):
    """Names the first symbol that it has read."""

    def __init__(self, name: str, layer: nn.RNNBase):
        super().__init__()
        self.name = name
        self.add_module(name, layer)
        self.answer = nn.Linear(UNITS, SYMBOLS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = getattr(self, self.name)(x)
        return self.answer(states[:, -1])


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    symbols = torch.randint(SYMBOLS, (32, STEPS))
    return nn.functional.one_hot(symbols, SYMBOLS).float(), symbols[:, 0]


def main() -> None:
    torch.manual_seed(1)
    plain = nn.RNN(SYMBOLS, UNITS, batch_first=True)
    gated = nn.LSTM(SYMBOLS, UNITS, batch_first=True)
    # Forget gates that start open: sigmoid(3) to the power of 40 is 0.14.
    gated.bias_ih_l0.data[UNITS : 2 * UNITS] = 3
    matplotlib.rcParams["svg.hashsalt"] = "rnncore"
    _, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for name, layer in (("rnn", plain), ("lstm", gated)):
        model = Recall(name, layer)
        optimizer = torch.optim.Adam(model.parameters(), 0.003)
        with rnncore.torch.profile(model, memory_needed=STEPS - 1) as seen:
            for _ in range(301):
                x, first = batch()
                loss = nn.functional.cross_entropy(model(x), first)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        print(f"loss {loss.item():.3f}; {seen}")
        seen.plot(axes)
    path = pathlib.Path(__file__).with_name("profile.svg")
    plt.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
