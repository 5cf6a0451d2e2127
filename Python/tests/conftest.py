"""Finds the package beside the tests and its library, or skips tests with a reason."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys

import pytest

TORCH = {"test_torch", "test_torch_modules", "test_torch_compile", "test_robustness"}
# Threads of torch spin after each operation: beside other work small tests would wait for them.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

SOURCES = pathlib.Path(__file__).parents[1] / "src"
if importlib.util.find_spec("rnncore") is None:
    sys.path.insert(0, str(SOURCES))


def _what_is_missing(module: pathlib.Path) -> str | None:
    package = pathlib.Path(importlib.util.find_spec("rnncore").origin).parent
    library = os.environ.get("RNNCORE_LIBRARY") or str(package / "librnncore.so")
    if not os.path.exists(library):
        return f"no library at {library}: RNNCORE_LIBRARY says where one is"
    if module.stem in TORCH and importlib.util.find_spec("torch") is None:
        return "torch is not installed"
    return None


class _Skipped(pytest.Module):
    def collect(self):
        pytest.skip(_what_is_missing(self.path), allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    """Keeps modules that could not be imported from being so."""
    if _what_is_missing(module_path) is not None:
        return _Skipped.from_parent(parent, path=module_path)
    return None


@pytest.fixture(autouse=True)
def _seeded(request):
    """Lets every test of layers start from the same random numbers and with all reasons unsaid."""
    if request.path.stem in TORCH:
        import torch

        from rnncore.torch import _module

        torch.manual_seed(1)
        _module._warned.clear()
