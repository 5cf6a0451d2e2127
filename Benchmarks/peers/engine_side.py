"""RNNCore as one of the sides: runs of `rnnbench`, and what they measured."""

import json
import subprocess
import tempfile
from pathlib import Path

from shapes import CSV_HEADER, Adding, Shape

# Cells as `rnnbench compare` names them, so that an LSTM starts without a bias that keeps.
ADDING_CELLS = {"elman": "elman", "gru": "gru", "lstm": "lstm:forget-bias=0"}


class Engine:
    def __init__(self, executable: Path, threads: int, budget: float):
        self.executable = executable
        self.threads = threads
        self.budget = budget
        self.machine: dict = {}
        self.peak: float | None = None

    def run(self, directory: str, arguments: list[str]) -> dict:
        """What a run writes with `--json`."""
        result = Path(directory) / "result.json"
        command = [str(self.executable), *arguments, "--threads", str(self.threads), "--json", str(result)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {run.stderr.strip()}")
        document = json.loads(result.read_text())
        self.machine = self.machine or document["machine"]
        return document

    def rows(self, shape: Shape, cells: list[str], passes: list[str], gap: float = 0) -> list[dict]:
        """One row a cell and pass, as `--json` writes them. The gap is in milliseconds."""
        with tempfile.TemporaryDirectory() as directory:
            shapes = Path(directory) / "shapes.csv"
            shapes.write_text(f"{CSV_HEADER}\n{shape.csv()}\n")
            arguments = [
                "throughput", "--shapes", str(shapes), "--cells", ",".join(cells),
                "--passes", ",".join(passes), "--seconds", str(self.budget),
            ]
            if gap:
                arguments += ["--gap", str(gap)]
            # The sgemm peak is measured in the first run only.
            if self.peak:
                arguments += ["--peak", f"{self.peak:.1f}"]
            document = self.run(directory, arguments)
        if not self.peak:
            row = document["rows"][0]
            self.peak = row["gflops"] / row["peakShare"]
        return document["rows"]

    def adding(self, size: Adding) -> dict[str, float]:
        """Seconds of training on the adding problem, by cell."""
        with tempfile.TemporaryDirectory() as directory:
            document = self.run(directory, [
                "compare", "adding", "--length", str(size.length), "--hidden", str(size.hidden),
                "--batch", str(size.batch), "--updates", str(size.updates), "--seeds", "1",
                "--cells", ",".join(ADDING_CELLS.values()),
            ])
        return {
            cell: size.tokens / result["tokensPerSecond"]
            for cell, result in zip(ADDING_CELLS, document["results"], strict=True)
        }
