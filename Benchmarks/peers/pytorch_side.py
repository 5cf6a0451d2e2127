"""PyTorch as one of the sides: a process of its own that answers requests."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

from shapes import Adding, Shape


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
        self, cell: str, shape: Shape, passes: list[str], gap: float = 0, variant: str = "dense"
    ) -> tuple[dict[str, float], int]:
        """Seconds a pass by name, and the number of real tokens. The gap is in milliseconds."""
        result = self.ask(
            do="passes", cell=cell, shape=dataclasses.asdict(shape), passes=passes, variant=variant,
            seconds=self.budget, gap=1e-3 * gap)
        return result["seconds"], result["tokens"]

    def adding(self, cell: str, size: Adding) -> float:
        """Seconds of training on the adding problem."""
        return self.ask(do="adding", cell=cell, size=dataclasses.asdict(size))["seconds"]
