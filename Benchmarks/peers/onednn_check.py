"""Runs the same network with the same numbers in PyTorch and in onednn_side and compares outputs and gradients.

    python onednn_check.py --program .build/peers/onednn_side [--threads N]

Prints the largest difference of each kind over the largest value; above 1e-4 it ends with status 1.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from pytorch_worker import LAYERS
from shapes import CELLS, Shape

# One layer and several, wider than its input and not: onednn_side divides them differently.
SHAPES = [Shape(5, 7, 24, 24, 1), Shape(4, 9, 32, 32, 3), Shape(3, 6, 20, 48, 3), Shape(1, 4, 17, 33, 1)]
LIMIT = 1e-4


def gates(cell: str, tensor: torch.Tensor) -> torch.Tensor:
    """Rows in oneDNN's order of gates: of a GRU, update before reset. It is its own inverse."""
    if cell != "gru":
        return tensor
    reset, update, new = tensor.chunk(3)
    return torch.cat([update, reset, new])


def bias(cell: str, of_input: torch.Tensor, of_state: torch.Tensor) -> torch.Tensor:
    """oneDNN has one bias a gate, and for a GRU a fourth, of what the reset gate multiplies."""
    if cell != "gru":
        return of_input + of_state
    size = len(of_input) // 3
    of_input, of_state = gates(cell, of_input), gates(cell, of_state)
    return torch.cat([of_input[:2 * size] + of_state[:2 * size], of_input[2 * size:], of_state[2 * size:]])


def bias_gradient(cell: str, of_input: torch.Tensor, of_state: torch.Tensor) -> torch.Tensor:
    if cell != "gru":
        return of_input
    size = len(of_input) // 3
    return torch.cat([gates(cell, of_input), of_state[2 * size:]])


def parameters(cell: str, module: torch.nn.Module, layer: int, gradient: bool) -> list[torch.Tensor]:
    """Weights of input and state and biases of one layer, or their gradients, as oneDNN has them."""
    named = [getattr(module, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    w, u, b, c = [p.grad if gradient else p.detach() for p in named]
    return [gates(cell, w), gates(cell, u), (bias_gradient if gradient else bias)(cell, b, c)]


def differences(program: Path, cell: str, shape: Shape, threads: int) -> dict[str, float]:
    torch.manual_seed(1)
    module = LAYERS[cell](shape.input, shape.hidden, shape.layers)
    x = torch.randn(shape.steps, shape.batch, shape.input, requires_grad=True)
    y, _ = module(x)
    gradient = torch.randn_like(y)
    y.backward(gradient)
    layers = range(shape.layers)
    given = [p for layer in layers for p in parameters(cell, module, layer, False)] + [x.detach(), gradient]
    passes = ("training", "inference", "inferenceOnce", "stream")
    expected = [(f"outputs of {name}", y.detach()) for name in passes]
    expected += [("gradient of the input", x.grad)]
    for layer in layers:
        names = ("gradient of W", "gradient of U", "gradient of biases")
        expected += zip(names, parameters(cell, module, layer, True))

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "numbers"
        path.write_bytes(b"".join(p.contiguous().numpy().tobytes() for p in given))
        sizes = [shape.batch, shape.steps, shape.input, shape.hidden, shape.layers]
        subprocess.run(
            [str(program), cell, *map(str, sizes), "--check", str(path), "--threads", str(threads)], check=True)
        found = torch.frombuffer(bytearray(path.with_name("numbers.out").read_bytes()), dtype=torch.float32)
    if len(found) != sum(e.numel() for _, e in expected):
        raise SystemExit(f"{cell}, {shape.name}: {len(found)} numbers came back")
    result: dict[str, float] = {}
    for name, values in expected:
        part, found = found[:values.numel()].view(values.shape), found[values.numel():]
        off = ((part - values).abs().max() / values.abs().max()).item()
        # A NaN has to stay one.
        result[name] = off if not off <= result.get(name, 0) else result.get(name, 0)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, help="onednn_side, built")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    worst: dict[str, float] = {}
    for cell in CELLS:
        for shape in SHAPES:
            for name, off in differences(arguments.program, cell, shape, arguments.threads).items():
                worst[name] = max(worst.get(name, 0), off)
                if not off <= LIMIT:
                    sys.exit(f"oneDNN and PyTorch differ: {cell}, {shape.name}, {name}: {off:.1e}")
    for name, off in worst.items():
        print(f"{name}: {off:.1e}")


if __name__ == "__main__":
    main()
