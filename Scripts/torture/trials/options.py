"""Hostile values for the options of all commands."""
import os
import signal

import session
import work

NUMBERS = [
    "0", "-1", "1", str(2**31), str(2**32), str(2**62), str(2**63 - 1), "1e-45", "1e308", "nan",
    "inf", "1000", "50000", "1000000",
]
# What makes work of any length, given for a number of things.
LARGE = {
    str(2**31), str(2**32), str(2**62), str(2**63 - 1), "1e308", "inf", "1000", "50000", "1000000"}
TEXTS = ["", "x" * 10_000, "👩‍🚀🧨", "a,b", "1-5", "0:0", "=1"]
PATHS = ["", "x" * 10_000, "👩‍🚀", "/dev/full", "none/there", ".", "-", "0", b"\xff\xfe"]
CELLS = ["lstm", "elman", "gru:reset-before", "bi-lstm", "lru", "min-gru", "jordan:teacher", "irnn"]
# Commands whose own work is long: nothing makes it small.
LONG = {("suite",), ("doctor",), ("reproduce",)}


class Options:
    """Small work with one to three options that have a hostile value, or another valid one."""
    name, share, short = "options", 6, 60

    def run(self, shop, draw, trial):
        command = draw.choice(shop.commands)
        kind = draw.choice(work.KINDS)
        arguments = shop.work.arguments(command, kind)
        chosen = self.choose(command, arguments, draw)
        words = work.words(command, arguments)
        before = session.tree(trial.folder)
        # Work that may be long is ended by a signal, which has to be obeyed.
        is_long = command.words[:1] in LONG or any(
            option.counts and is_large(value) for option, value in chosen)
        outcome = trial.run(
            words, limit=(2 if shop.is_short else 10) if is_long else None,
            end=draw.choice([signal.SIGTERM, signal.SIGINT]))
        if outcome.sent is not None and not is_long:
            trial.find(f"ran for more than {session.LONGEST_RUN} s", outcome)
        codes = (session.DONE, session.FAILED, session.USAGE) + (
            (session.DIVERGED,) if command.words[0] == "train" else ())
        # A file or folder may be named by its place.
        trial.judge(outcome, codes, [*names(command, arguments), os.path.basename(trial.folder)])
        self.check_files(command, arguments, before, outcome, trial)

    def choose(self, command, arguments, draw):
        """Give one to three options another value; returns them with it."""
        pool = [option for option in command.options if option.name != "print-config"]
        chosen = []
        for option in draw.sample(pool, min(len(pool), draw.choice([1, 1, 1, 2, 3]))):
            arguments[option.name] = value = self.value(option, draw)
            chosen.append((option, value))
        return chosen

    def value(self, option, draw):
        """A value for an option, most of them hostile."""
        if option.kind == "flag":
            return None
        if option.is_path:
            return draw.choice(PATHS)
        if option.choices and draw.random() < 0.5:
            return draw.choice(option.choices)
        if option.name in ("cell", "cells") and draw.random() < 0.5:
            return draw.choice(CELLS)
        if draw.random() < 0.2:
            return draw.choice(TEXTS)
        if draw.random() < 0.1:
            return ",".join(draw.choice(NUMBERS) for _ in range(draw.randint(2, 3)))
        return draw.choice(NUMBERS)

    def check_files(self, command, arguments, before, outcome, trial):
        """Note files that were not asked for, and empty ones that a refusal left."""
        asked = {trial.path("model.safetensors")} | {
            trial.path(os.fsdecode(value)) for name, value in arguments.items()
            if value and command.option(name) and command.option(name).is_path}
        for path in session.tree(trial.folder).keys() - before.keys():
            name = os.fsdecode(path)
            if name not in asked:
                trial.find(f"left {name!r} behind", outcome)
            elif outcome.is_refusal and os.path.getsize(path) == 0:
                trial.find(f"left an empty {name!r} behind when it was refused", outcome)


def is_large(value):
    """Whether a value or one of a list is a large number."""
    return isinstance(value, str) and any(part in LARGE for part in value.split(","))


def names(command, arguments):
    """What a refusal has to name one of: options that were given, or files by their names."""
    found = []
    for name, value in arguments.items():
        found += ["--" + name, "--" + name.removeprefix("no-")]
        option = command.option(name)
        if option and option.kind == "positional":
            found.append(str(value)[:20])
        if option and option.is_path and isinstance(value, str) and value:
            found.append(value[:20])
        if option and option.is_path and isinstance(value, bytes):
            found.append("\\xFF")
        if value == "-":
            found += ["standard input", "standard output"]
    return found
