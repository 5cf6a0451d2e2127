"""Times PyTorch's recurrent layers: one process, its own default kernels, warm."""

import gc
import statistics
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


def measure(cell: str, shape: Shape, passes: list[str], budget: float, variant: str = "dense"):
    """Seconds a pass by name, and the number of real tokens."""
    layer = Layer(cell, shape, variant)
    result = {}
    for name in passes:
        layer.module.train(name != "inference")
        run = {
            "train": layer.train,
            "trainDX": layer.train_with_input_gradient,
            "inference": layer.inference,
        }[name]
        result[name] = seconds(run, budget)
    tokens = layer.tokens
    del layer
    gc.collect()
    return result, tokens
