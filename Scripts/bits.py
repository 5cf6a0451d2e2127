#!/usr/bin/env python3
"""Train models of every kind, small, and print a checksum of each one's final weights.

    Scripts/bits.py .build/release/rnnbench > before.txt      # before a change that must not move a bit
    Scripts/bits.py .build/release/rnnbench > after.txt && diff before.txt after.txt

A line for each instruction set of this CPU, number of threads and model: all cells, ragged batches, both directions, dropout,
CRF, CTC, attention, averaging, optimisers and ways of clipping. The portable kernels multiply with OpenBLAS: compare them on one
machine. Whatever is not a tensor of the file (times, settings) does not count.
"""
import hashlib
import json
import os
import random
import subprocess
import struct
import sys
import tempfile

CELLS = [
    "elman", "elman:sigmoid", "elman:relu", "elman:identity", "irnn", "jordan", "jordan:teacher", "elman-jordan",
    "elman-jordan:teacher", "lstm", "lstm:peephole", "lstm:coupled", "lstm:peephole+coupled",
    "lstm:linear-input+linear-output+forget-bias=1", "gru", "gru:reset-before", "bi-lstm", "bi-gru", "bi-elman",
    "feedforward", "min-gru", "min-gru:positive+forget-bias=1", "min-lstm", "min-lstm:positive", "bi-min-lstm", "lru",
    "lru:r-min=0.5+r-max=0.9", "bi-lru",
]
TAG = "train tag --data tags --embedding 5 --hidden 9 --batch 4 --epochs 3 --averaging 0.9"
PAIRS = "train translate --data parallel --languages en,de --hidden 8 --embedding 6 --batch 4 --epochs 3"
ADDING = "profile adding --length 5-9 --hidden 9 --batch 4 --updates 12"


def commands():
    """Names and arguments; every command saves to the file m."""
    for cell in CELLS:
        yield f"tag {cell}", f"{TAG} --cell {cell} --no-crf --dropout 0.2"
        # One answer at the end, of a recurrent network that is fed nothing from outside.
        if cell != "feedforward" and "teacher" not in cell:
            yield f"adding {cell}", f"{ADDING} --cells {cell}"
    for cell in ["lstm", "gru", "bi-lstm"]:
        yield f"tag {cell}, CRF and intent", f"{TAG} --cell {cell} --crf --intent-weight 0.5 --word-dropout 0.2"
        yield f"tag {cell}, 2 layers", f"{TAG} --cell {cell} --layers 2 --recurrent-dropout 0.2 --window 3 --group-lengths"
        yield f"tag {cell}, summed", f"{TAG} --cell {cell.removeprefix('bi-')} --directions bidirectional-sum"
    for cell in ["lstm", "gru", "bi-lstm"]:
        yield f"spelled digits {cell}", f"profile spelled-digits --cells {cell} --hidden 9 --batch 4 --updates 12"
    yield "characters", "train lm --data text --hidden 9 --embedding 6 --layers 2 --dropout 0.2 --batch 5 --steps 9 --epochs 2"
    yield "characters, tied", "train lm --data text --cell gru --hidden 9 --embedding 9 --tied --batch 5 --steps 9 --epochs 2"
    yield "words, past window", "train lm --unit word --minimum-count 1 --data text --cell elman --window 3 --hidden 9 --embedding 6 --batch 5 --steps 9 --epochs 2"
    yield "many characters", "train lm --data text --hidden 40 --embedding 20 --batch 30 --steps 20 --epochs 2"
    yield "classes", "train classify --data classes.tsv --hidden 9 --embedding 6 --batch 5 --epochs 3 --validation-share 0.2"
    yield "classes, sum", "train classify --data classes.tsv --cell gru --directions bidirectional-sum --hidden 9 --embedding 6 --batch 5 --epochs 3"
    yield "music", "train music --data tunes.json --hidden 9 --batch 3 --epochs 3"
    yield "music, jordan", "train music --data tunes.json --cell jordan:teacher --layers 1 --recurrent-dropout 0 --hidden 9 --batch 3 --epochs 3"
    for attention in ["none", "dot", "general", "concat"]:
        yield f"pairs {attention}", f"{PAIRS} --attention {attention}"
        yield f"pairs {attention}, sampling", f"{PAIRS} --attention {attention} --cell gru --sampling constant=0.3 --layers 2"
        for feeding in ["answer", "context"] if attention != "none" else []:
            yield f"pairs {attention} fed {feeding}", f"{PAIRS} --attention {attention} --feeding {feeding} --reverse-source"
    yield "parse", "train parse --data trees --hidden 8 --embedding 6 --batch 4 --epochs 2 --minimum-count 1"
    yield "auto-encode", "train autoencode --data classes.tsv --hidden 8 --embedding 6 --batch 5 --epochs 2 --word-dropout 0.2"
    yield "transduce", "train transduce --problem reverse --pairs 60 --lengths 2-6 --hidden 8 --embedding 6 --batch 5 --epochs 2"
    for more in ["", " --no-image", " --attention dot --layers 2"]:
        yield f"vqa{more}", f"train vqa --data pictures --hidden 8 --embedding 6 --batch 4 --epochs 3 --minimum-count 1{' --patch 4' if 'no' not in more else ''}{more}"
    for rule in ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adamw"]:
        yield f"{rule}", f"{TAG} --cell gru --optimizer {rule} --rate 0.01 --weight-decay 0.01"
    for mode in ["none", "value", "norm", "layer-norm", "norm-over-batch"]:
        yield f"clip {mode}", f"{TAG} --cell gru --clip-mode {mode}" + (" --clip 0.01" if mode != "none" else "")
    for start in ["xavier", "orthogonal", "identity", "sparse", "normal=0.1"]:
        yield f"init {start}", f"{TAG} --cell elman --init {start}"


def write_data():
    draw = random.Random(7)
    for part, count in [("train", 24), ("valid", 6), ("test", 6)]:
        os.makedirs(f"tags/{part}")
        rows = [[draw.randrange(9) for _ in range(draw.randint(1, 7))] for _ in range(count)]
        lines = {
            "seq.in": [" ".join(f"w{i}" for i in row) for row in rows],
            "seq.out": [" ".join("B-low" if i < 3 else "O" for i in row) for row in rows],
            "label": ["some" if min(row) < 3 else "none" for row in rows],
        }
        for name, texts in lines.items():
            write(f"tags/{part}/{name}", texts)
    write("text", [f"line {i % 7} says {i * i % 13}." for i in range(60)])
    write("classes.tsv", [f"{'good' if i % 2 else 'bad'}\t{' '.join(draw.choice('abcdef') for _ in range(draw.randint(2, 8)))} {'x' if i % 2 else 'y'}" for i in range(40)])
    tunes = lambda n: [[sorted(draw.sample(range(40, 60), 2)) for _ in range(draw.randint(4, 12))] for _ in range(n)]
    write("tunes.json", [str({"train": tunes(8), "valid": tunes(2), "test": tunes(2)}).replace("'", '"')])
    os.makedirs("parallel")
    os.makedirs("trees")
    for part, count in [("train", 24), ("val", 6), ("test", 6)]:
        rows = [[draw.randrange(7) for _ in range(draw.randint(1, 5))] for _ in range(count)]
        write(f"parallel/{part}.en", [" ".join(f"e{i}" for i in row) for row in rows])
        write(f"parallel/{part}.de", [" ".join(f"d{i}" for i in row) for row in rows])
        write(f"trees/{part}.ptb", ["( (S " + " ".join(f"(NP (NN w{i}))" if i < 4 else f"(VB w{i})" for i in row) + ") )" for row in rows])
    write_pictures(draw)


def write(path, lines):
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


def write_pictures(draw):
    """Pictures of 8 x 8 pixels, each with a square in one of two colours, and questions about each."""
    for part, count in [("train", 12), ("test", 4)]:
        os.makedirs(f"pictures/{part}")
        pixels, questions = b"RLE1" + struct.pack("<IHH", count, 8, 8), []
        for image in range(count):
            name, colour = draw.choice([("red", (255, 0, 0)), ("blue", (0, 0, 255))])
            before = draw.randint(1, 40)
            runs = [(before, 255, 255, 255), (16, *colour), (64 - 16 - before, 255, 255, 255)]
            pixels += struct.pack("<H", len(runs)) + b"".join(bytes(run) for run in runs)
            questions.append(["what colour is it?", name, image])
            questions.append(["is it red?", "yes" if name == "red" else "no", image])
        with open(f"pictures/{part}/images_rle.bin", "wb") as file:
            file.write(pixels)
        write(f"pictures/{part}/questions.json", [json.dumps(questions)])


def checksum(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    return hashlib.sha256(data[8 + length:]).hexdigest()[:16]


def main():
    rnnbench = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_data()
        for isa in ["portable", "avx2", "avx512"]:
            environment = dict(os.environ, RNNCORE_ISA=isa)
            if subprocess.run([rnnbench, "--version"], env=environment, capture_output=True).returncode:
                continue
            for threads in [1, 2]:
                for name, command in commands():
                    save = ["--model", "m", "--overwrite"] if command.startswith("train") else ["--save", "m"]
                    run = subprocess.run(
                        [rnnbench, *command.split(), *save, "--threads", str(threads)], env=environment,
                        capture_output=True, text=True)
                    print(isa, threads, name, checksum("m") if run.returncode == 0 else run.stderr.strip().splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
