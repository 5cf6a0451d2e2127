"""One path for an input and an output of a command, or for two outputs."""
import itertools
import os
import shutil

import session
import work

# The kind of model with which an option of a command makes sense.
KIND = {
    "images": "vqa", "start": "classify", "neighbors": "autoencode", "attention": "autoencode"}


class Paths:
    """Every pair of an input and an output, and of two outputs, of every command: the same path,
    over links, and a file of an input folder. The run is refused and nothing has changed.
    """
    name, share, short = "paths", 2, 30

    def __init__(self):
        self.pairs = None

    def prepare(self, shop):
        """List the pairs, in an order that meets all commands early."""
        lists = []
        for command in shop.commands:
            paths = [option.name for option in command.options if option.is_path]
            outputs = [name for name in paths if is_output(command, name)]
            inputs = [name for name in paths if name not in outputs]
            if command.words[0] == "train":
                inputs.append("model")
            pairs = list(itertools.product(inputs, outputs)) + list(
                itertools.combinations(outputs, 2))
            lists.append([
                (command, *pair) for pair in pairs
                if pair[0] != pair[1] and inputs_of(shop, command, *pair, None) is not None])
        self.pairs = [
            pair for row in itertools.zip_longest(*lists) for pair in row if pair is not None]

    def count(self, shop):
        """How many trials there are."""
        return len(self.pairs)

    def run(self, shop, draw, trial):
        command, first, second = self.pairs[trial.number % len(self.pairs)]
        if is_output(command, first) and not (command.words[0] == "train" and first == "model"):
            self.outputs(shop, command, first, second, trial)
            return
        arguments = inputs_of(shop, command, first, second, trial)
        if command.words[0] == "train" and first == "model":
            arguments["resume"] = None
            arguments["model"] = shop.work.model(command.words[-1])
        elif second == "model":
            arguments["overwrite"] = None
        # The run works on copies: what is overwritten harms no other trial.
        original = arguments[first]
        place = trial.path("inputs")
        os.mkdir(place)
        copy = os.path.join(place, os.path.basename(original))
        duplicate(original, copy)
        before = session.tree(trial.folder)
        if draw.random() < 0.2:
            self.control(command, {**arguments, first: copy}, second, trial)
            restore(original, copy, trial, before)
        for given, written, extra in forms(copy, trial):
            changed = {**arguments, first: given, second: written}
            outcome = trial.run(work.words(command, changed))
            self.check(outcome, second, before, extra, trial)
            restore(original, copy, trial, before)

    def control(self, command, arguments, output, trial):
        """Run with another path for the output, which must not be refused."""
        outcome = trial.run(work.words(command, {**arguments, output: "elsewhere"}))
        if outcome.code != session.DONE:
            trial.find(f"is refused with --{output} elsewhere as well", outcome)

    def outputs(self, shop, command, first, second, trial):
        """Two outputs with one path: refused, and nothing is left."""
        arguments = shop.work.arguments(command, kind_for((second,), command))
        for one, other in [("out", "out"), ("out", "./out")]:
            outcome = trial.run(work.words(command, {**arguments, first: one, second: other}))
            self.check(outcome, second, {}, set(), trial, first)
            remove(session.tree(trial.folder))

    def check(self, outcome, output, before, extra, trial, other=None):
        """Note a run that was not refused for its output, or that changed a file."""
        now = {path: mark for path, mark in session.tree(trial.folder).items() if path not in extra}
        if now != before:
            path = next(iter(sorted(dict(before.items() ^ now.items()))))
            trial.find(f"changed or left a file: {os.path.basename(os.fsdecode(path))}", outcome)
        elif not outcome.is_refusal:
            trial.find("is not refused", outcome)
        else:
            trial.judge(outcome, names=["--" + name for name in (output, other) if name])


def is_output(command, name):
    """Whether an option's file is written: train also writes its model."""
    return command.option(name).is_output or (command.words[0], name) == ("train", "model")


def kind_for(names, command):
    """A kind of model for which options of a command have a use."""
    known = [KIND[name] for name in names if name in KIND]
    return known[0] if known else "tag" if command.words[0] != "generate" else "lm"


def inputs_of(shop, command, name, output, trial):
    """Small work with an input option that an output option goes with; None if there is none.

    - trial: what makes the file of settings; None to ask only whether there is such work.
    """
    kind = kind_for((name, output), command)
    if is_output(command, name):
        return shop.work.arguments(command, kind)
    if name == "config":
        arguments = shop.work.arguments(command, kind)
        return {**arguments, "config": trial and shop.settings(command, trial)}
    return shop.work.arguments(command, kind, name)


def forms(path, trial):
    """Ways to write over a file: given and written path, and the links that were made for it."""
    links = [trial.path("link"), trial.path("hard")]
    if not os.path.isdir(path):
        yield path, path, set()
        os.symlink(path, links[0])
        yield path, links[0], {os.fsencode(links[0])}
        os.symlink(path, links[0])
        yield links[0], path, {os.fsencode(links[0])}
        os.link(path, links[1])
        yield path, links[1], {os.fsencode(links[1])}
        return
    inside = min(os.fsdecode(name) for name in session.tree(path))
    yield path, inside, set()
    os.symlink(path, links[0])
    yield links[0], inside, {os.fsencode(links[0])}
    os.symlink(inside, links[0])
    yield path, links[0], {os.fsencode(links[0])}
    os.link(inside, links[1])
    yield path, links[1], {os.fsencode(links[1])}


def duplicate(original, copy):
    """Copy a file or folder."""
    (shutil.copytree if os.path.isdir(original) else shutil.copy)(original, copy)


def restore(original, copy, trial, before):
    """Remove what a run left, and copy an input again that it changed."""
    now = session.tree(trial.folder)
    remove(path for path in now if path not in before)
    if any(now.get(path) != mark for path, mark in before.items()):
        (shutil.rmtree if os.path.isdir(copy) else os.remove)(copy)
        duplicate(original, copy)


def remove(paths):
    """Remove files that are there."""
    for path in list(paths):
        if os.path.lexists(path):
            os.remove(path)
