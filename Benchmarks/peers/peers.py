"""RNNCore, PyTorch and bare oneDNN on the same shapes, in turn, in one run.

A ratio above 1 says that RNNCore is faster: it is the other side's median over RNNCore's.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import translation_turns
import words_turns
from engine_side import Engine
from onednn_side import OneDNN
from pytorch_side import PyTorch
from report import OURS, Table, kilotokens, microseconds, milliseconds, summary
from shapes import (
    ADDING, CELLS, GAP_MILLISECONDS, GAPS, RAGGED, RAGGED_PADDED, STREAM, TABLE, UNTUNED, Shape,
)

TITLES = {
    "train": "training step",
    "trainDX": "training step with dX",
    "inference": "inference",
    "stream": "one step a call",
}
PASSES = ["train", "trainDX", "inference"]
# What holds each side to a set of vector instructions: the engine and its OpenBLAS, PyTorch's own kernels, MKL and
# oneDNN.
INSTRUCTIONS = {
    "avx2": {
        "RNNCORE_ISA": "avx2", "OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2",
    },
}
NAMES = {"lstm": "LSTM", "gru": "GRU", "elman": "Elman"}
PYTORCH, FLUSHING, ONEDNN = "PyTorch", "PyTorch flushing", "oneDNN"
# What oneDNN runs for a pass, and what the column says besides the side's name.
ONEDNN_PASSES = {
    "train": {},
    "trainDX": {"trainDX": ""},
    "inference": {"inference": "", "inferenceOnce": ", weights once"},
    "stream": {"stream": ""},
}


def pytorch_passes(side: str, cell: str, name: str) -> dict[str, str]:
    """What PyTorch runs for a pass, and what the column says besides the side's name."""
    passes = {name: ""}
    # Its LSTM goes through oneDNN, which brings the weights into another format at each call.
    if name == "stream" and cell == "lstm" and side == PYTORCH:
        passes["streamWithoutOneDNN"] = ", without oneDNN"
    return passes


def busy_share(seconds: float = 0.5) -> float:
    """The share of all cores' time that programs use, or a virtual machine's host withholds, while we sleep."""
    def times() -> tuple[int, int]:
        # user nice system idle iowait irq softirq steal
        values = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        return sum(values), values[3] + values[4]
    total, idle = times()
    time.sleep(seconds)
    later, idle_later = times()
    return 1 - (idle_later - idle) / max(1, later - total)


class Peers:
    """All sides, and how often each is measured."""

    def __init__(self, arguments):
        threads, budget = arguments.threads, arguments.seconds
        self.turns = arguments.turns
        # What others used before each turn.
        self.busy: list[float] = []
        self.threads = threads
        self.executable = arguments.rnnbench
        self.engine = Engine(arguments.rnnbench, threads, budget)
        self.pytorch = {PYTORCH: PyTorch(threads, budget)}
        if FLUSHING in arguments.sides:
            self.pytorch[FLUSHING] = PyTorch(threads, budget, flush=True)
        self.onednn = None
        if ONEDNN in arguments.sides and arguments.onednn and arguments.onednn.exists():
            self.onednn = OneDNN(arguments.onednn, threads, budget)
            self.onednn.check()

    def in_turn(self, name: str, sides: list) -> Iterator:
        """Each side in each turn; another begins each time."""
        for turn in range(self.turns):
            self.busy.append(busy_share())
            first = turn % len(sides)
            yield from sides[first:] + sides[:first]
            print(f"  {name}: turn {turn + 1} of {self.turns}", file=sys.stderr)

    # Layers

    def measure(
        self, side: str, shape: Shape, passes: list[str], gap: float
    ) -> Iterator[tuple[str, str, str, float, float | None]]:
        """Cell, pass, name of the column, seconds and, of our own, the share of the peak."""
        if side == OURS:
            for row in self.engine.rows(shape, CELLS, passes, gap):
                yield row["cell"], row["pass"], OURS, row["medianSeconds"], row["peakShare"]
        elif side == ONEDNN:
            wanted = {n: (p, suffix) for p in passes for n, suffix in ONEDNN_PASSES[p].items()}
            for cell in CELLS if wanted else []:
                for name, seconds in self.onednn.measure(cell, shape, list(wanted), gap).items():
                    yield cell, wanted[name][0], ONEDNN + wanted[name][1], seconds, None
        else:
            for cell in CELLS:
                wanted = {n: (p, s) for p in passes for n, s in pytorch_passes(side, cell, p).items()}
                for name, seconds in self.pytorch[side].measure(cell, shape, list(wanted), gap)[0].items():
                    yield cell, wanted[name][0], side + wanted[name][1], seconds, None

    def layers(self, work: str, shapes: list[Shape], passes: list[str], gap: float = 0) -> list[Table]:
        streams = passes == ["stream"]
        tables = {
            (name, cell): Table(
                work if streams else f"{work}: {TITLES[name]}", f"{NAMES[cell]}, {TITLES[name]}",
                "µs" if streams else "ms", microseconds if streams else milliseconds)
            for name in passes for cell in CELLS
        }
        sides = [OURS, *self.pytorch] + [ONEDNN] * bool(self.onednn)
        for shape in shapes:
            label = f"B {shape.batch} I {shape.input} H {shape.hidden}" if streams else shape.name
            for side in self.in_turn(shape.name, sides):
                for cell, name, column, seconds, share in self.measure(side, shape, passes, gap):
                    calls = shape.steps if streams else 1
                    tables[name, cell].add(label, column, seconds / calls, share)
        return list(tables.values())

    # Models

    def ragged(self) -> list[Table]:
        """Of a padded batch only the real tokens count: those of the ragged one."""
        table = Table("different lengths: training", "Training", "1,000 real tokens/s", kilotokens)
        for cell in ["lstm", "gru"]:
            for side in self.in_turn(f"ragged {cell}", [OURS, PYTORCH]):
                if side == OURS:
                    ragged = self.engine.rows(RAGGED, [cell], ["train"])[0]
                    padded = self.engine.rows(RAGGED_PADDED, [cell], ["train"])[0]
                    tokens = ragged["tokensPerSecond"] * ragged["medianSeconds"]
                    table.add(NAMES[cell], OURS, ragged["medianSeconds"] / tokens)
                    table.add(NAMES[cell], f"{OURS}, padded", padded["medianSeconds"] / tokens)
                    continue
                for variant in ["packed", "padded"]:
                    times, tokens = self.pytorch[side].measure(cell, RAGGED, ["train"], variant=variant)
                    table.add(NAMES[cell], f"{side}, {variant}", times["train"] / tokens)
        return [table]

    def vanishing(self) -> list[Table]:
        table = Table("vanishing gradients: training", "Training", "1,000 tokens/s", kilotokens)
        for size in ADDING:
            for side in self.in_turn(f"adding, T {size.length}", [OURS, *self.pytorch]):
                times = (
                    self.engine.adding(size) if side == OURS
                    else {cell: self.pytorch[side].adding(cell, size) for cell in CELLS})
                for cell in CELLS:
                    table.add(f"{NAMES[cell]} T {size.length}", side, times[cell] / size.tokens)
        return [table]

    def whole(self, work: str, module) -> list[Table]:
        """A model that is trained whole; its module gives pairs of tokens a second."""
        table = Table(f"{work}: training", "Training", "1,000 tokens/s", kilotokens)
        for ours, theirs in module.turns(self.executable, self.threads, self.turns):
            table.add("LSTM", OURS, 1 / ours)
            table.add("LSTM", PYTORCH, 1 / theirs)
        return [table]


# Parts: heading, what to read before the tables, and what is measured

PARTS = {
    "table": ("Shapes of the table", "", lambda p: p.layers("table", TABLE, PASSES)),
    "untuned": ("Shapes not tuned for", "", lambda p: p.layers("not tuned for", UNTUNED, PASSES)),
    "ragged": (
        f"Sequences of different lengths: {RAGGED.name}",
        "Thousand real tokens a second; PyTorch's PackedSequence, its padded batch, and our own.",
        lambda p: p.ragged()),
    "stream": (
        "Streaming",
        "One call a step, the state carried from one to the next, no record; microseconds a step. "
        "oneDNN's weights are brought into its format once.",
        lambda p: p.layers("streaming", STREAM, ["stream"])),
    "vanishing": (
        f"Vanishing gradients: adding, B {ADDING[0].batch} H {ADDING[0].hidden}",
        f"Thousand tokens a second of the first {ADDING[0].updates} updates. The error is at the last step "
        "alone and an LSTM's forget bias starts at 0, so that on the way back through many steps gradients "
        "become subnormal.",
        lambda p: p.vanishing()),
    "gaps": (
        f"Gaps of {GAP_MILLISECONDS} ms",
        "Each side sleeps before each pass, so that its threads are asleep; the sleep is not counted.",
        lambda p: p.layers("gaps", GAPS, PASSES, GAP_MILLISECONDS)),
    "translation": (
        "Translation", f"{translation_turns.WHAT}.", lambda p: p.whole("translation", translation_turns)),
    "words": ("A word model", f"{words_turns.WHAT}.", lambda p: p.whole("words", words_turns)),
}


def ratios_of_lengths(table: Table) -> list[str]:
    """Tokens a second of the first length over those of the second."""
    long, short = (size.length for size in ADDING)
    sides = list(table.medians(f"{NAMES[CELLS[0]]} T {long}"))
    lines = [
        f"### Speed at T {long} over that at T {short}", "",
        "| | " + " | ".join(sides) + " |", "|---|" + "---:|" * len(sides),
    ]
    for cell in CELLS:
        slow, fast = (table.medians(f"{NAMES[cell]} T {length}") for length in (long, short))
        lines.append(f"| {NAMES[cell]} | " + " | ".join(f"{fast[s] / slow[s]:.2f}" for s in sides) + " |")
    return lines + [""]


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}" + ("" if count == 1 else "s")


def header(peers: Peers, arguments) -> list[str]:
    machine, torch = peers.engine.machine, peers.pytorch[PYTORCH].about
    held = f", held to {arguments.isa.upper()} on all sides" if arguments.isa else ""
    lines = [
        f"# RNNCore and its peers, in turn{held}", "",
        f"{machine['cpu']}, {machine['cores']} cores, {counted(peers.threads, 'thread')} on all sides; "
        f"kernels {machine['instructionSet']}, OpenBLAS core {machine['blasCore']}"
        + (f", sgemm peak {peers.engine.peak:.0f} GFLOP/s" if peers.engine.peak else "")
        + f". PyTorch {torch['version']} (with oneDNN {torch['onednn']}), "
        f"Python {platform.python_version()}.", "",
    ]
    if peers.onednn and peers.onednn.version:
        chosen = "; ".join(
            f"{name} " + ", ".join(f"{cell} {'/'.join(sorted(kinds))}" for cell, kinds in cells.items())
            for name, cells in sorted(peers.onednn.implementations.items()))
        lines += [
            f"oneDNN alone: {peers.onednn.version}, outputs and gradients compared with PyTorch's. "
            f"Its implementations: {chosen}.", ""]
    lines += [
        f"Medians of {counted(arguments.turns, 'turn')} of at least {arguments.seconds} s each. A ratio above 1: RNNCore "
        "is faster. \"Of peak\" is RNNCore's share of the sgemm peak. \"Fastest\" is the side with the "
        "smallest median, with its lead: RNNCore's over the best of the others, or another's over RNNCore.", "",
    ]
    if peers.busy:
        lines += [
            "Before the turns, with no side at work, other programs used "
            f"{100 * statistics.median(peers.busy):.0f} % of the cores (median; at most "
            f"{100 * max(peers.busy):.0f} %).", ""]
    if FLUSHING in peers.pytorch:
        lines += [
            "\"PyTorch flushing\" takes subnormal numbers as zero, as RNNCore does: "
            "`torch.set_flush_denormal(True)` before its threads start.", ""]
    return lines


def text(peers: Peers, arguments, tables: dict[str, list[Table]]) -> str:
    lines = header(peers, arguments) + summary([t for of_part in tables.values() for t in of_part])
    for part, of_part in tables.items():
        title, explanation, _ = PARTS[part]
        lines += [f"## {title}", ""] + [explanation, ""] * bool(explanation)
        for table in of_part:
            lines += table.lines()
        if part == "vanishing":
            lines += ratios_of_lengths(of_part[0])
    return "\n".join(lines)


def names_of(known: list[str]):
    """Reads a list of names with commas between them."""
    def read(words: str) -> list[str]:
        names = words.split(",") if words else []
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return [name for name in known if name in names]
    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rnnbench", type=Path, required=True, help="the release executable")
    parser.add_argument("--onednn", type=Path, help="onednn_side; left out where there is no such file")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of all sides")
    parser.add_argument("--turns", type=int, default=3, help="how often each side is measured")
    parser.add_argument("--seconds", type=float, default=0.5, help="time of one measurement")
    parser.add_argument(
        "--parts", type=names_of(list(PARTS)), default=list(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument(
        "--sides", type=names_of([FLUSHING, ONEDNN]), default=[FLUSHING, ONEDNN],
        help=f"those beside RNNCore and PyTorch, of \"{FLUSHING},{ONEDNN}\"")
    parser.add_argument(
        "--isa", choices=list(INSTRUCTIONS), help="hold all sides to these vector instructions")
    parser.add_argument("--output", type=Path, help="write the Markdown here as well, after each part")
    arguments = parser.parse_args()
    # All sides are processes that inherit it.
    os.environ.update(INSTRUCTIONS.get(arguments.isa, {}))
    peers = Peers(arguments)

    tables: dict[str, list[Table]] = {}
    for part in arguments.parts:
        tables[part] = PARTS[part][2](peers)
        if arguments.output:
            arguments.output.write_text(text(peers, arguments, tables))
    print(text(peers, arguments, tables))


if __name__ == "__main__":
    main()
