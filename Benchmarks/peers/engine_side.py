"""Runs `rnnbench throughput` on one shape and reads what it measured."""

import json
import subprocess
import tempfile
from pathlib import Path

from shapes import CSV_HEADER, Shape


class Engine:
    def __init__(self, executable: Path, threads: int, budget: float):
        self.executable = executable
        self.threads = threads
        self.budget = budget
        self.machine: dict = {}
        self.peak: float | None = None

    def rows(self, shape: Shape, cells: list[str], passes: list[str]) -> list[dict]:
        """One row a cell and pass, as `--json` writes them."""
        with tempfile.TemporaryDirectory() as directory:
            shapes = Path(directory) / "shapes.csv"
            result = Path(directory) / "result.json"
            shapes.write_text(f"{CSV_HEADER}\n{shape.csv()}\n")
            command = [
                str(self.executable), "throughput", "--shapes", str(shapes),
                "--cells", ",".join(cells), "--passes", ",".join(passes),
                "--threads", str(self.threads), "--seconds", str(self.budget),
                "--json", str(result),
            ]
            # The sgemm peak is measured in the first run only.
            if self.peak:
                command += ["--peak", f"{self.peak:.1f}"]
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode != 0:
                raise SystemExit(f"{' '.join(command)}: {run.stderr.strip()}")
            document = json.loads(result.read_text())
        self.machine = self.machine or document["machine"]
        if not self.peak:
            row = document["rows"][0]
            self.peak = row["gflops"] / row["peakShare"]
        return document["rows"]
