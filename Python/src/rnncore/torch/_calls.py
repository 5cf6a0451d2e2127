"""What calls of layers and cells take and give, for type checkers: torch.nn.Module's says Any."""

from __future__ import annotations

from typing import Protocol, overload

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


class LayerCall(Protocol):
    """A call of a GRU or RNN: outputs, and final states [layers · directions, batch, hidden]."""

    @overload
    def __call__(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]: ...

    @overload
    def __call__(
        self, input: PackedSequence, hx: Tensor | None = None
    ) -> tuple[PackedSequence, Tensor]: ...


class LSTMCall(Protocol):
    """A call of an LSTM: outputs, and final states and cell states."""

    @overload
    def __call__(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]: ...

    @overload
    def __call__(
        self, input: PackedSequence, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[PackedSequence, tuple[Tensor, Tensor]]: ...


class CellCall(Protocol):
    """A call of a GRUCell or RNNCell: the next states, [batch, hidden]."""

    def __call__(self, input: Tensor, hx: Tensor | None = None) -> Tensor: ...


class LSTMCellCall(Protocol):
    """A call of an LSTMCell: the next states and cell states, [batch, hidden] each."""

    def __call__(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]: ...
