"""torch.nn's recurrent cells, a step a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from ._module import Accelerated, compute
from ._runner import Form, Shape

if TYPE_CHECKING:
    from ._calls import CellCall, LSTMCellCall

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Cell(Accelerated, nn.RNNCellBase):
    """What the cells share. Never made by itself."""

    def _shape(self) -> Shape:
        return Shape(self._cell(), self.input_size, self.hidden_size, 1, 1, self.bias)

    def _cell(self) -> str:
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> Any:
        """As that of torch.nn's cell."""
        has_cell_state = isinstance(self, nn.LSTMCell)
        if hx is None:
            states = []
        elif not has_cell_state:
            states = [hx]
        elif isinstance(hx, (tuple, list)) and len(hx) == 2:
            states = list(hx)
        else:
            return self._by_torch(input, hx)
        if not self._can_read(input, states):
            return self._by_torch(input, hx)
        size = input.shape
        state = (*size[:-1], self.hidden_size)
        if len(size) not in (1, 2) or size[-1] != self.input_size or 0 in size or 0 in state:
            return self._by_torch(input, hx)
        for given in states:
            if given.shape != state:
                return self._by_torch(input, hx)
        form = Form(1, size[0] if len(size) == 2 else 1, None, state)
        names = WEIGHTS if self.bias else WEIGHTS[:2]
        outcome = compute(self, input, form, states, self._weights(names), 0.0)
        if outcome is None:
            return self._by_torch(input, hx)
        _, hn, cn = outcome
        return (hn, cn) if has_cell_state else hn


class LSTMCell(Cell, nn.LSTMCell):
    """torch.nn.LSTMCell, computed by RNNCore."""

    if TYPE_CHECKING:
        forward: LSTMCellCall
        __call__: LSTMCellCall

    def _cell(self) -> str:
        return "lstm"


class GRUCell(Cell, nn.GRUCell):
    """torch.nn.GRUCell, computed by RNNCore."""

    if TYPE_CHECKING:
        forward: CellCall
        __call__: CellCall

    def _cell(self) -> str:
        return "gru"


class RNNCell(Cell, nn.RNNCell):
    """torch.nn.RNNCell, computed by RNNCore."""

    if TYPE_CHECKING:
        forward: CellCall
        __call__: CellCall

    def _cell(self) -> str:
        return "elman:relu" if self.nonlinearity == "relu" else "elman"
