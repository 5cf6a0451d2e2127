"""Recurrent networks on CPUs: RNNCore's engine for Python.

    from rnncore import Classifier
    model = Classifier("gru").fit(sequences, labels)

`Classifier`, `Regressor`, `Tagger` and `LanguageModel` follow scikit-learn's manners.
`rnncore.torch` has the recurrent layers of torch.nn. `python -m rnncore` is the command line.
"""

import json as _json

from . import _native
from ._estimators import Classifier, LanguageModel, NotFittedError, Regressor, Tagger
from ._native import RNNError, RNNFileError, RNNMemoryError

__version__ = _native.library.rnncore_version().decode()
__all__ = [
    "Classifier",
    "LanguageModel",
    "NotFittedError",
    "RNNError",
    "RNNFileError",
    "RNNMemoryError",
    "Regressor",
    "Tagger",
    "describe",
]


def describe() -> dict:
    """The library's version, CPU, kernels, matrix products and standard number of threads."""
    return _json.loads(_native.text(_native.library.rnncore_describe))
