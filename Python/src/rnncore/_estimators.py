"""Models of sequences in scikit-learn's manners: fit, predict, score, save, load."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._batches import Pairs
from ._encoding import Labels, Sequences, Tokens, usable
from ._estimator import Estimator
from ._model import Array, Model

if TYPE_CHECKING:
    from typing_extensions import Self

Token = TypeVar("Token")


class _ClassEstimator(Estimator):
    """An estimator that answers with labels."""

    @property
    def classes_(self) -> Array:
        """All labels, [classes], in the order of probabilities."""
        return self._fitted()._labels.array()

    def _learned(self) -> dict[str, Any]:
        return {**super()._learned(), "classes": self._labels.labels}

    def _restore(self, learned: dict[str, Any]) -> None:
        super()._restore(learned)
        self._labels = Labels.read(learned["classes"])


class Classifier(_ClassEstimator):
    """Gives each whole sequence a class.

        from rnncore import Classifier
        model = Classifier("gru", hidden_size=64).fit(sequences, labels)
        model.predict(others)

    `help(rnncore.Estimator)` tells of sequences and settings. Labels are texts, numbers or other
    keys of dictionaries.
    """

    _estimator_type = "classifier"

    def fit(self, X: Sequences, y: Iterable[Hashable]) -> Self:
        """Learns from n sequences and n labels; returns the estimator.

        ValueError for other numbers of labels, less than two classes, empty sequences, numbers that
        are not finite, and settings out of range.
        """
        inputs, labels = self._learn_inputs(X), list(y)
        _require_as_many(inputs, labels)
        self._labels = Labels.seen_in(labels)
        answers = list(self._labels.encode(labels)[:, None])
        self._train(
            len(self._labels.labels), "softmaxCrossEntropy", "at-end", Pairs(inputs, answers))
        return self

    def predict(self, X: Sequences) -> Array:
        """The likeliest class of each sequence, [n]."""
        names: Array = self.classes_[np.concatenate(self._answers(X, Model.classes))]
        return names

    def predict_proba(self, X: Sequences) -> NDArray[np.float32]:
        """Probabilities in the order of `classes_`, [n, classes]."""
        return np.concatenate(self._answers(X, Model.outputs))

    def score(self, X: Sequences, y: Iterable[Hashable]) -> float:
        """The share of sequences whose class is right."""
        return _share_of_right(self.predict(X), list(y))

    def _task(self) -> dict[str, Any] | None:
        known, classes = self._encoding.task(), self._labels.labels
        if known is None or not all(label and isinstance(label, str) for label in classes):
            return None
        kind = "text" if isinstance(self._encoding, Tokens) else "series"
        return {"kind": "classify", "input": kind, **known, "classes": classes}


@dataclasses.dataclass(eq=False, repr=False)
class Tagger(_ClassEstimator):
    """Gives each step of a sequence a class.

        from rnncore import Tagger
        model = Tagger(bidirectional=True, crf=True).fit(sentences, tags)
        model.predict(others)

    `crf=True` scores the tags of a sequence together, by a conditional random field.
    `help(rnncore.Estimator)` tells of sequences and other settings. Tags are texts, numbers or
    other keys of dictionaries.
    """

    crf: bool = dataclasses.field(default=False, kw_only=True)

    def fit(self, X: Sequences, y: Iterable[Iterable[Hashable]]) -> Self:
        """Learns from sequences and as many labels for each as it has steps; returns the estimator.

        ValueError for other numbers of labels, less than two classes, empty sequences, numbers that
        are not finite, and settings out of range.
        """
        inputs, tags = self._learn_inputs(X), [list(labels) for labels in y]
        _require_as_many(inputs, tags)
        for index, (x, labels) in enumerate(zip(inputs, tags, strict=True)):
            if len(x) != len(labels):
                raise ValueError(
                    f"sequence {index}: expected {len(x)} labels, found {len(labels)}")
        self._labels = Labels.seen_in(label for labels in tags for label in labels)
        answers = [self._labels.encode(labels) for labels in tags]
        loss = "conditionalRandomField" if self.crf else "softmaxCrossEntropy"
        self._train(len(self._labels.labels), loss, "every-step", Pairs(inputs, answers))
        return self

    def predict(self, X: Sequences) -> list[Array]:
        """The tags of each sequence, [T] each; of a conditional random field the likeliest path."""
        names = self.classes_
        return [names[classes] for classes in self._answers(X, Model.classes)]

    def predict_proba(self, X: Sequences) -> list[NDArray[np.float32]]:
        """Probabilities of each step in the order of `classes_`, [T, classes] each."""
        return self._answers(X, Model.outputs)

    def score(self, X: Sequences, y: Iterable[Iterable[Hashable]]) -> float:
        """The share of steps whose tag is right."""
        found = [tag for tags in self.predict(X) for tag in tags.tolist()]
        return _share_of_right(found, [tag for tags in y for tag in tags])


class Regressor(Estimator):
    """Gives each whole sequence a number, or a vector of numbers.

        from rnncore import Regressor
        model = Regressor("gru").fit(sequences, numbers)
        model.predict(others)

    `help(rnncore.Estimator)` tells of sequences and settings.
    """

    _estimator_type = "regressor"

    def fit(self, X: Sequences, y: ArrayLike) -> Self:
        """Learns from n sequences and numbers [n] or [n, outputs]; returns the estimator.

        ValueError for other numbers of answers, empty sequences, numbers that are not finite, and
        settings out of range.
        """
        inputs, numbers = self._learn_inputs(X), np.asarray(y, dtype=np.float64)
        if numbers.ndim not in (1, 2):
            raise ValueError(
                f"y: expected [n] or [n, outputs] numbers, found {numbers.ndim} dimensions")
        _require_as_many(inputs, numbers)
        if not np.isfinite(numbers).all():
            raise ValueError("y: expected finite numbers")
        self._is_flat = numbers.ndim == 1
        table = numbers.reshape(len(numbers), -1)
        self.target_mean_: NDArray[np.float64] = table.mean(axis=0)
        self.target_deviation_ = usable(table.std(axis=0), table)
        scaled = ((table - self.target_mean_) / self.target_deviation_).astype(np.float32)
        self._train(
            table.shape[1], "meanSquaredError", "at-end", Pairs(inputs, list(scaled[:, None])))
        return self

    def predict(self, X: Sequences) -> NDArray[np.float64]:
        """The numbers of each sequence, [n] or [n, outputs] as `y` was."""
        outputs = np.concatenate(self._answers(X, Model.outputs))
        table: NDArray[np.float64] = outputs * self.target_deviation_ + self.target_mean_
        return table[:, 0] if self._is_flat else table

    def score(self, X: Sequences, y: ArrayLike) -> float:
        """R²: 1 for what is right, 0 for the mean of `y`."""
        numbers, found = np.asarray(y, dtype=np.float64), self.predict(X)
        if numbers.shape != found.shape:
            raise ValueError(
                f"y: expected {list(found.shape)} numbers, found {list(numbers.shape)}")
        error = np.square(numbers - found).sum()
        return float(1 - error / np.square(numbers - numbers.mean(axis=0)).sum())

    def _learned(self) -> dict[str, Any]:
        return {
            **super()._learned(), "flat": self._is_flat,
            "targetMean": self.target_mean_.tolist(),
            "targetDeviation": self.target_deviation_.tolist(),
        }

    def _restore(self, learned: dict[str, Any]) -> None:
        super()._restore(learned)
        self._is_flat = learned["flat"]
        self.target_mean_ = np.array(learned["targetMean"])
        self.target_deviation_ = np.array(learned["targetDeviation"])


class LanguageModel(Estimator):
    """Says what token comes next: of characters for texts, of words for lists of words.

        from rnncore import LanguageModel
        model = LanguageModel("gru").fit(lines)
        model.generate("It was ", 80, temperature=0.7)

    `help(rnncore.Estimator)` tells of sequences and settings.
    """

    def fit(self, X: Sequences, y: object = None) -> Self:
        """Learns from texts or lists of tokens; returns the estimator.

        Sequences of one token are passed over, and so is `y`. ValueError where there are no others,
        for vectors, and for settings out of range.
        """
        inputs = self._learn_inputs(X)
        if not isinstance(self._encoding, Tokens):
            raise ValueError("X: expected tokens, found numbers")
        self._train(
            len(self._encoding.tokens) + 1, "softmaxCrossEntropy", "every-step", _shifted(inputs))
        return self

    def predict(self, X: Sequences) -> list[Any]:
        """The likeliest token after each sequence, [n]."""
        classes = [answers[-1] for answers in self._answers(X, Model.classes)]
        tokens = [*self._tokens(), None]
        return [tokens[number] for number in classes]

    def perplexity(self, X: Sequences) -> float:
        """exp of the mean −log p of each token after the first.

        ValueError where no sequence has a second one.
        """
        model = self._fitted()._model
        assert model is not None
        pairs = _shifted(self._inputs(X))
        return math.exp(pairs.mean_loss(model, range(len(pairs.inputs))))

    def score(self, X: Sequences, y: object = None) -> float:
        """The mean log p of each token after the first: higher is better. Passes `y` over."""
        return -math.log(self.perplexity(X))

    @overload
    def generate(
        self, start: str, length: int, temperature: float = 1.0, seed: int = 0
    ) -> str: ...

    @overload
    def generate(
        self, start: list[Token] | tuple[Token, ...], length: int, temperature: float = 1.0,
        seed: int = 0,
    ) -> list[Token]: ...

    def generate(
        self, start: str | list[Any] | tuple[Any, ...], length: int, temperature: float = 1.0,
        seed: int = 0,
    ) -> str | list[Any]:
        """`start` and the `length` tokens after it, drawn one by one; a text for a text.

        The lower the temperature, above 0, the likelier the tokens. Reads all tokens anew for each:
        the cost grows with the square of the length. ValueError for an empty start.
        """
        if not temperature > 0:
            raise ValueError(f"temperature: expected a number above 0, found {temperature}")
        generator = np.random.default_rng(seed)
        tokens, names = list(start), self._tokens()
        for _ in range(length):
            outputs = self._answers([tokens], Model.outputs)[0][-1]
            # The unknown token, the last one, stands for nothing that could be written.
            logs = np.log(outputs[:-1].astype(np.float64) + 1e-30) / temperature
            chances = np.exp(logs - logs.max())
            tokens.append(names[generator.choice(len(chances), p=chances / chances.sum())])
        return "".join(tokens) if isinstance(start, str) else tokens

    def _tokens(self) -> list[Any]:
        encoding = self._fitted()._encoding
        assert isinstance(encoding, Tokens)
        return encoding.tokens

    def _task(self) -> dict[str, Any] | None:
        known = self._encoding.task()
        return None if known is None else {"kind": "lm", **known}


def _shifted(inputs: Sequence[Array]) -> Pairs:
    """All tokens but the last of each sequence, with all but the first as answers."""
    longer = [x for x in inputs if len(x) > 1]
    if not longer:
        raise ValueError("X: expected sequences of at least two tokens")
    return Pairs([x[:-1] for x in longer], [x[1:] for x in longer])


def _require_as_many(
    inputs: Sequence[object] | Array, answers: Sequence[object] | Array
) -> None:
    if len(inputs) != len(answers):
        raise ValueError(f"y: expected {len(inputs)} answers, found {len(answers)}")


def _share_of_right(found: Sequence[Any] | Array, expected: Sequence[Hashable]) -> float:
    _require_as_many(found, expected)
    return float(np.mean([one == other for one, other in zip(found, expected, strict=True)]))
