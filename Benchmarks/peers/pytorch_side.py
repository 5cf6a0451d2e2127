"""PyTorch as one of the sides: a process of its own that answers requests."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

from shapes import Shape


class PyTorch:
    def __init__(self, threads: int, budget: float, flush: bool = False):
        self.budget = budget
        command = [sys.executable, str(Path(__file__).parent / "pytorch_worker.py"), "--threads", str(threads)]
        self.process = subprocess.Popen(
            command + ["--flush"] * flush, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self.reply()

    def reply(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("PyTorch's process has ended")
        return json.loads(line)

    def ask(self, **request) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        result = self.reply()
        # Its threads spin for a while after their last loop.
        time.sleep(0.3)
        return result

    def measure(
        self, cell: str, shape: Shape, passes: list[str], variant: str = "dense"
    ) -> tuple[dict[str, float], int]:
        """Seconds a pass by name, and the number of real tokens."""
        result = self.ask(
            cell=cell, shape=dataclasses.asdict(shape), passes=passes, variant=variant,
            seconds=self.budget)
        return result["seconds"], result["tokens"]
