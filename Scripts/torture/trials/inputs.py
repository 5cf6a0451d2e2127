"""Damaged inputs of every form that a command reads."""
import os
import shutil

import mutation
import session
import work

# Forms of input: a path in the folder of data and what reads it. A command stands with the kind of
# its model and the option that takes the path.
READERS = [
    ("tags", [("train tag", "tag", "data"), ("evaluate", "tag", "data")]),
    ("columns", [("train tag", "tag", "data"), ("evaluate", "tag", "data")]),
    ("universal", [("train tag", "tag", "data"), ("evaluate", "tag", "data")]),
    ("text", [("train lm", "lm", "data"), ("evaluate", "lm", "data"),
              ("compare lm", "lm", "data")]),
    ("text.gz", [("train lm", "lm", "data")]),
    ("classes", [("train classify", "classify", "data")]),
    ("classes.tsv", [("train classify", "classify", "data"), ("evaluate", "classify", "data"),
                     ("train autoencode", "autoencode", "data")]),
    ("series", [("train classify", "classify", "data")]),
    ("tunes.json", [("train music", "music", "data"), ("evaluate", "music", "data")]),
    ("parallel", [("train translate", "translate", "data"), ("evaluate", "translate", "data")]),
    ("trees", [("train parse", "parse", "data"), ("evaluate", "parse", "data")]),
    ("pictures", [("train vqa", "vqa", "data"), ("evaluate", "vqa", "data"),
                  ("generate", "vqa", "data")]),
    ("steps.csv", [("explain", "lm", "input")]),
    ("shapes.csv", [("throughput", "lm", "shapes")]),
    ("settings", [("train lm", "lm", "config")]),
    ("new/lines", [
        ("predict", kind, "data") for kind in work.KINDS if kind not in ("music", "vqa")]),
    ("new/notes.json", [("predict", "music", "data")]),
    ("new/questions.tsv", [("predict", "vqa", "data")]),
    ("pictures/test/images_rle.bin", [("predict", "vqa", "images")]),
    ("tags/test/seq.in", [("predict", "tag", "data")]),
    ("columns/test.txt", [("predict", "tag", "data")]),
    ("universal/test.conllu", [("predict", "tag", "data")]),
    ("trees/test.ptb", [("predict", "parse", "data")]),
]


class Inputs:
    """A valid input of some form with some bytes changed: it is read, or refused by its name."""
    name, share, short = "inputs", 4, 60

    def run(self, shop, draw, trial):
        form, readers = READERS[trial.number % len(READERS)]
        command, kind, option = draw.choice(readers)
        original = shop.work.path(form)
        if form == "settings":
            original = shop.settings(shop.command(command), trial)
        place = trial.path(os.path.basename(original))
        (shutil.copytree if os.path.isdir(original) else shutil.copy)(original, place)
        files = sorted(session.tree(place)) if os.path.isdir(place) else [place]
        path = draw.choice(files)
        with open(path, "rb") as file:
            data = file.read()
        with open(path, "wb") as file:
            file.write(mutation.mutate(data, draw))
        changes = {option: place}
        if form == "series":
            changes["embedding"] = False
        if command.startswith("train"):
            changes["patience"] = "1"
        if command == "predict" and draw.random() < 0.3:
            changes["on-error"] = "mark"
        words = shop.arguments(command, kind, **changes)
        stdin = None
        if command == "predict" and option == "data" and draw.random() < 0.3:
            words = shop.arguments(command, kind, data=False)
            stdin = place
        outcome = trial.run(words, stdin=stdin)
        if outcome.sent:
            trial.find(f"ran for more than {session.LONGEST_RUN} s", outcome)
        codes = (session.DONE, session.FAILED, session.USAGE) + (
            (session.DIVERGED,) if command.startswith("train") else ())
        names = [os.path.basename(place), "--" + option, "standard input", *(
            os.path.basename(os.fsdecode(path)) for path in files)]
        trial.judge(outcome, codes, names + ["--" + name for name in changes])
