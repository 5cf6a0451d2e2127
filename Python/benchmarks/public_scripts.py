"""Times somebody else's training script with torch.nn's recurrent layers and with RNNCore's.

    python public_scripts.py --seeds 1,2,3 --time 'time: *([0-9.]+)s' --figure 'loss *([0-9.]+)' \
        word_language_model/main.py --data characters --epochs 1 --seed {seed}

runs the script as it is, in processes of its own that take turns, and prints a table in Markdown.
Before one of two runs the layers of torch.nn are replaced by those of rnncore.torch, which does
what `rnncore.torch.accelerate(model)` in the script does, once the model is made. `{seed}` in the
script's options becomes the seed; the generators of Python, NumPy and torch start from it, too.

Without --time, which adds up all that it finds in what the script prints, the time is that of the
whole process. --figure is the result to compare, the last that is found.

These scripts are known to run so (PyTorch 2.15):

- pytorch/examples, word_language_model, with --data a folder of train.txt, valid.txt and test.txt
  whose characters stand apart as words do. To be mended: torch.load(f, weights_only=False).
- spro/char-rnn.pytorch, train.py. To be mended: loss.item() in place of loss.data[0].
- flair_tagger.py and recurrent_ppo.py beside this file, which use flair and sb3-contrib as their
  documentation shows.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import runpy
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

LAYERS = ["LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"]
WAYS = ["torch.nn", "rnncore.torch"]


class Outcome(NamedTuple):
    """What one run took, and its figure where one was asked for."""

    seconds: float
    figure: float | None


def become(way: str, seed: int, threads: int, script: str, options: list[str]) -> None:
    """Runs a script in this process."""
    import numpy
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    if way == "rnncore.torch":
        import rnncore.torch

        for name in LAYERS:
            setattr(nn, name, getattr(rnncore.torch, name))
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    sys.argv = [script, *options]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    runpy.run_path(script, run_name="__main__")


def run(way: str, seed: int, chosen: argparse.Namespace) -> Outcome:
    """Runs a script in a process of its own; ends with its output where it fails."""
    options = [option.replace("{seed}", str(seed)) for option in chosen.options]
    command = [
        sys.executable, __file__, "--become", way, "--seeds", str(seed), "--threads",
        str(chosen.threads), chosen.script, *options]
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\n{chosen.script} has failed with {way}")
    if chosen.time:
        found = re.findall(chosen.time, done.stdout)
        if not found:
            sys.exit(f"{done.stdout}\nnothing in this is like {chosen.time}")
        seconds = sum(map(float, found))
    figures = re.findall(chosen.figure, done.stdout) if chosen.figure else []
    return Outcome(seconds, float(figures[-1]) if figures else None)


def row(name: str, ours: Outcome, theirs: Outcome) -> str:
    """A line of the table."""
    figures = " | ".join(
        "" if one.figure is None else f"{one.figure:.4g}" for one in (theirs, ours))
    return (
        f"| {name} | {theirs.seconds:.1f} s | {ours.seconds:.1f} s "
        f"| {theirs.seconds / ours.seconds:.2f} x | {figures} |")


def mean(outcomes: list[Outcome]) -> Outcome:
    """The means of some runs."""
    figures = [one.figure for one in outcomes if one.figure is not None]
    return Outcome(
        statistics.fmean(one.seconds for one in outcomes),
        statistics.fmean(figures) if figures else None)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1,2,3", help="numbers with commas between them")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--time", help="a pattern whose group is a number of seconds")
    parser.add_argument("--figure", help="a pattern whose group is the result to compare")
    parser.add_argument("--become", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("script")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="those of the script")
    chosen = parser.parse_args()
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    if chosen.become:
        become(chosen.become, seeds[0], chosen.threads, chosen.script, chosen.options)
        return
    outcomes: dict[str, list[Outcome]] = {way: [] for way in WAYS}
    print("| seed | torch.nn | RNNCore | ratio | figure, torch.nn | figure, RNNCore |")
    print("|---|---:|---:|---:|---:|---:|")
    for turn, seed in enumerate(seeds):
        # Each goes first as often as the other.
        for way in WAYS[::-1] if turn % 2 else WAYS:
            outcomes[way].append(run(way, seed, chosen))
        print(row(str(seed), outcomes["rnncore.torch"][-1], outcomes["torch.nn"][-1]), flush=True)
    print(row("mean", mean(outcomes["rnncore.torch"]), mean(outcomes["torch.nn"])))


if __name__ == "__main__":
    main()
