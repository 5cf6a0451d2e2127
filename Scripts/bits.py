#!/usr/bin/env python3
"""Train models of every kind, small, and print a checksum of each one's final weights.

    Scripts/bits.py .build/release/rnnbench > before.txt      # before a change that must not move a bit
    Scripts/bits.py .build/release/rnnbench > after.txt && diff before.txt after.txt

A line for each instruction set of this CPU, number of threads and model: all cells, ragged batches, both directions, dropout,
CRF, CTC, attention, averaging, optimisers and ways of clipping. The portable kernels multiply with OpenBLAS: compare them on one
machine. Whatever is not a tensor of the file (times, settings) does not count.
"""
import hashlib
import os
import subprocess
import struct
import sys
import tempfile

import sample_data

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


def checksum(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    return hashlib.sha256(data[8 + length:]).hexdigest()[:16]


def main():
    rnnbench = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sample_data.write(folder)
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
