"""Runs that are killed and resumed end as a run that was never killed."""
import os
import signal
import subprocess
import time

import session
import training

SIGNALS = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]


class Kills:
    """A training that is killed at random times by random signals, and resumed until it ends.

    Its file then holds the same bits as that of a training which was never killed.
    """
    name, share, short = "kills", 6, 9

    def run(self, shop, draw, trial):
        kind = training.KINDS[trial.number % len(training.KINDS)]
        sets = [name for name in shop.sets if name != "portable"][:2] or shop.sets
        environment = {"RNNCORE_ISA": sets[trial.number // len(training.KINDS) % len(sets)]}
        reference = training.REFERENCES.get(shop, trial, kind, environment)
        if reference is None:
            return
        content, seconds = reference
        path = trial.path("model.safetensors")
        for _ in range(2 if shop.is_short else 6):
            outcome = self.interrupt(
                shop, trial, kind, path, environment, draw.random() * seconds, draw.choice(SIGNALS))
            if outcome.code == session.DONE or trial.findings:
                break
        outcome = trial.run(self.words(shop, kind, path), environment=environment)
        if outcome.code != session.DONE:
            trial.find("cannot be resumed after kills", outcome)
        elif training.load(path) != content:
            trial.find("ends with other bits than a training that was never killed", outcome)
        left = [name for name in os.listdir(trial.folder) if name.endswith(".tmp")]
        if left:
            trial.find(f"left {left[0]} behind after it ended well", outcome)

    def words(self, shop, kind, path):
        """The training from its start, or from the file if there is one."""
        more = {"resume": None} if os.path.exists(path) else {}
        return training.arguments(shop, kind, path, **more)

    def interrupt(self, shop, trial, kind, path, environment, delay, number):
        """Start or resume the training and send it a signal; its file must be whole then."""
        words = self.words(shop, kind, path)
        begin = time.monotonic()
        process, out, err = trial.start(words, environment=environment)
        time.sleep(delay)
        process.send_signal(number)
        at = time.monotonic()
        try:
            process.wait(session.LONGEST_RUN * session.slow())
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        outcome = trial.count(session.Outcome(
            [shop.rnnbench, *words], trial.folder, environment, process.returncode,
            time.monotonic() - begin, session.read(out), session.read(err),
            memory=shop.memory))
        codes = (session.DONE, -number, session.INTERRUPTED.get(number, session.DONE))
        if outcome.code not in codes:
            trial.find(f"ends with {outcome.code} after {number.name}", outcome)
        elif time.monotonic() - at > session.GRACE * session.slow():
            trial.find(f"took {time.monotonic() - at:.1f} s to obey {number.name}", outcome)
        if os.path.exists(path) and training.load(path) is None:
            trial.find(f"left a damaged file after {number.name}", outcome)
        return outcome
