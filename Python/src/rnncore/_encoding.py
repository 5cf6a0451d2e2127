"""Sequences and labels as people have them, turned into the numbers that the library reads."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._model import Array

Sequences = Iterable[Sequence[Hashable] | ArrayLike]
"""Texts, lists of tokens, or arrays [steps, width], of any lengths."""


def listed(sequences: Sequences) -> list[Any]:
    """The sequences of an iterable; ValueError where there are none, or where one is empty."""
    if isinstance(sequences, str):
        raise ValueError("X: expected a list of texts, found one text")
    found: list[Any] = list(sequences)
    if not found:
        raise ValueError("X: expected at least one sequence, found none")
    for index, sequence in enumerate(found):
        if len(sequence) == 0:
            raise ValueError(f"sequence {index}: expected at least one step, found none")
    return found


class Tokens:
    """Tokens numbered from 0; the number after the last one stands for all others.

    `of_texts` says that they are the characters of texts, and not whole words.
    """

    def __init__(self, tokens: Iterable[Hashable], of_texts: bool):
        self.tokens = list(tokens)
        self.numbers = {token: number for number, token in enumerate(self.tokens)}
        self.of_texts = of_texts

    @classmethod
    def seen_in(cls, sequences: Sequence[Any]) -> Tokens:
        """All tokens of some sequences."""
        tokens: set[Hashable] = set()
        for index, sequence in enumerate(sequences):
            try:
                tokens.update(sequence)
            except TypeError:
                raise _no_tokens(index) from None
        return cls(
            sorted(tokens, key=lambda token: (str(type(token)), token)),
            isinstance(sequences[0], str))

    def encode(self, sequences: Sequence[Any]) -> list[Array]:
        """The numbers of tokens, [T] for each sequence."""
        numbers, unknown = self.numbers, len(self.tokens)
        encoded: list[Array] = []
        for index, sequence in enumerate(sequences):
            try:
                found = [numbers.get(token, unknown) for token in sequence]
            except TypeError:
                raise _no_tokens(index) from None
            encoded.append(np.array(found, dtype=np.int32))
        return encoded

    def input(self, embedding: int) -> dict[str, Any]:
        """What a model's configuration says of its inputs."""
        return {"input": "tokens", "vocabulary": len(self.tokens) + 1, "embedding": embedding}

    def saved(self) -> dict[str, Any]:
        """What a file has to keep, for `read`."""
        return {"tokens": self.tokens, "ofTexts": self.of_texts}

    def task(self) -> dict[str, Any] | None:
        """What the command line has to know to find such tokens in a text; None if it cannot."""
        texts = [token for token in self.tokens if isinstance(token, str)]
        if self.of_texts:
            unit, are_known = "character", all(len(text) == 1 for text in texts)
        else:
            unit, are_known = "word", all(text.split() == [text] for text in texts)
        if not are_known or len(texts) < len(self.tokens) or "<unk>" in texts:
            return None
        return {
            "unit": unit, "lowercase": False, "digits": False, "symbols": texts,
            "unknownTrained": False,
        }


class Vectors:
    """Vectors, each number of which is brought to mean 0 and deviation 1."""

    def __init__(self, mean: ArrayLike, deviation: ArrayLike):
        self.mean: NDArray[np.float64] = np.asarray(mean, dtype=np.float64)
        self.deviation: NDArray[np.float64] = np.asarray(deviation, dtype=np.float64)

    @classmethod
    def seen_in(cls, sequences: Sequence[Any]) -> Vectors:
        """The mean and deviation of all steps of some sequences."""
        rows = np.concatenate([_matrix(s, index) for index, s in enumerate(sequences)])
        return cls(rows.mean(axis=0), usable(rows.std(axis=0), rows))

    def encode(self, sequences: Sequence[Any]) -> list[Array]:
        """The scaled vectors, [T, width] for each sequence."""
        encoded: list[Array] = []
        for index, sequence in enumerate(sequences):
            array = _matrix(sequence, index)
            if array.shape[1] != len(self.mean):
                raise ValueError(
                    f"sequence {index}: expected vectors of {len(self.mean)} numbers, found "
                    f"{array.shape[1]}")
            encoded.append(((array - self.mean) / self.deviation).astype(np.float32))
        return encoded

    def input(self, embedding: int) -> dict[str, Any]:
        """What a model's configuration says of its inputs."""
        return {"input": "features", "width": len(self.mean)}

    def saved(self) -> dict[str, Any]:
        """What a file has to keep, for `read`."""
        return {"mean": self.mean.tolist(), "deviation": self.deviation.tolist()}

    def task(self) -> dict[str, Any] | None:
        """What the command line has to know to scale such vectors."""
        return self.saved()


def learn(sequences: Sequence[Any]) -> Tokens | Vectors:
    """How such sequences become numbers; ValueError for sequences that do not."""
    first = sequences[0]
    if _has_vectors(first):
        return Vectors.seen_in(sequences)
    if isinstance(first[0], (float, np.floating)):
        raise ValueError(
            "sequence 0: expected vectors [steps, width] or tokens, found single numbers; with "
            "one number a step the width is 1")
    return Tokens.seen_in(sequences)


def read(saved: dict[str, Any]) -> Tokens | Vectors:
    """What `saved` has told a file."""
    if "tokens" in saved:
        return Tokens(map(_hashable, saved["tokens"]), saved["ofTexts"])
    return Vectors(saved["mean"], saved["deviation"])


def usable(deviation: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Deviations to divide by: 1 for columns of `rows` whose numbers are all the same."""
    # Rounding gives such a column a tiny deviation.
    return np.where(deviation > 1e-12 * np.abs(rows).max(axis=0), deviation, 1.0)


class Labels:
    """Labels numbered from 0, in order."""

    def __init__(self, labels: Iterable[Hashable]):
        self.labels = list(labels)
        self.numbers = {label: number for number, label in enumerate(self.labels)}

    @classmethod
    def seen_in(cls, labels: Iterable[Hashable]) -> Labels:
        """All labels of an iterable; ValueError for less than two."""
        classes = sorted(set(labels), key=lambda label: (str(type(label)), label))
        if len(classes) < 2:
            raise ValueError(f"y: expected at least two classes, found {len(classes)}")
        return cls(classes)

    @classmethod
    def read(cls, saved: Iterable[Any]) -> Labels:
        """What a file has kept of `labels`."""
        return cls(map(_hashable, saved))

    def encode(self, labels: Iterable[Hashable]) -> NDArray[np.int32]:
        """The numbers of labels, [n]."""
        return np.array([self.numbers[label] for label in labels], dtype=np.int32)

    def array(self) -> Array:
        """The labels as an array [classes], of objects where NumPy would change them."""
        plain = [label.item() if isinstance(label, np.generic) else label for label in self.labels]
        if not any(isinstance(label, tuple) for label in plain):
            array = np.array(self.labels)
            if array.tolist() == plain:
                return array
        array = np.empty(len(plain), dtype=object)
        for place, label in enumerate(plain):
            array[place] = label
        return array


def _has_vectors(sequence: Any) -> bool:
    """Whether steps are vectors of numbers, not tokens; of tuples those that hold numbers alone."""
    if isinstance(sequence, np.ndarray):
        return sequence.ndim > 1
    first = sequence[0]
    if isinstance(first, tuple):
        return all(isinstance(part, (int, float, np.number)) for part in first)
    return np.ndim(first) > 0


def _no_tokens(index: int) -> ValueError:
    return ValueError(f"sequence {index}: expected tokens, found what can be none")


def _matrix(sequence: Any, index: int) -> NDArray[np.float64]:
    if isinstance(sequence, str) or isinstance(sequence[0], str):
        raise ValueError(f"sequence {index}: expected [steps, width] numbers, found tokens")
    array = np.asarray(sequence, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(
            f"sequence {index}: expected [steps, width] numbers, found {array.ndim} dimensions")
    if not np.isfinite(array).all():
        raise ValueError(f"sequence {index}: expected finite numbers")
    return array


def _hashable(value: Any) -> Hashable:
    """A token or label of a JSON file, in which tuples are lists."""
    return tuple(map(_hashable, value)) if isinstance(value, list) else value
