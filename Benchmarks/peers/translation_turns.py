"""Training speed of a translation model, RNNCore and PyTorch in turn: `rnnbench train translate` beside `translation.py`.

    python translation_turns.py --rnnbench .build/release/rnnbench [--data DIRECTORY --languages de,en] [--turns 3]

Without --data, sentences are drawn: words by Zipf's law from vocabularies of the size of Multi30k's, 4 to 24 of them.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

WHAT = "A bi-LSTM 2x128 reads, LSTM 256 writes, general attention, batches of 64 sentence pairs, Adam, clipping"
WORDS = {"xx": 7600, "yy": 5900}


def draw(directory: Path, sentences: int = 6400) -> None:
    """Parallel files of the languages xx and yy."""
    generator = random.Random(1)
    for part, count in [("train", sentences), ("val", 8), ("test", 8)]:
        lengths = [max(4, min(24, round(generator.gauss(12, 4)))) for _ in range(count)]
        for language, size in WORDS.items():
            weights = [1 / (rank + 10) for rank in range(size)]
            lines = [
                " ".join(f"{language}{word}" for word in generator.choices(range(size), weights, k=length))
                for length in lengths
            ]
            (directory / f"{part}.{language}").write_text("\n".join(lines) + "\n")


def run(command: list[str]) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout


def ours(executable: Path, data: Path, languages: str, threads: int) -> float:
    """Tokens a second of one pass over the sentences, or of half a minute."""
    with tempfile.TemporaryDirectory() as directory:
        result = Path(directory) / "result.json"
        run([
            str(executable), "train", "translate", "--data", str(data), "--languages", languages,
            "--model", str(Path(directory) / "model"), "--epochs", "1", "--time-limit", "30",
            "--beam", "1", "--threads", str(threads), "--json", str(result),
        ])
        return json.loads(result.read_text())["tokensPerSecond"]


def theirs(data: Path, languages: str, threads: int, updates: int) -> float:
    source, target = languages.split(",")
    text = run([
        sys.executable, str(Path(__file__).parent / "translation.py"), "--data", str(data), "--source", source,
        "--target", target, "--updates", str(updates), "--threads", str(threads),
    ])
    return float(re.search(r"([0-9.]+) tokens/s", text)[1])


def turns(
    executable: Path, threads: int, count: int, data: Path | None = None, languages: str = "xx,yy", updates: int = 60
) -> Iterator[tuple[float, float]]:
    """Tokens a second of RNNCore and of PyTorch."""
    with tempfile.TemporaryDirectory() as directory:
        if data is None:
            data = Path(directory)
            draw(data)
        for _ in range(count):
            yield ours(executable, data, languages, threads), theirs(data, languages, threads, updates)


def show(what: str, pairs: Iterable[tuple[float, float]]) -> None:
    """Prints a table in Markdown of tokens a second of RNNCore and of PyTorch."""
    pairs = list(pairs)
    mine, other = (statistics.median(side) for side in zip(*pairs))
    rounds = ", ".join(f"{a / b:.2f}" for a, b in pairs)
    print(f"{what}\n\n| | tokens/s |\n|---|---:|\n| RNNCore | {mine:,.0f} |\n| PyTorch | {other:,.0f} |\n")
    print(f"{mine / other:.2f} times (medians; turn by turn {rounds}).")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rnnbench", type=Path, required=True, help="the release executable")
    parser.add_argument("--data", type=Path, help="a folder of parallel files")
    parser.add_argument("--languages", default="xx,yy", help="from which into which, by the files' endings")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    show(WHAT, turns(
        arguments.rnnbench, arguments.threads, arguments.turns, arguments.data, arguments.languages))


if __name__ == "__main__":
    main()
