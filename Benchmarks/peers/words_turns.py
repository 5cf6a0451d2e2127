"""Training speed of a word model, RNNCore and PyTorch in turn: `rnnbench train lm --unit word` beside `words.py`.

    python words_turns.py --rnnbench .build/release/rnnbench [--turns 3]

The text is drawn: 10,000 words by Zipf's law, as many as Penn Treebank's language model has.
"""

import argparse
import itertools
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import words
from translation_turns import run, show

WHAT = "Words of a text, 10,000 kinds: embedding 200, LSTM 2x200, batches of 20 streams, 20 steps, SGD, clipping"
VOCABULARY = 10_000
TRAINED = 100_000


def draw(directory: Path) -> None:
    """Lines of about 20 words; training has each word, one being the end of a line."""
    generator = random.Random(1)
    names = [f"w{rank}" for rank in range(VOCABULARY - 1)]
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(names))))
    for part, count in [("train", TRAINED), ("valid", 500), ("test", 500)]:
        text = generator.choices(names, cum_weights=weights, k=count)
        if part == "train":
            text[:len(names)] = names
            generator.shuffle(text)
        lines = [" ".join(text[first:first + 20]) for first in range(0, count, 20)]
        (directory / f"{part}.txt").write_text("\n".join(lines) + "\n")


def ours(executable: Path, data: Path, threads: int) -> float:
    """Tokens a second of one pass over the text, without the looks at held-out words."""
    with tempfile.TemporaryDirectory() as directory:
        result = Path(directory) / "result.json"
        run([
            str(executable), "train", "lm", "--unit", "word", "--minimum-count", "1", "--data", str(data),
            "--embedding", str(words.WIDTH), "--hidden", str(words.WIDTH), "--layers", str(words.LAYERS),
            "--batch", str(words.BATCH), "--steps", str(words.STEPS), "--optimizer", "sgd",
            "--rate", str(words.RATE), "--clip", str(words.CLIP), "--dropout", "0", "--epochs", "1",
            "--model", str(Path(directory) / "model"), "--threads", str(threads), "--json", str(result),
        ])
        return json.loads(result.read_text())["tokensPerSecond"]


def theirs(data: Path, threads: int) -> float:
    text = run([
        sys.executable, str(Path(__file__).parent / "words.py"), "--data", str(data / "train.txt"),
        "--threads", str(threads),
    ])
    return float(re.search(r"([0-9.]+) tokens/s", text)[1])


def turns(executable: Path, threads: int, count: int) -> Iterator[tuple[float, float]]:
    """Tokens a second of RNNCore and of PyTorch."""
    with tempfile.TemporaryDirectory() as directory:
        draw(Path(directory))
        for _ in range(count):
            yield ours(executable, Path(directory), threads), theirs(Path(directory), threads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rnnbench", type=Path, required=True, help="the release executable")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    show(WHAT, turns(arguments.rnnbench, arguments.threads, arguments.turns))


if __name__ == "__main__":
    main()
