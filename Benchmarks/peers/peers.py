"""RNNCore and PyTorch on the same shapes, in turn, in one run: ratios of medians with geometric means.

A ratio above 1 says that RNNCore is faster. "at peak" is the ratio that a program would reach whose matrix
products ran at this machine's measured sgemm peak and which did nothing else.
"""

import argparse
import math
import os
import platform
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch

import pytorch_side
from engine_side import Engine
import translation_turns
import words_turns
from shapes import RAGGED, RAGGED_PADDED, TABLE, UNTUNED, Shape

CELLS = ["lstm", "gru", "elman"]
PASSES = ["train", "trainDX", "inference"]
TITLES = {
    "train": "training step",
    "trainDX": "training step with dX",
    "inference": "inference",
}


@dataclass
class Comparison:
    """Medians of one cell and pass on one shape, a value a turn."""

    shape: Shape
    cell: str
    name: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    peak_share: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(self.theirs) / statistics.median(self.ours)

    @property
    def ratio_at_peak(self) -> float:
        return self.ratio / statistics.median(self.peak_share)


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def compare(engine: Engine, shapes: list[Shape], turns: int) -> list[Comparison]:
    results: list[Comparison] = []
    for shape in shapes:
        table = {(c, p): Comparison(shape, c, p) for c in CELLS for p in PASSES}
        for turn in range(turns):
            for row in engine.rows(shape, CELLS, PASSES):
                entry = table[row["cell"], row["pass"]]
                entry.ours.append(row["medianSeconds"])
                entry.peak_share.append(row["peakShare"])
            for cell in CELLS:
                times, _ = pytorch_side.measure(cell, shape, PASSES, engine.budget)
                for name, value in times.items():
                    table[cell, name].theirs.append(value)
            # PyTorch's threads spin for a while after their last loop.
            time.sleep(0.3)
            print(f"  {shape.name}: turn {turn + 1} of {turns}", file=sys.stderr)
        results += table.values()
    return results


def compare_ragged(engine: Engine, turns: int) -> dict[str, dict[str, float]]:
    """Thousand real tokens a second of training, by cell and by who and how."""
    rates: dict[str, dict[str, list[float]]] = {c: {} for c in ["lstm", "gru"]}
    for turn in range(turns):
        for cell, table in rates.items():
            ragged = engine.rows(RAGGED, [cell], ["train"])[0]
            padded = engine.rows(RAGGED_PADDED, [cell], ["train"])[0]
            # Of a padded batch only the real tokens count: those of the ragged one.
            tokens = ragged["tokensPerSecond"] * ragged["medianSeconds"]
            table.setdefault("ours", []).append(ragged["tokensPerSecond"] / 1e3)
            table.setdefault("ours, padded", []).append(tokens / padded["medianSeconds"] / 1e3)
            for variant in ["packed", "padded"]:
                times, tokens = pytorch_side.measure(
                    cell, RAGGED, ["train"], engine.budget, variant)
                table.setdefault(f"PyTorch, {variant}", []).append(tokens / times["train"] / 1e3)
            time.sleep(0.3)
        print(f"  ragged: turn {turn + 1} of {turns}", file=sys.stderr)
    return {c: {n: statistics.median(v) for n, v in t.items()} for c, t in rates.items()}


# Report


def shape_table(results: list[Comparison], name: str) -> list[str]:
    lines = [
        f"### {TITLES[name][0].upper() + TITLES[name][1:]}",
        "",
        "| shape | " + " | ".join(f"{c}: ms | PyTorch | ratio | at peak" for c in CELLS) + " |",
        "|---|" + "---:|" * 4 * len(CELLS),
    ]
    rows = [r for r in results if r.name == name]
    for shape in dict.fromkeys(r.shape for r in rows):
        cells = [f"| {shape.name} "]
        for cell in CELLS:
            r = next(r for r in rows if r.shape == shape and r.cell == cell)
            cells.append(
                f"| {1e3 * statistics.median(r.ours):.2f} | {1e3 * statistics.median(r.theirs):.2f} "
                f"| **{r.ratio:.2f}** | {r.ratio_at_peak:.2f} ")
        lines.append("".join(cells) + "|")
    means = ["| geometric mean "]
    for cell in CELLS:
        of_cell = [r for r in rows if r.cell == cell]
        means.append(
            f"| | | **{geometric_mean([r.ratio for r in of_cell]):.2f}** "
            f"| {geometric_mean([r.ratio_at_peak for r in of_cell]):.2f} ")
    return lines + ["".join(means) + "|", ""]


def share_table(results: list[Comparison]) -> list[str]:
    lines = [
        "### Share of the sgemm peak", "",
        "| shape | " + " | ".join(f"{c}: {p}" for c in CELLS for p in PASSES) + " |",
        "|---|" + "---:|" * len(CELLS) * len(PASSES),
    ]
    for shape in dict.fromkeys(r.shape for r in results):
        shares = [
            f"{100 * statistics.median(r.peak_share):.0f} %"
            for c in CELLS for p in PASSES for r in results
            if r.shape == shape and r.cell == c and r.name == p
        ]
        lines.append(f"| {shape.name} | " + " | ".join(shares) + " |")
    return lines + [""]


def ragged_table(rates: dict[str, dict[str, float]]) -> list[str]:
    lines = [
        f"### Ragged batch: {RAGGED.name}, training", "",
        "Thousand real tokens a second; ratios to PyTorch's PackedSequence, its padded batch, and our own.",
        "",
        "| cell | ours | ours, padded | PyTorch, packed | PyTorch, padded "
        "| to packed | to padded | to ours, padded |",
        "|---|" + "---:|" * 7,
    ]
    for cell, r in rates.items():
        lines.append(
            f"| {cell} | {r['ours']:.1f} | {r['ours, padded']:.1f} | {r['PyTorch, packed']:.1f} "
            f"| {r['PyTorch, padded']:.1f} | **{r['ours'] / r['PyTorch, packed']:.2f}** "
            f"| **{r['ours'] / r['PyTorch, padded']:.2f}** "
            f"| **{r['ours'] / r['ours, padded']:.2f}** |")
    return lines + [""]


def header(engine: Engine, arguments) -> list[str]:
    machine = engine.machine
    return [
        "# RNNCore and PyTorch, in turn", "",
        f"{machine['cpu']}, {machine['cores']} cores, {engine.threads} threads on both sides; "
        f"kernels {machine['instructionSet']}, OpenBLAS core {machine['blasCore']}, "
        f"sgemm peak {engine.peak:.0f} GFLOP/s. PyTorch {torch.__version__.split('+')[0]}, "
        f"Python {platform.python_version()}.", "",
        f"Medians of {arguments.turns} turns of at least {arguments.seconds} s each; times in ms. A ratio "
        "above 1: RNNCore is faster. \"At peak\": the ratio if its products ran at the sgemm peak and "
        "nothing else took time.", "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rnnbench", type=Path, required=True, help="the release executable")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of both sides")
    parser.add_argument("--turns", type=int, default=3, help="how often each side is measured")
    parser.add_argument("--seconds", type=float, default=0.5, help="time of one measurement")
    parser.add_argument("--output", type=Path, help="write the Markdown here as well")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    engine = Engine(arguments.rnnbench, arguments.threads, arguments.seconds)

    table = compare(engine, TABLE, arguments.turns)
    untuned = compare(engine, UNTUNED, arguments.turns)
    ragged = compare_ragged(engine, arguments.turns)

    lines = header(engine, arguments)
    for title, results in [("## Shapes of the table", table), ("## Shapes not tuned for", untuned)]:
        lines += [title, ""]
        for name in PASSES:
            lines += shape_table(results, name)
        lines += share_table(results)
    lines += ["## Sequences of different lengths", ""] + ragged_table(ragged)
    lines += ["", "## Translation", ""] + translation_turns.compare(
        arguments.rnnbench, arguments.threads, arguments.turns)
    lines += ["", "## A word model", ""] + words_turns.compare(
        arguments.rnnbench, arguments.threads, arguments.turns)
    text = "\n".join(lines)
    print(text)
    if arguments.output:
        arguments.output.write_text(text)


if __name__ == "__main__":
    main()
