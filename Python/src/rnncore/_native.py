"""The C library, `rnncore.h`, as ctypes functions that raise what they return."""

from __future__ import annotations

import ctypes
import os
import pathlib
from collections.abc import Callable, Sequence
from typing import ClassVar

ABI_VERSION = 1


class RNNError(ValueError):
    """What a call of the library says is wrong, in one sentence.

    `kind` is one of `shape`, `range`, `vocabulary`, `empty`, `non-finite`, `format`,
    `unsupported`, `file` and `memory`.
    """

    def __init__(self, message: str, kind: str):
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[type[RNNError], tuple[str, str]]:
        return (type(self), (self.args[0], self.kind))


class RNNMemoryError(RNNError, MemoryError):
    """More memory than the process may take."""


class RNNFileError(RNNError, OSError):
    """A file that cannot be read or written."""


_KINDS = [
    "shape", "range", "vocabulary", "empty", "non-finite", "format", "unsupported", "file",
    "memory",
]
_ERRORS = {"memory": RNNMemoryError, "file": RNNFileError}


class Batch(ctypes.Structure):
    """`rnncore_batch`."""

    _fields_ = [
        ("steps", ctypes.c_int64),
        ("sequences", ctypes.c_int64),
        ("sizes", ctypes.c_void_p),
    ]


class Options(ctypes.Structure):
    """`rnncore_options`."""

    _fields_ = [
        ("threads", ctypes.c_int32),
        ("dropout", ctypes.c_float),
        ("dropout_seed", ctypes.c_uint64),
    ]


class Look(ctypes.Structure):
    """`rnncore_look`."""

    _fields_ = [
        ("profile", ctypes.c_void_p),
        ("model", ctypes.c_char_p),
        ("step", ctypes.c_int64),
    ]


def _path() -> str:
    chosen = os.environ.get("RNNCORE_LIBRARY")
    return chosen or str(pathlib.Path(__file__).with_name("librnncore.so"))


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(_path())
    version = library.rnncore_abi_version()
    if version != ABI_VERSION:
        raise ImportError(f"{_path()} has version {version} of the interface, not {ABI_VERSION}")
    pointer, number, text = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p
    address = ctypes.POINTER(pointer)
    results = {
        "rnncore_version": text,
        "rnncore_last_error": text,
        "rnncore_stack_output_size": number,
        "rnncore_stack_state_size": number,
        "rnncore_stack_cell_state_size": number,
        "rnncore_stack_parameter_count": number,
        "rnncore_stack_destroy": None,
        "rnncore_pass_destroy": None,
        "rnncore_profile_destroy": None,
        "rnncore_free": None,
    }
    arguments = {
        "rnncore_version": [],
        "rnncore_last_error": [],
        "rnncore_describe": [address],
        "rnncore_use_openmp": [ctypes.c_bool],
        "rnncore_free": [pointer],
        "rnncore_stack_create": [text, number, number, number, ctypes.c_int32, number, address],
        "rnncore_stack_destroy": [pointer],
        "rnncore_stack_output_size": [pointer],
        "rnncore_stack_state_size": [pointer],
        "rnncore_stack_cell_state_size": [pointer],
        "rnncore_stack_parameter_count": [pointer],
        "rnncore_stack_parameter": [
            pointer, number, ctypes.POINTER(text), ctypes.POINTER(number), ctypes.POINTER(number),
        ],
        "rnncore_stack_make_parameters": [pointer, ctypes.c_uint64],
        "rnncore_stack_values": [pointer, number, address, address],
        "rnncore_stack_bind": [pointer, pointer, ctypes.c_bool],
        "rnncore_stack_changed": [pointer],
        "rnncore_forward": [pointer] * 10,
        "rnncore_backward": [pointer] * 9 + [ctypes.c_int32],
        "rnncore_pass_destroy": [pointer],
        "rnncore_profile_create": [pointer] * 9 + [number, ctypes.c_bool, address],
        "rnncore_backward_profiled": [pointer] * 12 + [number, ctypes.c_bool, address],
        "rnncore_profile_describe": [pointer, address],
        "rnncore_profile_destroy": [pointer],
        "rnncore_stack_jacobians": [pointer] * 6 + [number, address],
        "rnncore_report_write": [ctypes.POINTER(Look), number, text, text],
    }
    for name, types in arguments.items():
        function = getattr(library, name)
        function.argtypes = types
        function.restype = results.get(name, ctypes.c_int32)
    return library


library = _load()


def check(status: int) -> None:
    """Raises what a call has returned, with the library's sentence."""
    if status:
        kind = _KINDS[status - 1]
        message = library.rnncore_last_error().decode(errors="replace")
        raise _ERRORS.get(kind, RNNError)(message, kind)


def text(call: Callable[..., int], *arguments: object) -> str:
    """The text that a function of the library makes for its last argument."""
    result = ctypes.c_void_p()
    check(call(*arguments, ctypes.byref(result)))
    try:
        return ctypes.string_at(result).decode()
    finally:
        library.rnncore_free(result)


class Owned:
    """Something of the library's, freed with this object."""

    __slots__ = ("handle",)

    FREE = ""
    """The function of the library that frees it."""

    def __init__(self, handle: int | None):
        self.handle = handle

    def __del__(self) -> None:
        # A failed constructor has no handle, and at the end of the interpreter no library.
        handle, self.handle = getattr(self, "handle", None), None
        if handle and library:
            getattr(library, self.FREE)(handle)


class Stack(Owned):
    """A stack of layers."""

    FREE = "rnncore_stack_destroy"
    DIRECTIONS: ClassVar[dict[str, int]] = {
        "forward": 0, "bidirectional": 1, "bidirectional-sum": 2}

    def __init__(
        self, cell: str, input: int, hidden: int, layers: int = 1, directions: str = "forward",
        output: int = 0,
    ):
        handle = ctypes.c_void_p()
        check(library.rnncore_stack_create(
            cell.encode(), input, hidden, layers, self.DIRECTIONS[directions], output,
            ctypes.byref(handle)))
        super().__init__(handle.value)
        self.output_size: int = library.rnncore_stack_output_size(self.handle)
        self.state_size: int = library.rnncore_stack_state_size(self.handle)
        self.cell_state_size: int = library.rnncore_stack_cell_state_size(self.handle)
        self.parameter_count: int = library.rnncore_stack_parameter_count(self.handle)

    def parameter(self, place: int) -> tuple[str, int, int]:
        """Name, rows and columns of a parameter."""
        name, rows, columns = ctypes.c_char_p(), ctypes.c_int64(), ctypes.c_int64()
        check(library.rnncore_stack_parameter(
            self.handle, place, ctypes.byref(name), ctypes.byref(rows), ctypes.byref(columns)))
        return (name.value or b"").decode(), rows.value, columns.value


class Pass(Owned):
    """The record of a forward pass."""

    __slots__ = ()
    FREE = "rnncore_pass_destroy"


class ProfileHandle(Owned):
    """Where the gradient went in one pass."""

    __slots__ = ()
    FREE = "rnncore_profile_destroy"

    def describe(self) -> str:
        """All of it as JSON."""
        return text(library.rnncore_profile_describe, self.handle)


def write_report(
    looks: Sequence[tuple[ProfileHandle, str, int]], subject: str | None, path: str
) -> None:
    """Writes profiles, each with the name of its module and its training step, as HTML."""
    table = (Look * len(looks))(*[
        Look(profile.handle, name.encode(), step) for profile, name, step in looks])
    check(library.rnncore_report_write(
        table, len(looks), None if subject is None else subject.encode(), os.fsencode(path)))
