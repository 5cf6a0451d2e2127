"""Recurrent networks on CPUs: RNNCore's engine for Python.

    from rnncore import Classifier
    model = Classifier("gru").fit(sequences, labels)

`Classifier`, `Regressor`, `Tagger` and `LanguageModel` follow scikit-learn's manners.
`rnncore.torch` has the recurrent layers of torch.nn. `python -m rnncore` is the command line.
"""

import json as _json
from typing import Any as _Any

from . import _native
from ._estimator import Estimator, NotFittedError
from ._estimators import Classifier, LanguageModel, Regressor, Tagger
from ._native import RNNError, RNNFileError, RNNMemoryError

__version__: str = _native.library.rnncore_version().decode()
__all__ = [
    "Classifier",
    "Estimator",
    "LanguageModel",
    "NotFittedError",
    "RNNError",
    "RNNFileError",
    "RNNMemoryError",
    "Regressor",
    "Tagger",
    "describe",
]


def describe() -> dict[str, _Any]:
    """The library's version, CPU, kernels, matrix products and standard number of threads."""
    found: dict[str, _Any] = _json.loads(_native.text(_native.library.rnncore_describe))
    return found
