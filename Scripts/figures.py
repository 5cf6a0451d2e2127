#!/usr/bin/env python3
"""Draws the figures of the documentation anew: runs rnnbench and takes figures out of its reports.

Usage: figures.py RNNBENCH DIRECTORY, or figures.py --check: whether the articles name the commands
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROFILE = ["profile", "--updates", "300"]
SCALING = ["throughput", "--scaling"]
COPY = ["profile", "copy", "--length", "50", "--updates", "0", "--cells", "elman,gru,lstm:forget-bias=3"]

# Name of the file, command, and how the figure's caption begins.
FIGURES = [
    ("one-neuron", ["surface", "linear"], "Output w^999"),
    ("decay", PROFILE, "Decay of the gradient with the distance from the loss, at the start"),
    ("lyapunov", PROFILE, "Lyapunov spectrum"),
    ("singular-values", PROFILE, "Singular values of the product of the last 50"),
    ("last-answer", COPY + ["--probe", "last"], "Decay of the gradient"),
    ("all-answers", COPY + ["--probe", "all"], "Decay of the gradient"),
    ("pascanu-surface", ["surface"], "Error by w"),
    # Times: on a quiet machine.
    ("scaling-steps", SCALING, "Median seconds of a pass against T"),
    ("scaling-batch", SCALING, "Median seconds of a pass against B"),
    ("scaling-hidden", SCALING, "Median seconds of a pass against H"),
]


def report(executable: str, command: list[str]) -> str:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "report.html"
        subprocess.run([executable, *command, "--report", str(path)], check=True, capture_output=True)
        return path.read_text()


def figure(page: str, caption: str) -> str:
    """The wide drawing of the first figure whose caption begins so, on paper of its own."""
    for text in re.findall(r"<figure>.*?</figure>", page, re.S):
        words = re.sub(r"<[^>]*>", "", re.search(r"<figcaption>(.*?)</figcaption>", text, re.S)[1])
        if re.sub(r"^Figure \d+\. ", "", words).startswith(caption):
            drawing = re.search(r'<div class="chart wide">(.*?</svg>)</div>', text, re.S)[1]
            paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
            return drawing.replace(">", ">" + paper, 1) + "\n"
    raise SystemExit(f"no figure begins with '{caption}'")


def check() -> None:
    """Fails for a command that no article names, or a figure that none shows."""
    catalog = Path(__file__).parent.parent / "Sources/RNNCore/RNNCore.docc"
    articles = " ".join(" ".join(path.read_text().split()) for path in catalog.glob("*.md"))
    for name, command, _ in FIGURES:
        # Of two commands that differ in the probe alone, one is written out.
        words = " ".join(["rnnbench", *command]).replace("--probe all", "--probe last")
        if f"`{words}`" not in articles or f"({name})" not in articles:
            raise SystemExit(f"figures: no article shows {name} and says '{words}'")


def main() -> None:
    check()
    if sys.argv[1:] == ["--check"]:
        return
    executable, directory = sys.argv[1], Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    pages: dict[tuple[str, ...], str] = {}
    for name, command, caption in FIGURES:
        if tuple(command) not in pages:
            pages[tuple(command)] = report(executable, command)
        (directory / f"{name}.svg").write_text(figure(pages[tuple(command)], caption))
        print(name)


if __name__ == "__main__":
    main()
