"""System calls that fail while a model is saved."""
import os
import random
import shutil
import threading

import session
import training
import work

ERRORS = ["ENOSPC", "EIO", "EINTR", "SHORT"]


class Faults:
    """A resumed training in which the N-th call on files fails once.

    The file is the old or a new one, whole; the exit code is not 0 unless the save succeeded after
    all; and the training can be resumed to the same end.
    """
    name, share, short = "faults", 4, 30

    def __init__(self):
        self.plans = {}
        self.lock = threading.Lock()

    def run(self, shop, draw, trial):
        each = 10 if shop.is_short else 400
        kind = work.KINDS[trial.number // each % len(work.KINDS)]
        path = trial.path("model.safetensors")
        plan = self.plan(shop, trial, kind, path)
        if plan is None:
            return
        calls, content = plan
        turn = trial.number // each // len(work.KINDS) * each + trial.number % each
        places = [(at, error) for at, call in calls for error in ERRORS
                  if error != "SHORT" or call == "write"]
        random.Random(kind).shuffle(places)
        at, error = places[turn % len(places)]
        shutil.copy(shop.work.model(kind), path)
        outcome = trial.run(self.words(shop, kind, path), environment={
            "LD_PRELOAD": shop.faults, "FAULT_AT": str(at), "FAULT_ERROR": error})
        call = dict(calls)[at]
        self.check(shop, trial, kind, path, outcome, content, f"{call} {at} with {error}")

    def words(self, shop, kind, path):
        """Two more epochs of a model."""
        return shop.arguments(f"train {kind}", model=path, resume=None, epochs="3")

    def plan(self, shop, trial, kind, path):
        """The calls of an undisturbed run, by number and name, and what its file says."""
        with self.lock:
            if kind not in self.plans:
                shutil.copy(shop.work.model(kind), path)
                log = trial.path("calls")
                outcome = trial.run(self.words(shop, kind, path), environment={
                    "LD_PRELOAD": shop.faults, "FAULT_LOG": log})
                calls = []
                if os.path.exists(log):
                    with open(log, encoding="utf-8") as file:
                        calls = [(int(line.split()[0]), line.split()[1]) for line in file]
                if outcome.code != session.DONE or not any(call == "write" for _, call in calls):
                    trial.find("no call of an undisturbed training was counted", outcome)
                    return None
                self.plans[kind] = (calls, training.load(path))
            return self.plans[kind]

    def check(self, shop, trial, kind, path, outcome, content, fault):
        """Note a lost or damaged file, a failure that nobody tells, and a training that stays."""
        trial.judge(outcome)
        found = training.load(path)
        if found is None:
            trial.find(f"{fault}: the file is lost or damaged", outcome)
            return
        if outcome.code == session.DONE and found != content:
            trial.find(f"{fault}: ends with 0 and has not saved", outcome)
        again = trial.run(shop.arguments("evaluate", kind, model=path))
        if again.code != session.DONE:
            trial.find(f"{fault}: the file does not load", outcome)
        end = trial.run(self.words(shop, kind, path))
        if end.code != session.DONE or training.load(path) != content:
            trial.find(f"{fault}: cannot be resumed to the same end", outcome)
        left = [name for name in os.listdir(trial.folder) if name.endswith(".tmp")]
        if left:
            trial.find(f"{fault}: left {left[0]} behind", outcome)
