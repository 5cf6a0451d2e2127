#!/usr/bin/env python3
"""Draws the README's tables and figures anew: runs the commands and writes what they say between markers.

    readme.py                      every block that takes minutes, in the README's order
    readme.py --only NAME,NAME     these alone
    readme.py --list               the blocks with their commands, those too that take hours

A block stands between `<!-- begin:NAME -->` and `<!-- end:NAME -->`. Blocks that take hours or need data
are not drawn here: their commands are listed, and their figures carry the date of their run.
Build with `make build` first, and let the machine be quiet: most figures are times.
"""

import argparse
import datetime
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BUILD = ROOT / ".build/release"
PICTURES = ROOT / "Documentation"


class Run:
    """What a command wrote: its text, its files, its time in seconds and its peak memory in bytes."""

    folder: Path

    def __init__(self, command: str):
        words = command.split()
        if (BUILD / words[0]).exists():
            words[0] = str(BUILD / words[0])
        print(f"  {command}", flush=True)
        if command == FIRST:
            shutil.rmtree(FIRST_BUILD, ignore_errors=True)
        start = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                words,
                cwd=self.folder if words[0].startswith(str(BUILD)) else ROOT,
                stdout=output,
                stderr=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            output.seek(0)
            self.text = output.read()
        if status:
            raise SystemExit(f"readme: '{command}' failed")
        self.seconds, self.memory = time.monotonic() - start, usage.ru_maxrss * 1024

    def json(self, name: str) -> dict:
        return json.loads((self.folder / name).read_text())


# What is written


def table(head: list[str], rows: list[list[str]], left: int = 1) -> str:
    rule = "|".join(["---"] * left + ["---:"] * (len(head) - left))
    lines = [f"| {' | '.join(row)} |" for row in [head, *rows]]
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])


def machine(record: dict) -> str:
    library = " ".join(record["blas"].split()[:2])
    return (
        f"{record['cpu']}, {record['cores']} cores ({record['instructionSet']}, {library}, core "
        f"{record['blasCore']}, sgemm {record['sgemmPeakGflops']:.0f} GFLOP/s with {record['threads']} thread{'s' * (record['threads'] > 1)}), "
        f"{datetime.date.today()}"
    )


def this_machine() -> str:
    names = re.search(
        r"^Model name:\s*(.*)$",
        subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout,
        re.M,
    )
    return f"{names[1] if names else 'CPU'}, {os.cpu_count()} cores, {datetime.date.today()}"


def count(value: float) -> str:
    for unit, size in [(" M", 1e6), ("k", 1e3)]:
        if value >= size:
            return f"{value / size:.2f}{unit}" if value < 10 * size else f"{value / size:.0f}{unit}"
    return f"{value:.0f}"


def spread(values: list[float], text) -> str:
    return f"{text(statistics.mean(values))} ({text(min(values))}–{text(max(values))})"


def percent(value: float, digits: int = 0) -> str:
    return f"{100 * value:.{digits}f}"


def power(value: float) -> str:
    """The nearest power of ten with one digit before it."""
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}·10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def groups(rows: list[dict], *keys: str) -> dict:
    found: dict = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return found


def seconds(value: float) -> str:
    return (
        f"{value:.1f} s"
        if value < 10
        else f"{value:.0f} s" if value < 90 else f"{value // 60:.0f} min {value % 60:.0f} s"
    )


# The blocks


def own(runs: list[Run]) -> str:
    """Three commands and what they print, of training its end alone."""
    lines = []
    for command, run in zip(OWN, runs):
        printed = run.text.rstrip().splitlines()
        if command == OWN[0]:
            last = next(i for i, line in enumerate(printed) if line.startswith("All epochs"))
            printed = ["…", *printed[last : last + 6]]
        lines += [f"$ {command}", *printed, ""]
    return "```text\n" + "\n".join(lines).rstrip() + "\n```"


def write_own(folder: Path) -> None:
    """The files of the article's first example."""
    article = (ROOT / "Sources/RNNCore/RNNCore.docc/GettingStarted.md").read_text()
    for name, text in re.findall(r"<!-- file: (\S+) -->\n```text\n(.*?)```", article, re.S):
        (folder / name).write_text(text)


def times(runs: list[Run]) -> str:
    shutil.rmtree(FIRST_BUILD)
    return (
        f"The first `make bench` builds for {seconds(runs[0].seconds)}; the suite itself takes {seconds(runs[1].seconds)} "
        f"({this_machine()})."
    )


def suite_cells(runs: list[Run]) -> str:
    record = runs[0].json("suite.json")
    rows = []
    compared = [row for row in record["results"] if row["metricName"] == "token accuracy"]
    for (cell, _), found in groups(compared, "cell", "threshold").items():
        rows.append(
            [
                cell,
                f"{found[0]['parameters']:,}",
                spread([row["validLoss"] for row in found], lambda x: f"{x:.4f}"),
                spread([row["metric"] for row in found], lambda x: percent(x, 2)).replace(
                    " (", " % ("
                ),
                count(statistics.mean(row["tokensPerSecond"] for row in found)),
                percent(statistics.mean(row["peakShare"] for row in found)) + " %",
            ]
        )
    return (
        f"From `make bench`: {machine(record['machine'])}, seeds 1 to {record['configuration']['compare']['seeds']}.\n\n"
        + table(["cell", "parameters", "valid. loss", "test accuracy", "tokens/s", "of peak"], rows)
    )


def suite_clipping(runs: list[Run]) -> str:
    record = runs[0].json("suite.json")
    success, rows = record["configuration"]["clip"]["success"], []
    clipped = [row for row in record["results"] if row["metricName"] != "token accuracy"]
    for (cell, threshold), found in groups(clipped, "cell", "threshold").items():
        number = len(found)
        solved = sum(not row["diverged"] and row["metric"] >= success for row in found)
        diverged = sum(row["diverged"] for row in found)
        norms = [row["normQuantiles"]["0.5"] for row in found if row["normQuantiles"]]
        norm = statistics.median(norms) if norms else float("nan")

        def share(part: int) -> str:
            return f"**{part} of {number}**" if part == number else f"{part} of {number}"

        rows.append(
            [
                cell,
                "none" if threshold is None else f"{threshold:g}",
                share(solved),
                share(diverged),
                (
                    "–"
                    if threshold is None
                    else percent(statistics.mean(row["clippedShare"] for row in found)) + " %"
                ),
                f"{norm:.2f}" if norm < 10 else f"{norm:.0f}" if norm < 1e4 else power(norm),
            ]
        )
    return table(
        ["cell", "threshold", "success", "diverged", "steps clipped", "median norm"], rows, left=2
    )


def verdicts(runs: list[Run]) -> str:
    lines = [line for line in runs[0].text.splitlines() if re.match(r"\S+, start: ", line)]
    return "```\n" + "\n".join(textwrap.fill(line, 120) for line in lines) + "\n```"


def pascanu(runs: list[Run]) -> str:
    record = runs[0].json("pascanu.json")
    by_length = groups(record["results"], "length")
    names = [("sgd", "SGD"), ("msgd-c", "C"), ("msgd-cr", "CR")]
    rows = [
        [length]
        + [str(sum(row["solved"] for row in found if row["method"] == name)) for name, _ in names]
        for (length,), found in by_length.items()
    ]
    return (
        table(["length"] + [name for _, name in names], rows, left=0)
        + f"\n\n{machine(record['machine'])}, {seconds(runs[0].seconds)}."
    )


def transduction(runs: list[Run]) -> str:
    reverse, dates = runs
    rows, lengths = [], []
    for part in re.split(r"^(?=reverse, )", reverse.text, flags=re.M)[1:]:
        name, share, took = re.match(
            r"reverse, (.*?): ([\d.]+) % of \d+ right; (\d+) s", part
        ).groups()
        found = re.findall(r"sources of (\d+) to (\d+) steps: (\d+) %", part)
        lengths = [f"{low}-{high} steps" for low, high, _ in found]
        rows.append(
            [name]
            + [f"{right} %" for _, _, right in found]
            + [f"{float(share):.1f} %", f"{took} s"]
        )
    said = re.findall(r"dates, (.*?): ([\d.]+) % of \d+ right; (\d+) s", dates.text)
    sentence = ", ".join(
        f"{float(share):.1f} % in {took} s with {name}" for name, share, took in said
    )
    return (
        table(["right of 1,000", *lengths, "all", "training"], rows)
        + f"\n\nDates in 18 notations to ISO 8601, `transduction dates`, 2,000 updates: {sentence}. {this_machine()}."
    )


def attention(runs: list[Run]) -> str:
    record, rows = runs[0].json("attention.json"), []
    heads: list[str] = []
    for run in record["results"]:
        heads = [f"{score['from']}-{score['to']}" for score in run["byLength"]]
        rows.append(
            [run["model"]]
            + [percent(score["value"]) + " %" for score in run["byLength"]]
            + [percent(run["test exact match"], 1) + " %"]
        )
    return (
        table(["exact, of 1,000", *heads, "all"], rows)
        + f"\n\n{machine(record['machine'])}, {seconds(runs[0].seconds)}."
    )


def throughput(runs: list[Run]) -> str:
    return f"```\n{runs[0].text.strip()}\n```\n\n{this_machine()}."


def products(runs: list[Run]) -> str:
    """Tokens/s by what multiplies: a call a step, sgemm over all steps, packed weights."""
    record = runs[0].json("products.json")
    rows = []
    for (name,), group in groups(record["rows"], "name").items():
        rate = {(row["pass"], row["products"]): row["tokensPerSecond"] for row in group}
        loop, sgemm, packed = (
            rate["stream", "openblas"], rate["inference", "openblas"], rate["inference", "packed"])
        train = [rate["train", way] for way in ("openblas", "packed")]
        rows.append([
            name, count(loop), f"{count(sgemm)} ({sgemm / loop:.2f} x)",
            f"{count(packed)} ({packed / sgemm:.2f} x)", count(train[0]),
            f"{count(train[1])} ({train[1] / train[0]:.2f} x)"])
    head = [
        "tokens/s", "inference: sgemm, step by step", "sgemm, batched", "packed",
        "training: sgemm, batched", "packed"]
    return f"{table(head, rows)}\n\n{machine(record['machine'])}."


def survives(runs: list[Run]) -> str:
    """The table of trials, with the seed that repeats them."""
    seed = re.search(r"^seed (\d+)", runs[0].text, re.M)[1]
    rows = re.search(r"^\| trial.*?(?=\n\n)", runs[0].text, re.M | re.S)[0]
    sentence = re.search(r"^\d+ findings in .*$", runs[0].text, re.M)[0]
    return f"{rows}\n\n{sentence} Seed {seed}; {this_machine()}."


def step_overhead(runs: list[Run]) -> str:
    found: dict = {}
    for line in runs[0].text.splitlines():
        words = line.split()
        if len(words) >= 10 and words[0] in ("lstm", "gru", "elman") and words[1].isdigit():
            found[words[0], int(words[1])] = (float(words[2]), float(words[5]), words[9])
    rows = []
    for cell in ("lstm", "gru", "elman"):
        row = [cell]
        for threads in (1, 2):
            step, alone, ratio = found[cell, threads]
            row += [f"{step:.0f} ms, {alone:.0f} ms", ratio]
        rows.append(row)
    return (
        table(
            [
                "cell",
                "1 thread: step, sgemm alone",
                "ratio",
                "2 threads: step, sgemm alone",
                "ratio",
            ],
            rows,
        )
        + f"\n\n{this_machine()}."
    )


def examples(runs: list[Run]) -> str:
    """The rows of programs that were run; those of longer ones stay as they are."""
    names = [
        "`slot-filling`, bi-LSTM 64",
        "`gradient-profile`, 48 units, 60 steps",
        "`custom-loop`, GRU 64",
        "`transduction dates`, LSTM 128, twice 2,000 updates",
    ]
    measured = {name.split("`")[1]: (name, run) for name, run in zip(names, runs)}
    rows = []
    for line in block_text("examples").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| `"):
            continue
        program = cells[0].split("`")[1]
        if program in measured:
            name, run = measured[program]
            speeds = [float(x) for x in re.findall(r"(\d+) (?:words|steps|tokens)/s", run.text)]
            unit = re.search(r"\d+ (words|steps|tokens)/s", run.text)[1]
            cells = [
                name,
                seconds(run.seconds),
                f"{' / '.join(count(x) for x in speeds)} {unit}/s",
                f"{run.memory / 1e6:.0f} MB",
            ]
        rows.append(cells)
    return (
        table(["example", "time", "speed", "peak memory"], rows)
        + f"\n\n{this_machine()}; longer ones as they were."
    )


def pictures(runs: list[Run]) -> None:
    suite, profile = (run.folder / f"{name}.html" for run, name in zip(runs, ["suite", "profile"]))
    screenshot(suite, PICTURES / "report.png", 1200, 1560)
    page = profile.read_text()
    head = page[: page.index("<body")] + "<style>h2 { margin-top: 0 !important }</style>"
    section = re.search(r"<h2[^>]*>How far back it reaches</h2>.*?(?=<h2)", page, re.S)
    if not section:
        raise SystemExit("readme: the profile's report has no section 'How far back it reaches'")
    excerpt = profile.with_name("excerpt.html")
    excerpt.write_text(f"{head}<body><main>{section[0]}</main></body></html>")
    screenshot(excerpt, PICTURES / "profile.png", 840, 1256)


def screenshot(page: Path, picture: Path, width: int, height: int) -> None:
    browser = next(
        (
            path
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (path := shutil.which(name))
        ),
        None,
    )
    if browser is None:
        print(f"  no Chromium: {picture.name} stays as it is")
        return
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--window-size={width},{height}",
            f"--screenshot={picture}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
    )


FIRST_BUILD = ROOT / ".build/first"
FIRST = "swift build -c release --product rnnbench --scratch-path .build/first"
SUITE = "rnnbench suite --json suite.json --csv suite.csv --report suite.html"
PROFILE = "rnnbench profile --report profile.html"

OWN = [
    "rnnbench train classify --data reviews.tsv --model reviews.safetensors --rate 0.01 --epochs 20 --minimum-count 1",
    "rnnbench predict --model reviews.safetensors --data new.txt --probabilities",
    "rnnbench evaluate --model reviews.safetensors --data more.tsv",
]

# Name, commands, and what draws the block; nothing for what takes hours or needs data.
BLOCKS = [
    ("own", OWN, own),
    ("times", [FIRST, SUITE], times),
    ("pictures", [SUITE, PROFILE], pictures),
    ("suite-cells", [SUITE], suite_cells),
    ("suite-clipping", [SUITE], suite_clipping),
    ("profile", [PROFILE], verdicts),
    ("pascanu", ["rnnbench reproduce pascanu --json pascanu.json"], pascanu),
    (
        "examples",
        ["slot-filling", "gradient-profile", "custom-loop", "transduction dates"],
        examples,
    ),
    ("transduction", ["transduction reverse 1000", "transduction dates"], transduction),
    (
        "attention",
        ["rnnbench reproduce attention --seeds 1 --threads 1 --json attention.json"],
        attention,
    ),
    (
        "throughput",
        ["rnnbench throughput --preset table --cells lstm --threads 2 --seconds 0.3"],
        throughput,
    ),
    (
        "products",
        [
            "rnnbench throughput --products packed,openblas --passes stream,inference,train --cells lstm --threads 1 --json products.json"
        ],
        products,
    ),
    ("steps", ["swift run -c release --package-path Benchmarks step-overhead"], step_overhead),
    ("survives", ["python3 Scripts/torture --minutes 10"], survives),
    (
        "data",
        [
            "rnnbench train tag --data ATIS --model m --threads 1 --seed {1,2,3}",
            "rnnbench train tag --data ATIS --model m --threads 1 --cell elman --window 7 --hidden 100 --no-crf --intent-weight 0",
            "rnnbench train tag --data ATIS --model m --threads 1 --cell jordan --window 7 --hidden 100 --no-crf --intent-weight 0",
            "rnnbench train tag --data ATIS --model m --threads 1 --cell elman-jordan --window 7 --hidden 100 --no-crf --intent-weight 0",
            "rnnbench train classify --data JapaneseVowels --model m --threads 1",
            "rnnbench train music --data Nottingham.json --model m --threads 1",
            "rnnbench train lm --data tinyshakespeare.txt --model m --threads 1",
            "rnnbench train lm --data tinyshakespeare.txt --model m --threads 1 --hidden 256 --dropout 0.3 --rate 3e-3 --schedule cosine --epochs 16",
        ],
        None,
    ),
    (
        "translation",
        [
            "rnnbench train translate --data MULTI30K --languages de,en --model m --threads 1",
            "rnnbench evaluate --model m --data MULTI30K --beam 5",
            "python3 Benchmarks/peers/translation_turns.py --rnnbench .build/release/rnnbench --data MULTI30K --languages de,en",
        ],
        None,
    ),
    (
        "parsing",
        [
            "rnnbench train parse --data GUM --model m --threads 1 --parser-source tags --epochs 15 --attention {general,none}",
            "rnnbench train parse --data GUM --model m --threads 1 --epochs 20 --attention {general,none}",
            "rnnbench evaluate --model m --data GUM --beam 5",
        ],
        None,
    ),
    ("pretraining", ["rnnbench reproduce pretraining --data POLARITY --seeds 6"], None),
    (
        "images",
        [
            "rnnbench train vqa --data EASY-VQA --model m --seed {1,…,8}",
            "rnnbench train vqa --data EASY-VQA --model m --seed {1,…,8} --no-image",
        ],
        None,
    ),
    ("peers", ["make bench-peers"], None),
]


def block(name: str) -> re.Pattern:
    return re.compile(rf"(?<=<!-- begin:{name} -->\n)(.*?)(?=<!-- end:{name} -->)", re.S)


def block_text(name: str) -> str:
    found = block(name).search(README.read_text())
    if not found:
        raise SystemExit(f"readme: the README has no block '{name}'")
    return found[1]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--only", help="names, joined by commas")
    options.add_argument("--list", action="store_true")
    given = options.parse_args()
    wanted = given.only.split(",") if given.only else [name for name, _, draw in BLOCKS if draw]
    known = {name for name, _, _ in BLOCKS}
    if unknown := set(wanted) - known:
        raise SystemExit(
            f"readme: no block {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}"
        )
    if given.list:
        for name, commands, draw in BLOCKS:
            print(f"{name}{'' if draw else ' (not drawn: takes long or needs data)'}")
            print("".join(f"  {command}\n" for command in commands), end="")
        return
    if os.getloadavg()[0] > 0.5:
        print(
            f"readme: something else is running (load {os.getloadavg()[0]:.1f}): times will be too long"
        )
    done: dict[str, Run] = {}
    with tempfile.TemporaryDirectory() as folder:
        Run.folder = Path(folder)
        write_own(Run.folder)
        for name, commands, draw in BLOCKS:
            if name not in wanted:
                continue
            if draw is None:
                raise SystemExit(f"readme: '{name}' is not drawn here; --list shows its commands")
            if draw is not pictures:
                block_text(name)
            print(name, flush=True)
            for command in commands:
                if command not in done:
                    done[command] = Run(command)
            text = draw([done[command] for command in commands])
            if text is not None:
                README.write_text(block(name).sub(lambda _: f"\n{text}\n\n", README.read_text()))


if __name__ == "__main__":
    main()
