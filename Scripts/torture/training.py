"""Trainings that last a second or two, to be killed, run twice at once or made to fail."""
import threading

import modelfile
import session
import work

# Validation of generated pairs takes most of an epoch.
EPOCHS = {"transduce": 6}


def arguments(shop, kind, path, **changes):
    """The words of a training of some forty epochs."""
    return shop.arguments(f"train {kind}", model=path, **{
        "epochs": str(EPOCHS.get(kind, 40)), "hidden": "16", **changes})


def load(path):
    """What a model file has in common with that of another run; None if it cannot be read."""
    try:
        return modelfile.comparable(path)
    except (OSError, ValueError, KeyError):
        return None


class References:
    """Final files of undisturbed trainings, made when they are first asked for."""

    def __init__(self):
        self.known = {}
        self.lock = threading.Lock()

    def get(self, shop, trial, kind, environment, **changes):
        """What the file of an undisturbed training says, and how many seconds it took.

        None when the training fails, which is noted as a finding.
        """
        key = (kind, *sorted(environment.items()), *sorted(changes.items()))
        with self.lock:
            if key not in self.known:
                path = trial.path("reference.safetensors")
                outcome = trial.run(
                    arguments(shop, kind, path, **changes, overwrite=None),
                    environment=environment)
                if outcome.code != session.DONE:
                    trial.find("an undisturbed training fails", outcome)
                    return None
                self.known[key] = (load(path), outcome.seconds)
            return self.known[key]


REFERENCES = References()
KINDS = work.KINDS
