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

from shapes import Shape

LAYERS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "elman": torch.nn.RNN}


def seconds(run, budget: float) -> float:
    """Median time of one call, over at least `budget` seconds and three calls."""
    run()
    run()
    times: list[float] = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < budget:
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

    def measure(self, name: str, budget: float) -> float:
        self.module.train(name.startswith("train"))
        run = {
            "train": self.train,
            "trainDX": self.train_with_input_gradient,
            "inference": self.inference,
        }[name]
        return seconds(run, budget)


def answer(request: dict) -> dict:
    sizes = request["shape"]
    lengths = sizes.pop("lengths")
    layer = Layer(request["cell"], Shape(**sizes, lengths=lengths and tuple(lengths)), request["variant"])
    times = {name: layer.measure(name, request["seconds"]) for name in request["passes"]}
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
