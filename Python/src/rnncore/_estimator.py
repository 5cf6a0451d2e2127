"""What estimators share: settings, training, answers and files."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import _encoding
from ._batches import Pairs, in_batches
from ._encoding import Sequences, Tokens, Vectors
from ._model import CLIPPING, Array, Model, as_json

if TYPE_CHECKING:
    from typing_extensions import Self

Number = TypeVar("Number", bound=np.generic)


class NotFittedError(ValueError, AttributeError):
    """An estimator is asked for answers before `fit` or `load`."""


@dataclasses.dataclass(eq=False, repr=False)
class Estimator:
    """What Classifier, Regressor, Tagger and LanguageModel share. Never made by itself.

    Inputs `X` are lists of sequences of any lengths. A sequence is an array [steps, width] of
    numbers, each of which is brought to mean 0 and deviation 1, or it is made of tokens: a text
    (its characters), or a list of words, whole numbers or other keys of dictionaries. Tokens that
    were not seen in `fit` count as one unknown token.

    Settings, which `fit` looks at:

    - `cell`: a name that `python -m rnncore cells` lists, such as "lstm", "gru", "elman" or
      "lstm:peephole"; `hidden_size`: its units; `layers`: how many lie one on the other;
      `bidirectional`: whether each reads in both directions
    - `dropout`: the share of inputs and outputs of layers that training drops
    - `embedding_size`: the width of tokens' vectors
    - `optimizer`: "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam" or "adamw"; `rate`:
      its learning rate; `weight_decay`: None for the optimizer's own
    - `clipping`: what of a gradient is held below `threshold`: each "value", the "norm" of all, the
      norm of each layer ("layer-norm"), or "none"
    - `batch_size`: sequences of an update; `epochs`: how often all of them are seen at most
    - `validation_fraction`: the share of sequences that are held out. The model is the one with
      the lowest loss on them, and training ends after `patience` epochs without a lower one. None
      are held out where the share is less than a sequence
    - `seed`: of parameters, order and dropout; `threads`: 0 for one on each core, which changes no
      result; `verbose`: whether a line on the error output tells of each epoch

    `history_` has a dictionary for each epoch: `epoch`, `loss` and, where sequences are held out,
    `held_out`. An estimator can be copied and pickled.
    """

    cell: str = "lstm"
    hidden_size: int = 64
    _: dataclasses.KW_ONLY
    layers: int = 1
    bidirectional: bool = False
    dropout: float = 0.0
    embedding_size: int = 32
    optimizer: str = "adam"
    rate: float = 0.003
    weight_decay: float | None = None
    clipping: Literal["none", "value", "norm", "layer-norm"] = "norm"
    threshold: float = 1.0
    batch_size: int = 32
    epochs: int = 30
    validation_fraction: float = 0.1
    patience: int = 5
    seed: int = 0
    threads: int = 0
    verbose: bool = False

    # "classifier", "regressor" or None: what scikit-learn takes the estimator for.
    _estimator_type: ClassVar[str | None] = None

    def __post_init__(self) -> None:
        self._model: Model | None = None

    # scikit-learn clones and searches by the first two, and asks by the others.

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All settings by their names."""
        return {name: getattr(self, name) for name in _settings(self)}

    def set_params(self, **settings: Any) -> Self:
        """Changes settings; returns the estimator. ValueError for a name that is none."""
        known = _settings(self)
        for name, value in settings.items():
            if name not in known:
                raise ValueError(f"{name}: expected one of {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return self._model is not None

    def __sklearn_tags__(self) -> Any:
        utils = importlib.import_module("sklearn.utils")
        kind = self._estimator_type
        return utils.Tags(
            estimator_type=kind, target_tags=utils.TargetTags(required=kind is not None),
            classifier_tags=utils.ClassifierTags() if kind == "classifier" else None,
            regressor_tags=utils.RegressorTags() if kind == "regressor" else None,
            input_tags=utils.InputTags(two_d_array=False, string=True))

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)!r}" for name, setting in _settings(self).items()
            if getattr(self, name) != setting.default]
        return f"{type(self).__name__}({', '.join(changed)})"

    # What was learned of the inputs

    @property
    def vocabulary_(self) -> dict[Any, int] | None:
        """The numbers of tokens; None for a model of vectors."""
        encoding = self._fitted()._encoding
        return encoding.numbers if isinstance(encoding, Tokens) else None

    @property
    def mean_(self) -> NDArray[np.float64] | None:
        """The mean of each number of a vector, [width]; None for a model of tokens."""
        encoding = self._fitted()._encoding
        return encoding.mean if isinstance(encoding, Vectors) else None

    @property
    def deviation_(self) -> NDArray[np.float64] | None:
        """What each number of a vector is divided by, [width]; None for a model of tokens."""
        encoding = self._fitted()._encoding
        return encoding.deviation if isinstance(encoding, Vectors) else None

    # Training

    def _learn_inputs(self, X: Sequences) -> list[Array]:
        """Learns how sequences become numbers, and forgets the last model."""
        self._require_settings()
        self._model = None
        sequences = _encoding.listed(X)
        self._encoding = _encoding.learn(sequences)
        return self._encoding.encode(sequences)

    def _inputs(self, X: Sequences) -> list[Array]:
        return self._encoding.encode(_encoding.listed(X))

    def _require_settings(self) -> None:
        if self.clipping not in CLIPPING:
            raise ValueError(
                f"clipping: expected one of {', '.join(CLIPPING)}, found {self.clipping}")
        for name in ("batch_size", "epochs", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected 1 or more, found {getattr(self, name)}")
        if self.weight_decay is not None and self.weight_decay < 0:
            raise ValueError(f"weight_decay: expected 0 or more, found {self.weight_decay}")
        if not 0 <= self.validation_fraction < 1:
            raise ValueError(
                "validation_fraction: expected 0 or more and less than 1, found "
                f"{self.validation_fraction}")

    def _train(self, outputs: int, loss: str, answer: str, pairs: Pairs) -> None:
        model = Model.create({
            **self._encoding.input(self.embedding_size), "contextWindow": 1, "body": "recurrent",
            "cell": self.cell, "layers": self.layers,
            "directions": "bidirectional" if self.bidirectional else "forward",
            "hiddenSize": self.hidden_size, "outputs": outputs, "loss": loss, "answer": answer,
            "dropout": self.dropout, "recurrentDropout": 0,
        }, self.seed, self.threads)
        weight_decay = -1 if self.weight_decay is None else self.weight_decay
        model.begin_training(
            self.optimizer, self.rate, weight_decay, self.clipping, self.threshold, self.seed)
        self._model = self._best(model, pairs)

    def _best(self, model: Model, pairs: Pairs) -> Model:
        """The model of the epoch with the lowest loss on held-out pairs, or of the last one."""
        generator = np.random.default_rng(self.seed)
        order: list[int] = generator.permutation(len(pairs.inputs)).tolist()
        held_out = int(len(order) * self.validation_fraction)
        validation, training = order[:held_out], order[held_out:]
        self.history_: list[dict[str, float]] = []
        best, best_epoch = math.inf, 0
        with tempfile.TemporaryDirectory() as folder:
            kept = os.path.join(folder, "best.safetensors")
            for epoch in range(1, self.epochs + 1):
                batches = pairs.training_batches(training, self.batch_size, generator)
                record = {"epoch": epoch, "loss": float(np.mean(list(map(model.step, batches))))}
                if held_out:
                    record["held_out"] = pairs.mean_loss(model, validation)
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
        return model

    def _report(self, record: Mapping[str, float]) -> None:
        if not self.verbose:
            return
        held_out = f", held out {record['held_out']:.4f}" if "held_out" in record else ""
        line = f"epoch {record['epoch']}/{self.epochs}: loss {record['loss']:.4f}{held_out}"
        end = "" if sys.stderr.isatty() else "\n"
        print(f"\r{line}" if not end else line, end=end, file=sys.stderr, flush=True)

    # Answers

    def _fitted(self) -> Self:
        if self._model is None:
            raise NotFittedError(f"{type(self).__name__}: call fit or load first")
        return self

    def _answers(
        self, X: Sequences, ask: Callable[[Model, Sequence[Array]], NDArray[Number]]
    ) -> list[NDArray[Number]]:
        """What a model says of each sequence: of its steps, [T, …], or of its end, [1, …]."""
        model = self._fitted()._model
        assert model is not None
        inputs = self._inputs(X)
        answers: dict[int, NDArray[Number]] = {}
        for batch in in_batches(inputs):
            found, start = ask(model, [inputs[place] for place in batch]), 0
            for place in batch:
                end = start + (1 if model.answers_at_end else len(inputs[place]))
                answers[place] = found[start:end]
                start = end
        return [answers[place] for place in range(len(inputs))]

    # Files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Saves the model as a safetensors file, which `load` and `python -m rnncore` read.

        The command line follows any of them step by step (`explain --model`). It answers new data
        (`predict`, `evaluate`) with a Classifier whose labels are texts and with a LanguageModel,
        where tokens are characters or words. RNNFileError where the file cannot be written.
        """
        model = self._fitted()._model
        assert model is not None
        texts = {"python": as_json({
            "estimator": type(self).__name__, "settings": self.get_params(), **self._learned()})}
        task = self._task()
        if task is not None:
            texts["rnntasks.encoding"] = as_json(task)
        model.save(os.fspath(path), texts)

    def _learned(self) -> dict[str, Any]:
        """What a file has to keep beside the model and the settings."""
        return self._encoding.saved()

    def _restore(self, learned: dict[str, Any]) -> None:
        self._encoding = _encoding.read(learned)

    def _task(self) -> dict[str, Any] | None:
        """What the command line has to know to answer new data; None if it cannot."""
        return None

    @classmethod
    def load(cls, path: str | os.PathLike[str], threads: int = 0) -> Self:
        """The estimator that `save` has written; ValueError for a file of something else."""
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


def _settings(estimator: Estimator) -> Mapping[str, inspect.Parameter]:
    """The settings of an estimator, as its constructor names them."""
    return inspect.signature(type(estimator)).parameters
