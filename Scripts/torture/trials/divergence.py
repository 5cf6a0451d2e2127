"""Rates that are too high."""
import json
import os

import session
import work

RATES = ["10", "1e4", "1e9", "1e20", "1e37"]
RULES = ["sgd", "adam", "momentum", "rmsprop", "adagrad"]


class Divergence:
    """A training of every kind of model at every rate that is too high.

    One whose loss or parameters become infinite or no number ends with 3 and says so; the file, if
    there is one, loads.
    """
    name, share, short = "divergence", 2, 18

    def run(self, shop, draw, trial):
        kind = work.KINDS[trial.number % len(work.KINDS)]
        rate = RATES[trial.number // len(work.KINDS) % len(RATES)]
        rule = RULES[trial.number // len(work.KINDS) // len(RATES) % len(RULES)]
        path, results = trial.path("model.safetensors"), trial.path("results.json")
        clipping = draw.choice([{"clip-mode": "none"}, {"clip-mode": "none"}, {}])
        outcome = trial.run(shop.arguments(
            f"train {kind}", model=path, json=results, rate=rate, optimizer=rule, epochs="4",
            **clipping))
        if outcome.code == session.FAILED and "--rate" in outcome.message:
            # A rate outside the declared range.
            trial.judge(outcome)
            return
        said = outcome.out.decode("utf-8", "replace") + outcome.message
        trial.judge(outcome, (session.DONE, session.DIVERGED))
        if outcome.code == session.DIVERGED and "diverged" not in said.lower():
            trial.find("ends with 3 and does not say that it diverged", outcome)
        if outcome.code == session.DONE and is_lost(results):
            trial.find("has a loss that is no number and ends with 0", outcome)
        if os.path.exists(path):
            again = trial.run(shop.arguments("evaluate", kind, model=path))
            if again.code != session.DONE:
                trial.find("left a file that does not load", again)
        elif outcome.code == session.DONE:
            trial.find("ends with 0 without a file", outcome)


def is_lost(path):
    """Whether results say that a loss was no number."""
    if not os.path.exists(path):
        return False
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    return any(
        not isinstance(look[name], (int, float))
        for look in results["looks"] for name in ("trainLoss", "validLoss") if name in look)
