"""Models of sequences in scikit-learn's manners: fit, predict, score, save, load."""

from __future__ import annotations

import inspect
import json
import math
import os
import sys
import tempfile

import numpy as np

from ._model import Batch, Model

_UNKNOWN = 0


class NotFittedError(ValueError, AttributeError):
    """An estimator is asked for answers before `fit` or `load`."""


class _Estimator:
    """What all estimators share. Sequences may have any lengths.

    Inputs are sequences of vectors, [T, width] numbers each, which are brought to mean 0 and
    deviation 1; or sequences of tokens: texts (characters), or lists of words, numbers or whatever
    can be a key of a dictionary. Tokens that were not seen in `fit` count as one unknown token.
    """

    def __init__(
        self, cell="lstm", hidden_size=64, *, layers=1, bidirectional=False, dropout=0.0,
        embedding_size=32, optimizer="adam", rate=0.003, weight_decay=None, clipping="norm",
        threshold=1.0, batch_size=32, epochs=30, validation_fraction=0.1, patience=5, seed=0,
        threads=0, verbose=False,
    ):
        self.cell = cell
        self.hidden_size = hidden_size
        self.layers = layers
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.embedding_size = embedding_size
        self.optimizer = optimizer
        self.rate = rate
        self.weight_decay = weight_decay
        self.clipping = clipping
        self.threshold = threshold
        self.batch_size = batch_size
        self.epochs = epochs
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.verbose = verbose

    # scikit-learn clones and searches by these two.

    def get_params(self, deep: bool = True) -> dict:
        """All settings by their names."""
        names = [n for n in inspect.signature(type(self).__init__).parameters if n != "self"]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **settings):
        """Changes settings; returns the estimator."""
        known = self.get_params()
        for name, value in settings.items():
            if name not in known:
                raise ValueError(f"{name}: expected one of {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        changed = [
            f"{n}={v!r}" for n, v in self.get_params().items() if v != defaults[n].default]
        return f"{type(self).__name__}({', '.join(changed)})"

    # Inputs

    def _learn_inputs(self, sequences) -> list[np.ndarray]:
        sequences = _listed(sequences)
        self.vocabulary_ = self.mean_ = self.deviation_ = None
        if _has_numbers(sequences[0]):
            arrays = [_matrix(s, i) for i, s in enumerate(sequences)]
            rows = np.concatenate(arrays)
            self.mean_ = rows.mean(axis=0)
            deviation = rows.std(axis=0)
            self.deviation_ = np.where(deviation > 0, deviation, 1)
        else:
            tokens = sorted({t for s in sequences for t in s}, key=lambda t: (str(type(t)), t))
            self.vocabulary_ = {token: i + 1 for i, token in enumerate(tokens)}
        return self._inputs(sequences)

    def _inputs(self, sequences) -> list[np.ndarray]:
        sequences = _listed(sequences)
        if self.vocabulary_ is not None:
            known = self.vocabulary_
            return [np.array([known.get(t, _UNKNOWN) for t in s], dtype=np.int32)
                    for s in sequences]
        arrays = [_matrix(s, i) for i, s in enumerate(sequences)]
        for index, array in enumerate(arrays):
            if array.shape[1] != len(self.mean_):
                raise ValueError(
                    f"sequence {index}: expected vectors of {len(self.mean_)} numbers, found "
                    f"{array.shape[1]}")
        return [((a - self.mean_) / self.deviation_).astype(np.float32) for a in arrays]

    def _configuration(self, outputs: int, loss: str, answer: str) -> dict:
        if self.vocabulary_ is not None:
            shape = {
                "input": "tokens", "vocabulary": len(self.vocabulary_) + 1,
                "embedding": self.embedding_size,
            }
        else:
            shape = {"input": "features", "width": len(self.mean_)}
        return {
            **shape, "contextWindow": 1, "body": "recurrent", "cell": self.cell,
            "layers": self.layers,
            "directions": "bidirectional" if self.bidirectional else "forward",
            "hiddenSize": self.hidden_size, "outputs": outputs, "loss": loss, "answer": answer,
            "dropout": self.dropout, "recurrentDropout": 0,
        }

    # Training

    def _train(self, configuration: dict, inputs, answers) -> None:
        model = Model.create(configuration, self.seed, self.threads)
        weight_decay = -1 if self.weight_decay is None else self.weight_decay
        model.begin_training(
            self.optimizer, self.rate, weight_decay, self.clipping, self.threshold, self.seed)
        generator = np.random.default_rng(self.seed)
        order = generator.permutation(len(inputs))
        held_out = int(len(inputs) * self.validation_fraction)
        validation, training = order[:held_out], order[held_out:]
        self.history_ = []
        best, best_epoch = math.inf, 0
        with tempfile.TemporaryDirectory() as folder:
            kept = os.path.join(folder, "best.safetensors")
            for epoch in range(1, self.epochs + 1):
                losses = [
                    model.step(_batch(inputs, answers, batch))
                    for batch in _batches(training, inputs, self.batch_size, generator)]
                record = {"epoch": epoch, "loss": float(np.mean(losses))}
                if held_out:
                    record["held_out"] = _mean_loss(model, inputs, answers, validation, 256)
                self.history_.append(record)
                self._report(record)
                if held_out and record["held_out"] < best:
                    best, best_epoch = record["held_out"], epoch
                    model.save(kept, {})
                if held_out and epoch - best_epoch >= self.patience:
                    break
            model.end_training()
            if best_epoch:
                model = Model.load(kept, self.threads)
        if self.verbose and sys.stderr.isatty():
            print(file=sys.stderr)
        self._model = model

    def _report(self, record: dict) -> None:
        if not self.verbose:
            return
        held_out = f", held out {record['held_out']:.4f}" if "held_out" in record else ""
        line = f"epoch {record['epoch']}/{self.epochs}: loss {record['loss']:.4f}{held_out}"
        end = "" if sys.stderr.isatty() else "\n"
        print(f"\r{line}" if not end else line, end=end, file=sys.stderr, flush=True)

    # Answers

    def _fitted(self) -> Model:
        model = getattr(self, "_model", None)
        if model is None:
            raise NotFittedError(f"{type(self).__name__}: call fit or load first")
        return model

    def _answers(self, sequences, wants_classes: bool):
        """The answers to each sequence, in order, computed in batches of like lengths."""
        model, inputs = self._fitted(), self._inputs(sequences)
        at_end = model.configuration["answer"] == "at-end"
        order = sorted(range(len(inputs)), key=lambda i: len(inputs[i]))
        results: list = [None] * len(inputs)
        for first in range(0, len(order), 256):
            chosen = order[first:first + 256]
            classes, outputs = model.predict([inputs[i] for i in chosen], wants_classes)
            start = 0
            for index in chosen:
                end = start + (1 if at_end else len(inputs[index]))
                results[index] = (
                    None if classes is None else classes[start:end], outputs[start:end])
                start = end
        return results

    # Files

    def save(self, path) -> None:
        """Saves the model as a safetensors file, which `load` and rnnbench read."""
        model = self._fitted()
        settings = {"estimator": type(self).__name__, "settings": self.get_params()}
        settings.update(self._learned())
        model.save(os.fspath(path), {"python": json.dumps(settings)})

    def _learned(self) -> dict:
        if self.vocabulary_ is None:
            return {"mean": self.mean_.tolist(), "deviation": self.deviation_.tolist()}
        tokens = sorted(self.vocabulary_, key=self.vocabulary_.get)
        return {"tokens": [_plain(token) for token in tokens]}

    def _restore(self, learned: dict) -> None:
        tokens = learned.get("tokens")
        self.vocabulary_ = None if tokens is None else {t: i + 1 for i, t in enumerate(tokens)}
        if tokens is None:
            self.mean_ = np.array(learned["mean"])
            self.deviation_ = np.array(learned["deviation"])

    @classmethod
    def load(cls, path, threads: int = 0):
        """The estimator that `save` has written."""
        model = Model.load(os.fspath(path), threads)
        try:
            learned = json.loads(model.metadata["python"])
        except KeyError:
            raise ValueError(f"{path}: expected a model that {cls.__name__}.save wrote") from None
        if learned["estimator"] != cls.__name__:
            raise ValueError(
                f"{path}: expected a {cls.__name__}, found a {learned['estimator']}")
        estimator = cls(**learned["settings"])
        estimator.threads = threads
        estimator._restore(learned)
        estimator._model = model
        return estimator


class _ClassEstimator(_Estimator):
    def _learn_classes(self, labels) -> dict:
        classes = sorted(set(labels), key=lambda label: (str(type(label)), label))
        if len(classes) < 2:
            raise ValueError(f"y: expected at least two classes, found {len(classes)}")
        self.classes_ = np.array(classes)
        return {label: i for i, label in enumerate(classes)}

    def _learned(self) -> dict:
        return {**super()._learned(), "classes": [_plain(c) for c in self.classes_]}

    def _restore(self, learned: dict) -> None:
        super()._restore(learned)
        self.classes_ = np.array(learned["classes"])


class Classifier(_ClassEstimator):
    """Gives each whole sequence a class.

        from rnncore import Classifier
        model = Classifier("gru", hidden_size=64).fit(sequences, labels)
        model.predict(others)
    """

    def fit(self, X, y):
        """Learns from sequences and a label for each; returns the estimator."""
        inputs = self._learn_inputs(X)
        y = list(y)
        _require_as_many(inputs, y)
        known = self._learn_classes(y)
        answers = [np.array([known[label]], dtype=np.int32) for label in y]
        self._train(
            self._configuration(len(known), "softmaxCrossEntropy", "at-end"), inputs, answers)
        return self

    def predict(self, X) -> np.ndarray:
        """The likeliest class of each sequence, [n]."""
        classes = [int(c[0]) for c, _ in self._answers(X, True)]
        return self.classes_[classes]

    def predict_proba(self, X) -> np.ndarray:
        """Probabilities in the order of `classes_`, [n, classes]."""
        return np.stack([outputs[0] for _, outputs in self._answers(X, True)])

    def score(self, X, y) -> float:
        """The share of sequences whose class is right."""
        return float(np.mean(self.predict(X) == np.asarray(list(y))))


class Tagger(_ClassEstimator):
    """Gives each step of a sequence a class.

    `crf=True` scores the tags of a sequence together, by a conditional random field.
    """

    def __init__(self, cell="lstm", hidden_size=64, *, crf=False, **settings):
        super().__init__(cell, hidden_size, **settings)
        self.crf = crf

    def get_params(self, deep: bool = True) -> dict:
        """All settings by their names."""
        names = [n for n in inspect.signature(_Estimator.__init__).parameters if n != "self"]
        return {**{name: getattr(self, name) for name in names}, "crf": self.crf}

    def __repr__(self) -> str:
        return f"Tagger({self.cell!r}, {self.hidden_size}, crf={self.crf})"

    def fit(self, X, y):
        """Learns from sequences and as many labels for each as it has steps."""
        inputs = self._learn_inputs(X)
        y = [list(labels) for labels in y]
        _require_as_many(inputs, y)
        for index, (x, labels) in enumerate(zip(inputs, y)):
            if len(x) != len(labels):
                raise ValueError(
                    f"sequence {index}: expected {len(x)} labels, found {len(labels)}")
        known = self._learn_classes([label for labels in y for label in labels])
        answers = [np.array([known[label] for label in labels], dtype=np.int32) for labels in y]
        loss = "conditionalRandomField" if self.crf else "softmaxCrossEntropy"
        self._train(self._configuration(len(known), loss, "every-step"), inputs, answers)
        return self

    def predict(self, X) -> list[np.ndarray]:
        """The tags of each sequence, [T] each; of a conditional random field the likeliest path."""
        return [self.classes_[classes] for classes, _ in self._answers(X, True)]

    def predict_proba(self, X) -> list[np.ndarray]:
        """Probabilities of each step in the order of `classes_`, [T, classes] each."""
        return [outputs for _, outputs in self._answers(X, True)]

    def score(self, X, y) -> float:
        """The share of steps whose tag is right."""
        answers = np.concatenate(self.predict(X))
        return float(np.mean(answers == np.array([t for tags in y for t in tags])))


class Regressor(_Estimator):
    """Gives each whole sequence a number, or a vector of numbers."""

    def fit(self, X, y):
        """Learns from sequences and numbers, [n] or [n, outputs]; returns the estimator."""
        inputs = self._learn_inputs(X)
        y = np.asarray(y, dtype=np.float64)
        if y.ndim not in (1, 2):
            raise ValueError(f"y: expected [n] or [n, outputs] numbers, found {y.ndim} dimensions")
        _require_as_many(inputs, y)
        self._is_flat = y.ndim == 1
        table = y.reshape(len(y), -1)
        self.target_mean_ = table.mean(axis=0)
        deviation = table.std(axis=0)
        self.target_deviation_ = np.where(deviation > 0, deviation, 1)
        scaled = ((table - self.target_mean_) / self.target_deviation_).astype(np.float32)
        self._train(
            self._configuration(table.shape[1], "meanSquaredError", "at-end"), inputs,
            [row[None] for row in scaled])
        return self

    def predict(self, X) -> np.ndarray:
        """The numbers of each sequence, [n] or [n, outputs] as `y` was."""
        outputs = np.stack([outputs[0] for _, outputs in self._answers(X, False)])
        table = outputs * self.target_deviation_ + self.target_mean_
        return table[:, 0] if self._is_flat else table

    def score(self, X, y) -> float:
        """R²: 1 for what is right, 0 for the mean of `y`."""
        y = np.asarray(y, dtype=np.float64)
        error = ((y - self.predict(X)) ** 2).sum()
        return float(1 - error / ((y - y.mean(axis=0)) ** 2).sum())

    def _learned(self) -> dict:
        return {
            **super()._learned(), "flat": self._is_flat,
            "targetMean": self.target_mean_.tolist(),
            "targetDeviation": self.target_deviation_.tolist(),
        }

    def _restore(self, learned: dict) -> None:
        super()._restore(learned)
        self._is_flat = learned["flat"]
        self.target_mean_ = np.array(learned["targetMean"])
        self.target_deviation_ = np.array(learned["targetDeviation"])


class LanguageModel(_Estimator):
    """Says what token comes next: of characters for texts, of words for lists of words."""

    def fit(self, X, y=None):
        """Learns from texts or lists of tokens, of two tokens at least each."""
        inputs = self._learn_inputs(X)
        inputs = [x for x in inputs if len(x) > 1]
        if not inputs:
            raise ValueError("X: expected sequences of at least two tokens")
        if self.vocabulary_ is None:
            raise ValueError("X: expected tokens, found numbers")
        self._train(
            self._configuration(len(self.vocabulary_) + 1, "softmaxCrossEntropy", "every-step"),
            [x[:-1] for x in inputs], [x[1:] for x in inputs])
        return self

    def predict(self, X) -> list:
        """The likeliest token after each sequence."""
        return [self._tokens()[int(c[-1])] for c, _ in self._answers(X, True)]

    def perplexity(self, X) -> float:
        """exp of the mean −log p of each token after the first."""
        model = self._fitted()
        inputs = [x for x in self._inputs(X) if len(x) > 1]
        loss = _mean_loss(
            model, [x[:-1] for x in inputs], [x[1:] for x in inputs],
            np.arange(len(inputs)), 256)
        return math.exp(loss)

    def score(self, X, y=None) -> float:
        """The mean log p of each token after the first: higher is better."""
        return -math.log(self.perplexity(X))

    def _tokens(self) -> list:
        return [None, *sorted(self.vocabulary_, key=self.vocabulary_.get)]

    def generate(self, start, length: int, temperature: float = 1.0, seed: int = 0) -> list:
        """`start` and the `length` tokens after it, drawn one by one; a text for a text.

        Reads all tokens anew for each: the cost grows with the square of the length.
        """
        generator = np.random.default_rng(seed)
        tokens, names = list(start), self._tokens()
        for _ in range(length):
            _, outputs = self._answers([tokens], True)[0]
            logs = np.log(outputs[-1].astype(np.float64) + 1e-30) / temperature
            # The unknown token stands for nothing that could be written.
            logs[_UNKNOWN] = -np.inf
            chances = np.exp(logs - logs.max())
            tokens.append(names[generator.choice(len(chances), p=chances / chances.sum())])
        return "".join(tokens) if isinstance(start, str) else tokens


# What all need


def _listed(sequences) -> list:
    sequences = list(sequences)
    if not sequences:
        raise ValueError("X: expected at least one sequence, found none")
    for index, sequence in enumerate(sequences):
        if len(sequence) == 0:
            raise ValueError(f"sequence {index}: expected at least one step, found none")
    return sequences


def _has_numbers(sequence) -> bool:
    if isinstance(sequence, str):
        return False
    if isinstance(sequence, np.ndarray):
        return sequence.ndim == 2
    return not isinstance(sequence[0], str) and np.ndim(sequence[0]) == 1


def _matrix(sequence, index: int) -> np.ndarray:
    array = np.asarray(sequence, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(
            f"sequence {index}: expected [steps, width] numbers, found {array.ndim} dimensions")
    if not np.isfinite(array).all():
        raise ValueError(f"sequence {index}: expected finite numbers")
    return array


def _require_as_many(inputs, answers) -> None:
    if len(inputs) != len(answers):
        raise ValueError(f"y: expected {len(inputs)} answers, found {len(answers)}")


def _plain(value):
    """A value of NumPy's as JSON knows it."""
    return value.item() if isinstance(value, np.generic) else value


def _batch(inputs, answers, chosen) -> Batch:
    return Batch([inputs[i] for i in chosen], [answers[i] for i in chosen])


def _batches(order, inputs, size: int, generator):
    """Batches of sequences of like lengths, in random order."""
    order = generator.permutation(order)
    batches = []
    for first in range(0, len(order), 16 * size):
        part = sorted(order[first:first + 16 * size], key=lambda i: len(inputs[i]))
        batches += [part[i:i + size] for i in range(0, len(part), size)]
    generator.shuffle(batches)
    return batches


def _mean_loss(model, inputs, answers, chosen, size: int) -> float:
    """The mean loss of an answer over some examples."""
    total = count = 0
    for first in range(0, len(chosen), size):
        part = chosen[first:first + size]
        answered = sum(len(answers[i]) for i in part)
        total += answered * model.loss(_batch(inputs, answers, part))
        count += answered
    return total / count
