"""Sequences with their answers, in batches of like lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ._model import Array, Batch, Model

AT_ONCE = 256
"""Sequences of a batch without training."""


class Pairs(NamedTuple):
    """Encoded sequences, with the answers to each."""

    inputs: Sequence[Array]
    answers: Sequence[Array]

    def batch(self, chosen: Iterable[int]) -> Batch:
        """The pairs at some places."""
        places = list(chosen)
        return Batch([self.inputs[i] for i in places], [self.answers[i] for i in places])

    def training_batches(
        self, chosen: Sequence[int], size: int, generator: np.random.Generator
    ) -> Iterator[Batch]:
        """All chosen pairs in random order, in batches of like lengths."""
        order = generator.permutation(chosen).tolist()
        batches: list[list[int]] = []
        for part in _slices(order, 16 * size):
            batches += _slices(by_length(self.inputs, part), size)
        generator.shuffle(batches)
        return map(self.batch, batches)

    def mean_loss(self, model: Model, chosen: Sequence[int]) -> float:
        """The mean loss of an answer over the chosen pairs."""
        total, count = 0.0, 0
        for part in _slices(chosen, AT_ONCE):
            answered = sum(len(self.answers[i]) for i in part)
            total += answered * model.loss(self.batch(part))
            count += answered
        return total / count


def by_length(inputs: Sequence[Array], chosen: Iterable[int]) -> list[int]:
    """Some places, those of short inputs first."""
    return sorted(chosen, key=lambda place: len(inputs[place]))


def in_batches(inputs: Sequence[Array]) -> list[list[int]]:
    """The places of all inputs, in batches of like lengths."""
    return _slices(by_length(inputs, range(len(inputs))), AT_ONCE)


def _slices(places: Sequence[int], size: int) -> list[list[int]]:
    return [list(places[first:first + size]) for first in range(0, len(places), size)]
