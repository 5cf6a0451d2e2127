"""From tensors to the C library and back: no torch.nn here."""

from __future__ import annotations

import ctypes
import operator
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import NamedTuple, overload

import torch
from torch import Tensor

from .._native import Batch, Options, Pass, ProfileHandle, Stack, check, library, text

# torch's threads spin for milliseconds after each of its operations, on the cores that others would
# need: layers work with them. Where there are none to be found, the library has its own.
library.rnncore_use_openmp(True)

PLAIN = frozenset({Tensor, torch.nn.Parameter})
"""Types of tensors whose numbers are where `data_ptr` says."""


class Unfit(TypeError):
    """Weights that the library cannot read where they are."""


class Shape:
    """What a runner's stack is made of; also a text, which a compiled graph can hold."""

    __slots__ = ("text", "cell", "input", "hidden", "layers", "directions", "has_biases")

    def __init__(
        self, cell: str, input: int, hidden: int, layers: int, directions: int, has_biases: bool
    ):
        self.cell, self.input, self.hidden, self.layers = cell, input, hidden, layers
        self.directions, self.has_biases = directions, has_biases
        self.text = f"{cell} {input} {hidden} {layers} {directions} {int(has_biases)}"

    @classmethod
    def parse(cls, text: str) -> Shape:
        """The shape of which this is the text."""
        cell, *numbers = text.split()
        input, hidden, layers, directions, has_biases = map(int, numbers)
        return cls(cell, input, hidden, layers, directions, bool(has_biases))


class Form(NamedTuple):
    """Sizes of a batch, and the shapes that torch gives to what is computed from it.

    `output` is None where outputs are not wanted, `sizes` the batch sizes of a PackedSequence.
    """

    steps: int
    sequences: int
    output: tuple[int, ...] | None
    state: tuple[int, ...]
    sizes: Tensor | None = None


class Runner:
    """A stack that reads its weights where torch has them.

    Several threads may use a runner: they take turns. All tensors it is given are of float32, on
    the CPU and contiguous, of the sizes that the form says; the weights' it looks at itself.
    """

    observer: Callable[[], Look | None] | None = None
    """Is asked at each way back whether that is to be looked at, see `profile`."""

    def __init__(self, shape: Shape):
        self.shape = shape
        self.stack = stack = Stack(
            shape.cell, shape.input, shape.hidden, shape.layers,
            "bidirectional" if shape.directions == 2 else "forward")
        self.has_cell_state = stack.cell_state_size > 0
        # The places of torch's parameters among the stack's: without biases these are left NULL.
        per_layer = 4 if shape.has_biases else 2
        count = stack.parameter_count // 4 * per_layer
        self.places = [i // per_layer * 4 + i % per_layer for i in range(count)]
        sizes = [stack.parameter(place)[1:] for place in self.places]
        self.sizes = [size if i % per_layer < 2 else size[:1] for i, size in enumerate(sizes)]
        self.forget_weights()
        # What a call fills for the library, used again by the next one.
        self.lock = threading.Lock()
        self.values = (ctypes.c_void_p * stack.parameter_count)()
        self.gradients = (ctypes.c_void_p * stack.parameter_count)()
        self.batch, self.options, self.handle = Batch(), Options(), ctypes.c_void_p()
        self.batch_at = ctypes.byref(self.batch)
        self.options_at = ctypes.byref(self.options)
        self.handle_at = ctypes.byref(self.handle)
        with _forking:
            _runners.add(self)

    def forget_weights(self) -> None:
        """The next call reads the weights anew, whatever torch says of them."""
        self.weights: Sequence[Tensor | None] = [None] * len(self.places)
        self.addresses: list[int] = []
        self.versions: list[int] | None = None

    def _bind(self, weights: Sequence[Tensor], changed: bool) -> None:
        """Lets the stack read these weights, anew if they have changed or are not the last ones."""
        known = all(map(operator.is_, weights, self.weights))
        if not known:
            self._check(weights)
        addresses = [weight.data_ptr() for weight in weights]
        if not known or addresses != self.addresses:
            self._check(weights)
            for place, address in zip(self.places, addresses, strict=True):
                self.values[place] = address
            # Parameters are known again by what they are; other tensors are new ones at each call
            # and may hold a graph. Their memory is kept, that no others come to lie there.
            parameters = all(type(weight) is torch.nn.Parameter for weight in weights)
            self.weights = weights if parameters else [None] * len(self.places)
            self.kept = [weight.detach() for weight in weights]
            self.addresses = addresses
            changed = True
        if changed:
            check(library.rnncore_stack_bind(self.stack.handle, self.values, True))

    def _check(self, weights: Sequence[Tensor]) -> None:
        if len(weights) != len(self.sizes):
            raise Unfit("it has weights that are not torch.nn's")
        for weight, size in zip(weights, self.sizes, strict=True):
            if type(weight) not in PLAIN or weight.layout is not torch.strided:
                raise Unfit(f"a weight is a {type(weight).__name__}, not a usual tensor")
            if weight.dtype is not torch.float32 or not weight.is_cpu:
                raise Unfit(f"its weights are {weight.dtype} on {weight.device}")
            if weight.shape != size:
                # Not left to torch: there are kernels in it that read beyond such a weight.
                raise RuntimeError(
                    f"Expected a weight of size {tuple(size)}, got {list(weight.shape)}")
            if not weight.is_contiguous() or weight.is_neg():
                raise Unfit("a weight is not contiguous")

    def forward(
        self, x: Tensor, form: Form, h0: Tensor | None, c0: Tensor | None,
        weights: Sequence[Tensor], dropout: float, seed: int, recording: bool,
    ) -> tuple[Tensor | None, Tensor, Tensor | None, Pass | None]:
        """The outputs, final states and record of a pass; h0 and c0 may be None for zeros.

        With a record the weights are read anew, without where one lies elsewhere or has another
        version than at the last call: changes through `.data` move no version.
        """
        steps, sequences, output, state, sizes = form
        y = None if output is None else x.new_empty(*output)
        hn = x.new_empty(*state)
        cn = x.new_empty(*state) if self.has_cell_state else None
        versions = None if recording else _versions(weights)
        with self.lock:
            self._bind(weights, versions is None or versions != self.versions)
            self.versions = versions
            batch, options = self.batch, self.options
            batch.steps, batch.sequences = steps, sequences
            batch.sizes = None if sizes is None else sizes.data_ptr()
            options.threads = torch.get_num_threads()
            options.dropout, options.dropout_seed = dropout, seed
            check(library.rnncore_forward(
                self.stack.handle, self.batch_at, x.data_ptr(),
                None if h0 is None else h0.data_ptr(), None if c0 is None else c0.data_ptr(),
                None if y is None else y.data_ptr(), hn.data_ptr(),
                None if cn is None else cn.data_ptr(),
                self.options_at, self.handle_at if recording else None))
            record = Pass(self.handle.value) if recording else None
        return y, hn, cn, record

    def backward(
        self, record: Pass, x: Tensor, form: Form, dy: Tensor | None, dhn: Tensor | None,
        dcn: Tensor | None, weights: Sequence[Tensor], wants: Sequence[bool],
    ) -> list[Tensor | None]:
        """The gradients of the input, h0, c0 and each weight; None for what is not wanted."""
        found = _empty(x, form, weights, wants)
        dx, dh0, dc0, *gradients = found
        with self.lock:
            self._bind(weights, False)
            for place, gradient in zip(self.places, gradients, strict=True):
                self.gradients[place] = None if gradient is None else gradient.data_ptr()
            check(library.rnncore_backward(
                record.handle, x.data_ptr(), _address(dy), _address(dhn), _address(dcn),
                _address(dx), _address(dh0), _address(dc0), self.gradients,
                torch.get_num_threads()))
        return found

    def profiled_backward(
        self, look: Look, start: tuple[Tensor | None, Tensor | None, float, int], record: Pass,
        x: Tensor, form: Form, dy: Tensor | None, dhn: Tensor | None, dcn: Tensor | None,
        weights: Sequence[Tensor], wants: Sequence[bool],
    ) -> list[Tensor | None]:
        """As `backward`, and looks on the way; `start` has the forward pass's h0, c0, dropout and
        its seed."""
        h0, c0, dropout, seed = start
        found = _empty(x, form, weights, wants)
        dx, dh0, dc0, *gradients = found
        options, handle = Options(torch.get_num_threads(), dropout, seed), ctypes.c_void_p()
        with self.lock:
            self._bind(weights, False)
            known = dict(zip(self.places, gradients, strict=True))
            # Norms are told of what nobody wants, too.
            kept = [known.get(place) for place in range(self.stack.parameter_count)]
            for place, gradient in enumerate(kept):
                if gradient is None:
                    kept[place] = torch.zeros(self.stack.parameter(place)[1:])
            addresses = (ctypes.c_void_p * len(kept))(*map(_address, kept))
            check(library.rnncore_backward_profiled(
                record.handle, x.data_ptr(), _address(h0), _address(c0), _address(dy),
                _address(dhn), _address(dcn), _address(dx), _address(dh0), _address(dc0),
                addresses, ctypes.byref(options), look.memory_needed, look.jacobians,
                ctypes.byref(handle)))
        look.take(ProfileHandle(handle.value))
        return found

    def jacobians(
        self, x: Tensor, form: Form, h0: Tensor | None, c0: Tensor | None,
        weights: Sequence[Tensor], sequence: int,
    ) -> str:
        """What steps do to the states along one sequence, as JSON."""
        options, batch = Options(torch.get_num_threads(), 0, 0), _batch(form)
        with self.lock:
            self._bind(weights, True)
            return text(
                library.rnncore_stack_jacobians, self.stack.handle, ctypes.byref(batch),
                x.data_ptr(), _address(h0), _address(c0), ctypes.byref(options), sequence)


class Look(NamedTuple):
    """What is wanted of a way back, and who takes it."""

    memory_needed: int
    """Steps that have to be remembered, below 0 for all."""
    jacobians: bool
    take: Callable[[ProfileHandle], None]


def _empty(
    x: Tensor, form: Form, weights: Sequence[Tensor], wants: Sequence[bool]
) -> list[Tensor | None]:
    """Places for the gradients of the input, h0, c0 and each weight, those of weights with zeros;
    None for what is not wanted."""
    return [
        torch.empty_like(x) if wants[0] else None,
        x.new_empty(*form.state) if wants[1] else None,
        x.new_empty(*form.state) if wants[2] else None,
        *[torch.zeros_like(weight) if wanted else None
          for weight, wanted in zip(weights, wants[3:], strict=True)]]


def _batch(form: Form) -> Batch:
    return Batch(
        form.steps, form.sequences, None if form.sizes is None else form.sizes.data_ptr())


_runners: weakref.WeakSet[Runner] = weakref.WeakSet()
_forking = threading.Lock()
_held: list[threading.Lock] = []


def _hold() -> None:
    """Waits until no other thread is inside of a call: a child would wait for it for ever."""
    _forking.acquire()
    _held[:] = [lock for lock in [runner.lock for runner in _runners] if lock.acquire(timeout=10)]


def _let_go() -> None:
    for lock in _held:
        lock.release()
    _forking.release()


os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_let_go)


def _versions(weights: Sequence[Tensor]) -> list[int] | None:
    try:
        return [weight._version for weight in weights]
    except RuntimeError:
        # Tensors made in inference mode have none.
        return None


def _address(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


@overload
def plain(tensor: Tensor) -> Tensor: ...


@overload
def plain(tensor: Tensor | None) -> Tensor | None: ...


def plain(tensor: Tensor | None) -> Tensor | None:
    """The same numbers, where and as the library reads them."""
    return None if tensor is None else tensor.contiguous().resolve_neg()


def draw_seed() -> Tensor:
    """A seed from torch's generator, so that torch.manual_seed decides what is dropped."""
    # As an operator: torch.compile takes no random_ in place, and draws otherwise for randint.
    seed: Tensor = torch.ops.aten.random(torch.empty((), dtype=torch.int64, device="cpu"))
    return seed
