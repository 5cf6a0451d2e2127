"""A whole model of the C library over NumPy arrays."""

from __future__ import annotations

import ctypes
import json

import numpy as np

from . import _native
from ._native import check, library

CLIPPING = {"none": 0, "value": 1, "norm": 2, "layer-norm": 3}


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


class Batch:
    """Sequences one after the other, with their answers; keeps the arrays that it points to."""

    def __init__(self, inputs, answers=None):
        self.lengths = np.array([len(x) for x in inputs], dtype=np.int64)
        self.examples = Examples(len(inputs), self.lengths.ctypes.data)
        self._arrays = []
        first = inputs[0]
        if first.ndim == 1:
            self.examples.tokens = self._keep(np.concatenate(inputs), np.int32)
        else:
            self.examples.features = self._keep(np.concatenate(inputs), np.float32)
        if answers is not None:
            # One answer a sequence, or an array of answers a sequence.
            joined = np.concatenate([np.atleast_1d(answer) for answer in answers])
            if joined.dtype.kind == "f":
                self.examples.values = self._keep(joined, np.float32)
            else:
                self.examples.classes = self._keep(joined, np.int32)

    def _keep(self, array, dtype):
        array = np.ascontiguousarray(array, dtype=dtype)
        self._arrays.append(array)
        return array.ctypes.data


class Model:
    """A sequence model with its trainer, freed with this object."""

    def __init__(self, handle: int):
        self.handle, self.trainer = handle, None
        description = json.loads(_native.text(library.rnncore_model_describe, handle))
        self.configuration = description["configuration"]
        self.metadata = description["metadata"]
        self.parameters = description["parameters"]

    @classmethod
    def create(cls, configuration: dict, seed: int, threads: int) -> Model:
        handle = ctypes.c_void_p()
        check(library.rnncore_model_create(
            json.dumps(configuration).encode(), seed, threads, ctypes.byref(handle)))
        return cls(handle.value)

    @classmethod
    def load(cls, path: str, threads: int) -> Model:
        handle = ctypes.c_void_p()
        check(library.rnncore_model_load(path.encode(), threads, ctypes.byref(handle)))
        return cls(handle.value)

    def save(self, path: str, metadata: dict[str, str]) -> None:
        check(library.rnncore_model_save(
            self.handle, path.encode(), json.dumps(metadata).encode()))

    def begin_training(
        self, rule: str, rate: float, weight_decay: float, clipping: str, threshold: float,
        seed: int,
    ) -> None:
        trainer = ctypes.c_void_p()
        check(library.rnncore_trainer_create(
            self.handle, rule.encode(), rate, weight_decay, CLIPPING[clipping], threshold, seed,
            ctypes.byref(trainer)))
        self.end_training()
        self.trainer = trainer.value

    def end_training(self) -> None:
        if self.trainer:
            library.rnncore_trainer_destroy(self.trainer)
        self.trainer = None

    def step(self, batch: Batch) -> float:
        loss = ctypes.c_double()
        check(library.rnncore_trainer_step(
            self.trainer, ctypes.byref(batch.examples), ctypes.byref(loss), None))
        return loss.value

    def loss(self, batch: Batch) -> float:
        loss = ctypes.c_double()
        check(library.rnncore_model_loss(
            self.handle, ctypes.byref(batch.examples), ctypes.byref(loss)))
        return loss.value

    def predict(self, inputs, wants_classes: bool):
        """Classes (or None) and outputs, [count, …] or [N, …]."""
        batch = Batch(inputs)
        at_end = self.configuration["answer"] == "at-end"
        count = len(inputs) if at_end else int(batch.lengths.sum())
        classes = np.empty(count, dtype=np.int32) if wants_classes else None
        outputs = np.empty((count, self.configuration["outputs"]), dtype=np.float32)
        check(library.rnncore_model_predict(
            self.handle, ctypes.byref(batch.examples),
            classes.ctypes.data if wants_classes else None, outputs.ctypes.data))
        return classes, outputs

    def __del__(self):
        handle, self.handle = getattr(self, "handle", None), None
        if handle and library:
            self.end_training()
            library.rnncore_model_destroy(handle)
