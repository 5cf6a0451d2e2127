"""What one step of a layer does to its state."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from ._accelerate import accelerate, restore
from ._layers import Layers
from ._runner import plain


@dataclasses.dataclass(frozen=True)
class Spectrum:
    """The Jacobians dh_t/dh_{t-1} of one layer and direction along one sequence.

    An LSTM's state is (h, c), 2 H numbers; all others' is h. Computed in double precision.
    """

    layer: str
    """`l0`, `l0_reverse`, `l1`, ..."""
    lyapunov: NDArray[np.float64]
    """Lyapunov exponents, largest first, in nats a step: e to the first is the factor by which the
    most enduring direction grows (above 0) or fades (below 0) in a step."""
    log10_singular_values: dict[int, NDArray[np.float64]]
    """By number of steps (1, 10, 50 and all): log10 of the singular values of the product of that
    many last Jacobians, largest first, as far as double precision resolves them."""
    bounds: dict[str, dict[str, float]]
    """By gate, what the recurrent weights alone say: `largestSingularValue`, `spectralRadius` and
    `bound`, the most that one step can multiply a gradient by along this block."""
    missing: str | None = None
    """Why there are none, such as a state of more than 512 numbers."""


def spectra(found: list[dict[str, Any]], directions: int) -> list[Spectrum]:
    """From what the library says of each layer and direction."""
    return [_spectrum(index, directions, entry) for index, entry in enumerate(found)]


def _spectrum(index: int, directions: int, found: dict[str, Any]) -> Spectrum:
    name = f"l{index // directions}" + ("_reverse" if index % directions else "")

    def array(numbers: list[float | None]) -> NDArray[np.float64]:
        # JSON has no infinity: what a layer takes away altogether is null.
        return np.array([-np.inf if number is None else number for number in numbers])

    if "missing" in found:
        return Spectrum(name, np.empty(0), {}, {}, found["missing"])
    return Spectrum(
        name, array(found["lyapunov"]),
        {int(steps): array(values) for steps, values in found["log10SingularValues"].items()},
        found["blocks"])


def jacobians(
    layer: nn.RNNBase, input: torch.Tensor | PackedSequence, hx: Any = None, sequence: int = 0
) -> list[Spectrum]:
    """The Jacobians of a layer's state along one sequence of a batch, without dropout.

    Takes what the layer itself takes, torch.nn's or ours; `sequence` counts the batch's sequences
    as they are given. Costs about 30 n^3 operations a step for a state of n numbers.

        for spectrum in rnncore.torch.jacobians(model.rnn, x):
            print(spectrum.layer, spectrum.lyapunov[0])

    Raises ValueError for a layer or an input that RNNCore does not compute, and for a sequence that
    the batch has not.
    """
    borrowed = not isinstance(layer, Layers)
    if borrowed and not accelerate(layer).replaced:
        raise ValueError(f"RNNCore does not compute this layer: {layer}")
    try:
        # `accelerate` has made it one of ours.
        ours: Any = layer
        return _jacobians(ours, input, hx, sequence)
    finally:
        if borrowed:
            restore(layer)


def _jacobians(
    layer: Layers, input: torch.Tensor | PackedSequence, hx: Any, sequence: int
) -> list[Spectrum]:
    states = [] if hx is None else [hx] if layer.mode != "LSTM" else list(hx)
    order = input.unsorted_indices if isinstance(input, PackedSequence) else None
    x = input.data if isinstance(input, PackedSequence) else input
    arranged = None
    if layer._can_read(x, states):
        arranged = (
            layer._packed(input, states) if isinstance(input, PackedSequence)
            else layer._dense(input, states))
    if arranged is None:
        raise ValueError(
            "input and states: expected those of a forward pass, of float32 on the CPU")
    x, form, _ = arranged
    if not 0 <= sequence < form.sequences:
        raise ValueError(f"sequence: expected 0 to {form.sequences - 1}, found {sequence}")
    if order is not None:
        sequence = int(order[sequence])
    with torch.no_grad():
        found = layer._runner().jacobians(
            plain(x), form, plain(states[0]) if states else None,
            plain(states[1]) if len(states) == 2 else None,
            layer._weights(layer._flat_weights_names), sequence)
    return spectra(json.loads(found), 2 if layer.bidirectional else 1)


__all__ = ["Spectrum", "jacobians"]
