"""A whole model of the C library over NumPy arrays."""

from __future__ import annotations

import ctypes
import json
import os
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import _native
from ._native import check, library

CLIPPING = {"none": 0, "value": 1, "norm": 2, "layer-norm": 3}

Array = NDArray[Any]


class Examples(ctypes.Structure):
    """`rnncore_examples`."""

    _fields_ = [
        ("count", ctypes.c_int64),
        ("lengths", ctypes.c_void_p),
        ("tokens", ctypes.c_void_p),
        ("features", ctypes.c_void_p),
        ("classes", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
    ]


def _declare() -> None:
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    address, examples = ctypes.POINTER(pointer), ctypes.POINTER(Examples)
    number = ctypes.POINTER(ctypes.c_double)
    arguments = {
        "rnncore_model_create": [text, ctypes.c_uint64, ctypes.c_int32, address],
        "rnncore_model_load": [text, ctypes.c_int32, address],
        "rnncore_model_save": [pointer, text, text],
        "rnncore_model_describe": [pointer, address],
        "rnncore_model_loss": [pointer, examples, number],
        "rnncore_model_predict": [pointer, examples, pointer, pointer],
        "rnncore_model_destroy": [pointer],
        "rnncore_trainer_create": [
            pointer, text, ctypes.c_float, ctypes.c_float, ctypes.c_int32, ctypes.c_float,
            ctypes.c_uint64, address,
        ],
        "rnncore_trainer_step": [pointer, examples, number, number],
        "rnncore_trainer_destroy": [pointer],
    }
    for name, types in arguments.items():
        function = getattr(library, name)
        function.argtypes = types
        function.restype = None if name.endswith("destroy") else ctypes.c_int32


_declare()


def as_json(value: object) -> str:
    """JSON of dictionaries, lists and plain values; numbers may be NumPy's."""
    return json.dumps(value, default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"expected a text, a number, None or tuples of them, found {value!r:.60}")


class Batch:
    """Sequences one after the other, with their answers; keeps the arrays that it points to.

    A sequence is [T] numbers of tokens or [T, width] features; its answers are [1] or [T] classes,
    or [1, outputs] numbers.
    """

    def __init__(self, inputs: Sequence[Array], answers: Sequence[Array] | None = None):
        self.lengths = np.array([len(x) for x in inputs], dtype=np.int64)
        self.examples = Examples(len(inputs), self.lengths.ctypes.data)
        self._arrays: list[Array] = []
        joined = np.concatenate(inputs)
        if joined.ndim == 1:
            self.examples.tokens = self._keep(joined, np.int32)
        else:
            self.examples.features = self._keep(joined, np.float32)
        if answers is not None:
            joined = np.concatenate(answers)
            if joined.dtype.kind == "f":
                self.examples.values = self._keep(joined, np.float32)
            else:
                self.examples.classes = self._keep(joined, np.int32)

    def _keep(self, array: Array, dtype: DTypeLike) -> int:
        array = np.ascontiguousarray(array, dtype=dtype)
        self._arrays.append(array)
        return array.ctypes.data


class Model:
    """A sequence model with its trainer, freed with this object.

    A copy, in memory or in a file, has parameters of its own and no trainer.
    """

    def __init__(self, handle: int | None, threads: int):
        self.handle, self.threads = handle, threads
        self.trainer: int | None = None
        description = json.loads(_native.text(library.rnncore_model_describe, handle))
        self.configuration: dict[str, Any] = description["configuration"]
        self.metadata: dict[str, str] = description["metadata"]

    @classmethod
    def create(cls, configuration: dict[str, Any], seed: int, threads: int) -> Model:
        """A model with fresh parameters, of a configuration as `rnncore.h` describes it."""
        handle = ctypes.c_void_p()
        check(library.rnncore_model_create(
            as_json(configuration).encode(), int(seed), threads, ctypes.byref(handle)))
        return cls(handle.value, threads)

    @classmethod
    def load(cls, path: str, threads: int) -> Model:
        """The model of a file; RNNFileError, or RNNError for a file of something else."""
        handle = ctypes.c_void_p()
        check(library.rnncore_model_load(_terminated(path), threads, ctypes.byref(handle)))
        return cls(handle.value, threads)

    def save(self, path: str, metadata: dict[str, str]) -> None:
        """Writes a safetensors file, with texts to be kept in it."""
        check(library.rnncore_model_save(
            self.handle, _terminated(path), as_json(metadata).encode()))

    def begin_training(
        self, rule: str, rate: float, weight_decay: float, clipping: str, threshold: float,
        seed: int,
    ) -> None:
        """Makes a trainer in place of the last one; a weight decay below 0 is the rule's own."""
        trainer = ctypes.c_void_p()
        check(library.rnncore_trainer_create(
            self.handle, rule.encode(), float(rate), float(weight_decay), CLIPPING[clipping],
            float(threshold), int(seed), ctypes.byref(trainer)))
        self.end_training()
        self.trainer = trainer.value

    def end_training(self) -> None:
        """Lets the trainer go."""
        if self.trainer:
            library.rnncore_trainer_destroy(self.trainer)
        self.trainer = None

    def step(self, batch: Batch) -> float:
        """Trains with a batch; the mean loss of an answer before that."""
        loss = ctypes.c_double()
        check(library.rnncore_trainer_step(
            self.trainer, ctypes.byref(batch.examples), ctypes.byref(loss), None))
        return loss.value

    def loss(self, batch: Batch) -> float:
        """The mean loss of an answer, without dropout."""
        loss = ctypes.c_double()
        check(library.rnncore_model_loss(
            self.handle, ctypes.byref(batch.examples), ctypes.byref(loss)))
        return loss.value

    @property
    def answers_at_end(self) -> bool:
        """Whether there is one answer for each sequence, and not one for each step."""
        return bool(self.configuration["answer"] == "at-end")

    def classes(self, inputs: Sequence[Array]) -> NDArray[np.int32]:
        """The likeliest class of each sequence, [n], or of each of N steps, [N]."""
        batch = Batch(inputs)
        classes = np.empty(self._answer_count(batch), dtype=np.int32)
        check(library.rnncore_model_predict(
            self.handle, ctypes.byref(batch.examples), classes.ctypes.data, None))
        return classes

    def outputs(self, inputs: Sequence[Array]) -> NDArray[np.float32]:
        """Probabilities or numbers for each sequence, [n, outputs], or each step, [N, outputs]."""
        batch = Batch(inputs)
        size = self._answer_count(batch), int(self.configuration["outputs"])
        outputs = np.empty(size, dtype=np.float32)
        check(library.rnncore_model_predict(
            self.handle, ctypes.byref(batch.examples), None, outputs.ctypes.data))
        return outputs

    def _answer_count(self, batch: Batch) -> int:
        return len(batch.lengths) if self.answers_at_end else int(batch.lengths.sum())

    def __reduce__(self) -> tuple[Any, ...]:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.safetensors")
            self.save(path, {})
            with open(path, "rb") as file:
                return _from_bytes, (file.read(), self.threads)

    def __del__(self) -> None:
        handle, self.handle = getattr(self, "handle", None), None
        if handle and library:
            self.end_training()
            library.rnncore_model_destroy(handle)


def _terminated(path: str) -> bytes:
    if "\0" in path:
        raise ValueError(f"path: expected one without NUL characters, found {path!r}")
    return os.fsencode(path)


def _from_bytes(content: bytes, threads: int) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.safetensors")
        with open(path, "wb") as file:
            file.write(content)
        return Model.load(path, threads)
