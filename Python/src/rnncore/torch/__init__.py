"""The recurrent layers of torch.nn, computed by RNNCore on CPUs.

    import rnncore.torch as rt
    lstm = rt.LSTM(128, 256, batch_first=True)        # as torch.nn.LSTM
    print(rt.accelerate(model))                       # all layers inside a model, in place

Classes have torch.nn's constructors, parameters, state_dict and results (to float32 rounding), and
are subclasses of torch.nn's: `isinstance(layer, torch.nn.LSTM)` holds. What RNNCore does not
compute (other types than float32, other devices, `proj_size`, an empty batch, autocast to another
type) goes to torch.nn's own code, with one warning. Second derivatives are refused.

Weights are read anew in each pass that records gradients, and in the first one after that; in
others when one of them has moved or has another version. A change through `.data` moves none: it is
seen from train() or eval() on.

torch.compile makes one operator of each layer or cell. It breaks its graph at all recurrent layers,
torch.nn's and these, unless it is told not to: `torch._dynamo.config.allow_rnn = True`. Sequences
that were packed with `enforce_sorted=True` tell only in a tensor how many they are; without initial
states `torch._dynamo.config.capture_scalar_outputs = True` is needed, too.
"""

from ._accelerate import Acceleration, Kept, Replaced, accelerate, restore
from ._cells import GRUCell, LSTMCell, RNNCell
from ._jacobians import Spectrum, jacobians
from ._layers import GRU, LSTM, RNN
from ._profile import Profile, Record, profile

__all__ = [
    "GRU",
    "GRUCell",
    "LSTM",
    "LSTMCell",
    "RNN",
    "RNNCell",
    "Acceleration",
    "Kept",
    "Profile",
    "Record",
    "Replaced",
    "Spectrum",
    "accelerate",
    "jacobians",
    "profile",
    "restore",
]
