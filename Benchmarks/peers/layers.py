"""Times rnncore.torch's layers beside torch.nn's, in one process and in turn, through Python.

    python layers.py [--threads 2] [--turns 9] [--cells LSTM,GRU,RNN] [--shapes all|short|NAME,…]

Prints a Markdown table of the time of torch.nn over that of rnncore.torch, forward and backward,
with the median milliseconds of both, geometric means, and what single small calls cost.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

import rnncore.torch

CELLS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}


@dataclasses.dataclass(frozen=True)
class Shape:
    batch: int
    steps: int
    hidden: int
    layers: int = 1
    both: bool = False
    """Bidirectional."""
    packed: bool = False
    """A PackedSequence of steps/10 to `steps` steps."""
    large: bool = False

    @property
    def name(self) -> str:
        parts = [f"B {self.batch} T {self.steps} H {self.hidden}"]
        if self.layers > 1:
            parts.append(f"{self.layers} layers")
        if self.both:
            parts.append("bidirectional")
        if self.packed:
            parts.append(f"packed, {self.steps // 10} to {self.steps} steps")
        return ", ".join(parts)

    def input(self) -> torch.Tensor | nn.utils.rnn.PackedSequence:
        torch.manual_seed(0)
        x = torch.randn(self.steps, self.batch, self.hidden)
        if not self.packed:
            return x
        lengths = torch.randint(self.steps // 10, self.steps + 1, (self.batch,))
        lengths[0] = self.steps
        return nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)


SHAPES = [
    Shape(32, 100, 128), Shape(64, 100, 256), Shape(16, 200, 64), Shape(20, 35, 200, layers=2),
    Shape(20, 35, 200, layers=2, both=True), Shape(1, 200, 128),
    Shape(32, 100, 128, packed=True), Shape(32, 100, 128, both=True, packed=True),
    Shape(32, 100, 512, large=True), Shape(20, 50, 1024, large=True),
]


def in_turn(
    calls: list[Callable[[], None]], turns: int, most: float = 0.1
) -> list[float]:
    """The median seconds of each call; short ones are repeated within a turn."""
    repeats = []
    for call in calls:
        call()
        start = time.perf_counter()
        call()
        repeats.append(max(1, min(200, int(most / (time.perf_counter() - start)))))
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(turns):
        for call, count, times in zip(calls, repeats, found, strict=True):
            start = time.perf_counter()
            for _ in range(count):
                call()
            times.append((time.perf_counter() - start) / count)
    return [statistics.median(times) for times in found]


def training(layer: nn.Module, shape: Shape) -> Callable[[], None]:
    x = shape.input()
    width = shape.hidden * (2 if shape.both else 1)
    rows = x.data.shape[:-1]
    gradient = torch.ones(*rows, width)

    def call() -> None:
        layer.zero_grad(set_to_none=True)
        y = layer(x)[0]
        (y.data if shape.packed else y).backward(gradient)

    return call


def ratio(cell: str, shape: Shape, turns: int) -> tuple[float, float]:
    """Milliseconds of torch.nn and of rnncore.torch."""
    theirs = CELLS[cell](shape.hidden, shape.hidden, shape.layers, bidirectional=shape.both)
    ours = getattr(rnncore.torch, cell)(
        shape.hidden, shape.hidden, shape.layers, bidirectional=shape.both)
    ours.load_state_dict(theirs.state_dict())
    first, second = in_turn([training(theirs, shape), training(ours, shape)], turns)
    return first * 1e3, second * 1e3


def geometric_mean(numbers: list[float]) -> float:
    return math.exp(sum(map(math.log, numbers)) / len(numbers))


def shapes_table(cells: list[str], shapes: list[Shape], turns: int) -> None:
    print(f"| batch | {' | '.join(cells)} |")
    print("|---|" + "---:|" * len(cells))
    found: dict[tuple[str, str], list[float]] = {}
    for shape in shapes:
        texts = []
        for cell in cells:
            theirs, ours = ratio(cell, shape, max(3, turns // 3) if shape.large else turns)
            kind = "packed" if shape.packed else "large" if shape.large else (
                "one sequence" if shape.batch == 1 else "dense")
            found.setdefault((kind, cell), []).append(theirs / ours)
            texts.append(f"{theirs / ours:.2f} x ({theirs:.1f} / {ours:.1f} ms)")
        print(f"| {shape.name} | {' | '.join(texts)} |", flush=True)
    for kind in dict.fromkeys(kind for kind, _ in found):
        means = [geometric_mean(found[kind, cell]) for cell in cells]
        print(f"| *geometric mean, {kind}* | {' | '.join(f'{mean:.2f} x' for mean in means)} |")
    usual = [
        geometric_mean(found.get(("dense", cell), []) + found.get(("one sequence", cell), []))
        for cell in cells if ("dense", cell) in found]
    if usual:
        print(f"| *dense and one sequence* | {' | '.join(f'{mean:.2f} x' for mean in usual)} |")


def small_calls(turns: int) -> None:
    print("\n| one step, B 1 H 32 | torch.nn | rnncore.torch | with gradients | |")
    print("|---|---:|---:|---:|---:|")
    for name in ["LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"]:
        theirs, ours = getattr(nn, name)(32, 32), getattr(rnncore.torch, name)(32, 32)
        ours.load_state_dict(theirs.state_dict())
        x = torch.randn(1, 32) if name.endswith("Cell") else torch.randn(1, 1, 32)

        def output(layer: nn.Module, x: torch.Tensor = x) -> torch.Tensor:
            y = layer(x)
            while isinstance(y, tuple):
                y = y[0]
            return y

        gradient = torch.ones_like(output(theirs))

        def asking(layer: nn.Module) -> Callable[[], None]:
            def call() -> None:
                with torch.no_grad():
                    output(layer)
            return call

        def learning(layer: nn.Module) -> Callable[[], None]:
            return lambda: output(layer).backward(gradient)

        times = in_turn(
            [asking(theirs), asking(ours), learning(theirs), learning(ours)], 3 * turns, 0.01)
        texts = " | ".join(f"{seconds * 1e6:.0f} us" for seconds in times)
        print(f"| {name} | {texts} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--cells", default="LSTM,GRU,RNN")
    parser.add_argument(
        "--shapes", default="all", help="all, short (without the large ones), packed or none")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    chosen = {
        "all": SHAPES, "short": [s for s in SHAPES if not s.large],
        "packed": [s for s in SHAPES if s.packed], "none": [],
    }[options.shapes]
    print(f"torch {torch.__version__}, {options.threads} threads, {options.turns} turns\n")
    if chosen:
        shapes_table(options.cells.split(","), chosen, options.turns)
    if options.shapes in ("all", "none"):
        small_calls(options.turns)


if __name__ == "__main__":
    main()
