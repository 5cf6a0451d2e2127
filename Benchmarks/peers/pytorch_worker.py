"""Times PyTorch's recurrent layers with its own default kernels, in a process that stays warm.

    python pytorch_worker.py --threads N [--flush]

Writes a line of JSON about itself, then answers each request, a line of JSON, with another. With --flush all
threads take subnormal numbers as zero: the mode is a thread's own and inherited, so it is set before others
start.
"""

import argparse
import gc
import json
import re
import statistics
import sys
import time

import torch

from shapes import Adding, Shape

LAYERS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "elman": torch.nn.RNN}


def seconds(run, budget: float, gap: float = 0) -> float:
    """Median time of one call, over at least `budget` seconds and three calls, with a sleep before each."""
    run()
    run()
    times: list[float] = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < budget:
        if gap:
            time.sleep(gap)
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


class Layer:
    """One layer stack with its input and the gradient of its output."""

    def __init__(self, cell: str, shape: Shape, variant: str = "dense"):
        torch.manual_seed(1)
        self.module = LAYERS[cell](shape.input, shape.hidden, shape.layers)
        self.x = torch.randn(shape.steps, shape.batch, shape.input)
        self.lengths = None
        self.tokens = shape.batch * shape.steps
        if shape.lengths:
            low, high = shape.lengths
            lengths = torch.randint(low, high + 1, (shape.batch,))
            self.lengths = lengths.sort(descending=True).values
            self.tokens = int(self.lengths.sum())
            if variant == "packed":
                self.x = torch.nn.utils.rnn.pack_padded_sequence(self.x, self.lengths)
            else:
                # The padded batch is as long as its longest sequence.
                self.x = self.x[: int(self.lengths.max())]
        else:
            self.steps = list(self.x.split(1))
        self.gradient = torch.randn_like(self.output().detach())

    def output(self, x=None):
        y, _ = self.module(self.x if x is None else x)
        return y.data if self.lengths is not None and hasattr(y, "batch_sizes") else y

    def train(self, x=None):
        # None lets the backward pass write gradients instead of adding to zeros.
        self.module.zero_grad(set_to_none=True)
        self.output(x).backward(self.gradient)

    def train_with_input_gradient(self):
        x = self.x.detach().requires_grad_()
        self.train(x)

    def inference(self):
        with torch.inference_mode():
            self.output()

    def stream(self):
        """One call a step, the state carried."""
        with torch.inference_mode():
            state = None
            for x in self.steps:
                _, state = self.module(x, state)

    def stream_without_onednn(self):
        with torch.backends.mkldnn.flags(enabled=False):
            self.stream()

    def measure(self, name: str, budget: float, gap: float) -> float:
        self.module.train(name.startswith("train"))
        run = {
            "train": self.train,
            "trainDX": self.train_with_input_gradient,
            "inference": self.inference,
            "stream": self.stream,
            "streamWithoutOneDNN": self.stream_without_onednn,
        }[name]
        return seconds(run, budget, gap)


class AddingModel(torch.nn.Module):
    """As `rnnbench compare adding` has it: PyTorch's starts are its starts, an LSTM's forget bias is 0."""

    def __init__(self, cell: str, hidden: int):
        super().__init__()
        self.layer = LAYERS[cell](2, hidden)
        self.readout = torch.nn.Linear(hidden, 1)
        if cell == "lstm":
            with torch.no_grad():
                for bias in (self.layer.bias_ih_l0, self.layer.bias_hh_l0):
                    bias[hidden:2 * hidden] = 0

    def forward(self, x):
        y, _ = self.layer(x)
        return self.readout(y[-1]).squeeze(-1)


def adding_batch(size: Adding) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs [T, B, 2] of values and markers, one marker in each half, and the sums of the marked values."""
    values = torch.rand(size.length, size.batch)
    half, column = size.length // 2, torch.arange(size.batch)
    first = torch.randint(0, half, (size.batch,))
    second = torch.randint(half, size.length, (size.batch,))
    markers = torch.zeros_like(values)
    markers[first, column] = markers[second, column] = 1
    return torch.stack([values, markers], dim=-1), values[first, column] + values[second, column]


def train_adding(cell: str, size: Adding) -> tuple[float, float]:
    """Seconds of the updates from a new model on, and its last loss."""
    torch.manual_seed(1)
    model = AddingModel(cell, size.hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    parameters = list(model.parameters())
    total = loss = 0.0
    for _ in range(size.updates):
        x, target = adding_batch(size)
        start = time.perf_counter()
        optimizer.zero_grad()
        value = torch.nn.functional.mse_loss(model(x), target)
        value.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        loss = value.item()
        total += time.perf_counter() - start
    return total, loss


def answer(request: dict) -> dict:
    if request["do"] == "adding":
        size = Adding(**request["size"])
        # What is loaded and allocated at first counts on no side.
        train_adding(request["cell"], Adding(length=8, updates=2))
        total, loss = train_adding(request["cell"], size)
        return {"seconds": total, "loss": loss}
    sizes = request["shape"]
    lengths = sizes.pop("lengths")
    layer = Layer(request["cell"], Shape(**sizes, lengths=lengths and tuple(lengths)), request["variant"])
    times = {name: layer.measure(name, request["seconds"], request["gap"]) for name in request["passes"]}
    return {"seconds": times, "tokens": layer.tokens}


def check_flush() -> None:
    """Ends the process where a thread does not take subnormals as zero."""
    products = torch.full((1 << 22,), 1e-30) * 1e-10
    if products.count_nonzero():
        sys.exit("PyTorch's threads do not flush subnormal numbers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--flush", action="store_true")
    options = parser.parse_args()
    if options.flush and not torch.set_flush_denormal(True):
        sys.exit("this CPU cannot flush subnormal numbers")
    torch.set_num_threads(options.threads)
    if options.flush:
        check_flush()
    onednn = re.search(r"MKL-DNN v([0-9.]+)", torch.__config__.show())
    about = {"version": torch.__version__.split("+")[0], "onednn": onednn and onednn[1]}
    print(json.dumps(about), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
