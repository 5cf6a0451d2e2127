"""Outputs that cannot be written."""
import os
import signal

import session
import work

# Commands that take long even when they have little to do.
LONG = ("suite", "doctor", "reproduce")
# Those whose output is their result alone: what a closed pipe makes of them is the signal's.
PIPED = (session.DONE, 128 + signal.SIGPIPE, -signal.SIGPIPE)


class Streams:
    """Small work whose standard output is full or closed, or one of whose files cannot be written.

    The first ends with 1, the second quietly; of files all others are written, and the one that
    failed is named.
    """
    name, share, short = "streams", 2, 20

    def run(self, shop, draw, trial):
        command = draw.choice([one for one in shop.commands if one.words[0] not in LONG])
        arguments = shop.work.arguments(command, draw.choice(work.KINDS))
        # What else fails the program, as a model that is there already, is no matter of streams.
        choice = draw.choice([self.full, self.closed, self.files])
        choice(command, arguments, draw, trial)

    def full(self, command, arguments, draw, trial):
        """Standard output on a full device."""
        with open("/dev/full", "wb") as device:
            outcome = trial.run(work.words(command, arguments), stdout=device, tail=" > /dev/full")
        if trial.judge(outcome) and outcome.code == session.DONE:
            trial.find("ends with 0 and has not written its standard output", outcome)

    def closed(self, command, arguments, draw, trial):
        """Standard output into a pipe that nobody reads."""
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            outcome = trial.run(work.words(command, arguments), stdout=pipe, tail=" | true")
        if outcome.code not in PIPED:
            trial.find(f"ends with {outcome.code} when its pipe is closed", outcome)
        elif "ipe" in outcome.message:
            trial.find("complains of a closed pipe", outcome)

    def files(self, command, arguments, draw, trial):
        """One of the files to write on a full device."""
        outputs = [name for name in ("json", "csv", "report") if command.option(name)]
        if not outputs:
            return
        failing = draw.choice(outputs)
        written = [name for name in outputs if name != failing]
        changed = {**arguments, **{name: f"out.{name}" for name in written}, failing: "/dev/full"}
        outcome = trial.run(work.words(command, changed))
        if outcome.code == session.DONE:
            trial.find(f"ends with 0 and has not written --{failing}", outcome)
        else:
            trial.judge(outcome, names=["--" + failing, "/dev/full"])
        lost = [name for name in written if not has_content(trial.path(f"out.{name}"))]
        if lost:
            trial.find(f"did not write --{lost[0]} because --{failing} failed", outcome)


def has_content(path):
    """Whether a file is there and not empty."""
    return os.path.exists(path) and os.path.getsize(path) > 0
