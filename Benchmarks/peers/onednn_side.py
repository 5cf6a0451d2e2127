"""Bare oneDNN as one of the sides: a program that measures one cell on one shape and ends."""

import json
import subprocess
import sys
from pathlib import Path

from shapes import Shape


class OneDNN:
    def __init__(self, program: Path, threads: int, budget: float):
        self.program = program
        self.threads = threads
        self.budget = budget
        self.version = ""
        # What oneDNN calls the implementations that it chose, by pass and cell.
        self.implementations: dict[str, dict[str, set[str]]] = {}

    def check(self) -> None:
        """Ends the run where its network is not PyTorch's."""
        script = Path(__file__).parent / "onednn_check.py"
        command = [sys.executable, str(script), "--program", str(self.program), "--threads", str(self.threads)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(run.stderr.strip())

    def measure(self, cell: str, shape: Shape, passes: list[str], gap: float = 0) -> dict[str, float]:
        """Seconds a pass by name. The gap is in milliseconds."""
        sizes = [shape.batch, shape.steps, shape.input, shape.hidden, shape.layers]
        command = [
            str(self.program), cell, *map(str, sizes), "--passes", ",".join(passes),
            "--seconds", str(self.budget), "--threads", str(self.threads), "--gap", str(gap),
        ]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {run.stderr.strip()}")
        document = json.loads(run.stdout)
        self.version = document["version"]
        for name, implementation in document["implementations"].items():
            self.implementations.setdefault(name, {}).setdefault(cell, set()).add(implementation)
        return {name: entry["seconds"] for name, entry in document["passes"].items()}
