"""torch.nn's recurrent layers with another way of computing them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.compiler import is_compiling
from torch.nn.utils.rnn import PackedSequence

from ._module import Accelerated, compute
from ._runner import PLAIN, Form, Shape

if TYPE_CHECKING:
    from ._calls import LayerCall, LSTMCall

CELLS = {"LSTM": "lstm", "GRU": "gru", "RNN_TANH": "elman", "RNN_RELU": "elman:relu"}


class Layers(Accelerated, nn.RNNBase):
    """What LSTM, GRU and RNN share. Never made by itself."""

    def _shape(self) -> Shape:
        return Shape(
            CELLS[self.mode], self.input_size, self.hidden_size, self.num_layers,
            2 if self.bidirectional else 1, self.bias)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """As that of torch.nn's layer."""
        if hx is None:
            states = []
        elif self.mode != "LSTM":
            states = [hx]
        elif isinstance(hx, (tuple, list)) and len(hx) == 2:
            states = list(hx)
        else:
            return self._by_torch(input, hx)
        packed = isinstance(input, PackedSequence)
        x = input[0] if packed else input
        if packed and not is_compiling():
            check_sizes(input)
        if self.proj_size > 0 or not self._can_read(x, states):
            return self._by_torch(input, hx)
        if packed:
            arranged = self._packed(input, states)
        else:
            arranged = self._dense(x, states)
        if arranged is None:
            return self._by_torch(input, hx)
        x, form, is_swapped = arranged
        dropout = self.dropout if self.training and self.num_layers > 1 else 0.0
        outcome = compute(self, x, form, states, self._weights(self._flat_weights_names), dropout)
        if outcome is None:
            return self._by_torch(input, hx)
        y: Any
        y, hn, cn = outcome
        if is_swapped:
            y = y.transpose(0, 1)
        elif packed:
            y = PackedSequence(y, *input[1:])
            back = input.unsorted_indices
            if back is not None:
                hn = hn.index_select(1, back)
                cn = None if cn is None else cn.index_select(1, back)
        return y, hn if cn is None else (hn, cn)

    def _check_for_torch(self, input: Any, hx: Any) -> None:
        if isinstance(input, PackedSequence) and self.mode == "LSTM" and hx is not None:
            x, sizes, order, _ = input
            self.check_forward_args(x, self.permute_hidden(hx, order), sizes)

    def _dense(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, Form, bool] | None:
        """The input, its form and whether steps and sequences were swapped; None if not right."""
        size = x.shape
        if len(size) == 3:
            steps, sequences, width = size
            if self.batch_first:
                steps, sequences = sequences, steps
        elif len(size) == 2:
            steps, width = size
            sequences = 1
        else:
            return None
        hidden, depth = self.hidden_size, self.num_layers * (2 if self.bidirectional else 1)
        state = (depth, sequences, hidden) if len(size) == 3 else (depth, hidden)
        if width != self.input_size or steps == 0 or sequences == 0:
            return None
        for given in states:
            if given.shape != state:
                return None
        output = 2 * hidden if self.bidirectional else hidden
        # With one step or one sequence both orders are the same in memory.
        if len(size) == 3 and self.batch_first and steps > 1 and sequences > 1:
            form = Form(steps, sequences, (steps, sequences, output), state)
            return x.transpose(0, 1), form, True
        return x, Form(steps, sequences, (*size[:-1], output), state), False

    def _packed(
        self, input: PackedSequence, states: list[Tensor]
    ) -> tuple[Tensor, Form, bool] | None:
        """As `_dense`; brings states into the order of the sequences."""
        x, sizes, order, _ = input
        hidden, depth = self.hidden_size, self.num_layers * (2 if self.bidirectional else 1)
        if x.dim() != 2 or x.shape[1] != self.input_size or x.shape[0] == 0:
            return None
        if order is not None:
            for given in states:
                if given.dim() != 3:
                    return None
            states[:] = [given.index_select(1, order) for given in states]
        # A number out of a tensor would end a graph of torch.compile.
        if is_compiling() and order is not None:
            sequences = order.shape[0]
        elif is_compiling() and states:
            sequences = states[0].shape[1]
        else:
            sequences = int(sizes[0])
        state = (depth, sequences, hidden)
        for given in states:
            if given.shape != state:
                return None
        output = (x.shape[0], 2 * hidden if self.bidirectional else hidden)
        return x, Form(sizes.shape[0], sequences, output, state, sizes.contiguous()), False


def check_sizes(packed: PackedSequence) -> None:
    """Raises ValueError for batch sizes that do not fit; torch.nn reads what is not there.

    `pack_padded_sequence` and its like make none of these.
    """
    x, sizes = packed[:2]
    if type(sizes) is not torch.Tensor or type(x) not in PLAIN:
        return
    if sizes.dtype is not torch.int64 or not sizes.is_cpu or sizes.dim() != 1:
        raise ValueError("batch_sizes of a PackedSequence have to be int64 numbers on the CPU")
    counts = sizes.tolist()
    if not counts or counts[-1] < 1 or sum(counts) != x.shape[0] or any(
        count < following for count, following in itertools.pairwise(counts)
    ):
        raise ValueError(
            f"batch_sizes of a PackedSequence do not fit its {x.shape[0]} rows: {counts}")


class LSTM(Layers, nn.LSTM):
    """torch.nn.LSTM, computed by RNNCore."""

    if TYPE_CHECKING:
        forward: LSTMCall
        __call__: LSTMCall


class GRU(Layers, nn.GRU):
    """torch.nn.GRU, computed by RNNCore."""

    if TYPE_CHECKING:
        forward: LayerCall
        __call__: LayerCall


class RNN(Layers, nn.RNN):
    """torch.nn.RNN, computed by RNNCore."""

    if TYPE_CHECKING:
        forward: LayerCall
        __call__: LayerCall
