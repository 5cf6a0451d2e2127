#!/usr/bin/env python3
"""Torture rnnbench: hostile options, files, signals, system calls and rates, by chance.

    python3 Scripts/torture --rnnbench .build/release/rnnbench --minutes 10

Prints the seed, a table of what was tried, and each finding with a command that shows it; ends
with 1 if there is one. `--seed S --trial NAME --number N` repeats one trial. All runs are under a
limit of memory and in a temporary folder, which is kept when something was found.
"""
import argparse
import concurrent.futures
import os
import random
import shutil
import signal
import sys
import threading
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.dirname(FOLDER)]

import session  # noqa: E402
import table  # noqa: E402
import trials  # noqa: E402
import workshop  # noqa: E402

# Seconds after which the short form begins no trial.
SHORT = 50


def main():
    # Whoever starts this in the background may have Ctrl-C ignored, which programs inherit; a
    # handler is not inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = parse()
    shop = workshop.Workshop(options.rnnbench, options.memory, options.short)
    print(f"seed {options.seed}, {options.workers} at once, {shop.memory} kB of memory each, "
          f"instruction sets {', '.join(shop.sets)}", flush=True)
    preparation = shop.prepare()
    chosen = [trial for trial in trials.ALL if trial.name in options.trials]
    for trial in chosen:
        if hasattr(trial, "prepare"):
            trial.prepare(shop)
    run = Run(shop, options, chosen)
    run.report(preparation)
    begin = time.monotonic()
    if not preparation.findings:
        run.all()
    if changed := shop.changed():
        preparation.find(f"a run changed an input that all share: {changed[0]}")
        run.report(preparation)
    print(table.text(run.sessions, time.monotonic() - begin))
    if text := table.causes(run.sessions):
        print(f"\nBy cause:\n{text}")
    findings = [finding for one in run.sessions for finding in one.findings]
    if findings and not options.short:
        print(f"The files are in {shop.folder}.")
    else:
        shutil.rmtree(shop.folder)
    sys.exit(1 if findings else 0)


def parse():
    names = [trial.name for trial in trials.ALL]
    parser = argparse.ArgumentParser(
        prog="torture", description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--rnnbench", default=".build/release/rnnbench", help="the program")
    parser.add_argument("--minutes", type=float, default=10, help="how long")
    parser.add_argument("--seed", type=int, help="of all choices; without it 1 for --short or any")
    parser.add_argument("--trials", type=lambda text: text.split(","), default=names,
                        help="which, joined by commas")
    parser.add_argument("--trial", choices=names, help="repeat one trial alone")
    parser.add_argument("--number", type=int, default=0, help="of the trial to repeat")
    parser.add_argument("--workers", type=int, default=2, help="trials at once")
    parser.add_argument("--memory", type=int, default=6_000_000, help="of a run, in kB")
    parser.add_argument("--short", action="store_true", help="a number of each trial, a minute")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = 1 if options.short else random.SystemRandom().randrange(10**9)
    if options.trial:
        options.trials, options.workers = [options.trial], 1
    for name in options.trials:
        if name not in names:
            parser.error(f"--trials: {name} is none of {', '.join(names)}")
    return options


class Run:
    """Trials side by side, of each kind as many as its share of the time has room for."""

    def __init__(self, shop, options, chosen):
        self.shop = shop
        self.options = options
        self.chosen = chosen
        self.sessions = []
        self.lock = threading.Lock()
        self.started = {trial.name: 0 for trial in chosen}
        self.spent = {trial.name: 0.0 for trial in chosen}
        self.is_over = False
        self.deadline = time.monotonic() + (SHORT if options.short else options.minutes * 60)

    def all(self):
        """Make trials until the time is up or, in the short form, there are enough of each."""
        if self.options.trial:
            self.one(self.chosen[0], self.options.number)
            return
        with concurrent.futures.ThreadPoolExecutor(self.options.workers) as pool:
            workers = [pool.submit(self.work) for _ in range(self.options.workers)]
            try:
                for worker in workers:
                    worker.result()
            except KeyboardInterrupt:
                # The trials under way are finished, and the table tells of them.
                self.is_over = True

    def work(self):
        """Make one trial after the other."""
        while (chosen := self.next()) is not None:
            self.one(*chosen)

    def next(self):
        """The kind of trial that is furthest behind its share, and its next number."""
        with self.lock:
            left = [trial for trial in self.chosen if self.started[trial.name] < self.most(trial)]
            if not left or self.is_over or time.monotonic() > self.deadline:
                return None
            trial = min(left, key=lambda trial: self.spent[trial.name] / trial.share)
            number = self.started[trial.name]
            self.started[trial.name] += 1
            # A first guess, so that both workers do not choose the same kind.
            self.spent[trial.name] += 0.1
            return trial, number

    def most(self, trial):
        """How many trials of a kind there are to make."""
        most = trial.count(self.shop) if hasattr(trial, "count") else float("inf")
        return min(trial.short, most) if self.options.short else most

    def one(self, trial, number):
        """Make one trial, whose choices follow from the seed, its name and its number."""
        attempt = session.Session(self.shop, trial.name, number)
        begin = time.monotonic()
        draw = random.Random(f"{self.options.seed}/{trial.name}/{number}")
        try:
            trial.run(self.shop, draw, attempt)
        except Exception as error:  # A fault of the trial's own is a finding as well.
            attempt.find(f"the trial itself failed: {type(error).__name__}: {error}")
        with self.lock:
            self.spent[trial.name] += time.monotonic() - begin
        self.report(attempt)
        if not attempt.findings:
            shutil.rmtree(attempt.folder)

    def report(self, attempt):
        """Keep what came of a trial, and print its findings now."""
        with self.lock:
            self.sessions.append(attempt)
            for text, line, said in attempt.findings:
                print(f"\n{attempt.name} {attempt.number}: {text}")
                if line:
                    print(f"  {line[:2000]}")
                if said:
                    print(f"  it said: {said}")
                print(f"  again: python3 Scripts/torture --seed {self.options.seed} "
                      f"--trial {attempt.name} --number {attempt.number}", flush=True)


if __name__ == "__main__":
    main()
