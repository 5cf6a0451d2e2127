"""Small data of every form that `rnnbench train` reads, for scripts that train on all of them.

`write(FOLDER)` makes the same files each time: `tags` (seq.in, seq.out, label), `text`,
`classes.tsv` (LABEL<TAB>TEXT), `tunes.json` (piano rolls), `parallel` (two languages), `trees`
(brackets) and `pictures` (run-length images with questions), each with its parts.
"""
import json
import os
import random
import struct


def write(folder):
    """Write all data into a folder that is there."""
    draw = random.Random(7)
    write_tags(folder, draw)
    lines(folder, "text", [f"line {i % 7} says {i * i % 13}." for i in range(60)])
    texts = [" ".join(draw.choice("abcdef") for _ in range(draw.randint(2, 8))) for _ in range(40)]
    classes = [
        f"{'good' if i % 2 else 'bad'}\t{text} {'x' if i % 2 else 'y'}"
        for i, text in enumerate(texts)
    ]
    lines(folder, "classes.tsv", classes)
    lines(folder, "tunes.json", [json.dumps({
        part: [
            [sorted(draw.sample(range(40, 60), 2)) for _ in range(draw.randint(4, 12))]
            for _ in range(count)
        ]
        for part, count in [("train", 8), ("valid", 2), ("test", 2)]
    })])
    write_pairs(folder, draw)
    write_pictures(folder, draw)


def write_tags(folder, draw):
    """Write sentences of one to seven words, each tagged by itself, and the intent of each."""
    for part, count in [("train", 24), ("valid", 6), ("test", 6)]:
        rows = [[draw.randrange(9) for _ in range(draw.randint(1, 7))] for _ in range(count)]
        texts = {
            "seq.in": [" ".join(f"w{i}" for i in row) for row in rows],
            "seq.out": [" ".join("B-low" if i < 3 else "O" for i in row) for row in rows],
            "label": ["some" if min(row) < 3 else "none" for row in rows],
        }
        for name, rows in texts.items():
            lines(folder, f"tags/{part}/{name}", rows)


def write_pairs(folder, draw):
    """Write sentences in two languages, word by word the same, and trees over words."""
    for part, count in [("train", 24), ("val", 6), ("test", 6)]:
        rows = [[draw.randrange(7) for _ in range(draw.randint(1, 5))] for _ in range(count)]
        lines(folder, f"parallel/{part}.en", [" ".join(f"e{i}" for i in row) for row in rows])
        lines(folder, f"parallel/{part}.de", [" ".join(f"d{i}" for i in row) for row in rows])
        phrases = [
            " ".join(f"(NP (NN w{i}))" if i < 4 else f"(VB w{i})" for i in row) for row in rows
        ]
        lines(folder, f"trees/{part}.ptb", [f"( (S {words}) )" for words in phrases])


def write_pictures(folder, draw):
    """Write pictures of 8 x 8 pixels, each with a bar in one of two colours, and questions."""
    for part, count in [("train", 12), ("test", 4)]:
        pixels, questions = b"RLE1" + struct.pack("<IHH", count, 8, 8), []
        for image in range(count):
            name, colour = draw.choice([("red", (255, 0, 0)), ("blue", (0, 0, 255))])
            before = draw.randint(1, 40)
            runs = [
                (before, 255, 255, 255), (16, *colour), (64 - 16 - before, 255, 255, 255)
            ]
            pixels += struct.pack("<H", len(runs)) + b"".join(bytes(run) for run in runs)
            questions.append(["what colour is it?", name, image])
            questions.append(["is it red?", "yes" if name == "red" else "no", image])
        lines(folder, f"pictures/{part}/questions.json", [json.dumps(questions)])
        with open(f"{folder}/pictures/{part}/images_rle.bin", "wb") as file:
            file.write(pixels)


def lines(folder, path, texts):
    """Write lines into a file, with the folders above it."""
    os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
    with open(f"{folder}/{path}", "w", encoding="utf-8") as file:
        file.write("\n".join(texts) + "\n")
