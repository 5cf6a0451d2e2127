"""Finds the package beside the tests and its library, or skips tests with a reason."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys

import pytest

OF_TORCH = {"test_robustness", "test_tutorial"}
# Threads of torch spin after each operation: beside other work small tests would wait for them.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

SOURCES = pathlib.Path(__file__).parents[1] / "src"
if importlib.util.find_spec("rnncore") is None:
    sys.path.insert(0, str(SOURCES))


def needs_torch(module: pathlib.Path) -> bool:
    """Whether a module of tests is one of rnncore.torch."""
    return module.stem.startswith("test_torch") or module.stem in OF_TORCH


def _what_is_missing(module: pathlib.Path) -> str | None:
    package = pathlib.Path(importlib.util.find_spec("rnncore").origin).parent
    library = os.environ.get("RNNCORE_LIBRARY") or str(package / "librnncore.so")
    if not os.path.exists(library):
        return f"no library at {library}: RNNCORE_LIBRARY says where one is"
    if needs_torch(module) and importlib.util.find_spec("torch") is None:
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


class Counted:
    """How often torch's own code and RNNCore ran."""

    def __init__(self, monkeypatch):
        from rnncore.torch import _module, _runner

        self.torch = self.ours = 0
        by_torch, forward = _module.Accelerated._by_torch, _runner.Runner.forward

        def count_torch(*arguments):
            self.torch += 1
            return by_torch(*arguments)

        def count_ours(*arguments):
            self.ours += 1
            return forward(*arguments)

        monkeypatch.setattr(_module.Accelerated, "_by_torch", count_torch)
        monkeypatch.setattr(_runner.Runner, "forward", count_ours)


@pytest.fixture
def counted(monkeypatch):
    return Counted(monkeypatch)


@pytest.fixture(autouse=True)
def _seeded(request):
    """Lets every test of layers start from the same random numbers and with all reasons unsaid."""
    if needs_torch(request.path):
        import torch

        from rnncore.torch import _module

        torch.manual_seed(1)
        _module._warned.clear()
