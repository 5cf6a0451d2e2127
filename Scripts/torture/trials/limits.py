"""Little memory."""
import os
import signal

import session
import training
import work

# kB of address space: with less than `ENOUGH`, small work need not be possible.
LEAST, ENOUGH, MOST = 80_000, 500_000, 700_000
LONGEST = 20


class Limits:
    """Small work under a limit of address space that may be too low: it ends, well or not.

    A run that does not end by itself is killed. No model file is damaged, and where there is
    enough memory nothing fails.
    """
    name, share, short = "limits", 1, 12

    def run(self, shop, draw, trial):
        command = draw.choice([one for one in shop.commands if one.words[0] not in
                               ("suite", "doctor", "reproduce")])
        arguments = shop.work.arguments(command, draw.choice(work.KINDS))
        memory = draw.randint(LEAST, MOST)
        outcome = trial.run(
            work.words(command, arguments), limit=LONGEST * session.slow(), memory=memory,
            end=signal.SIGKILL)
        if outcome.sent:
            trial.find(f"does not end within {LONGEST} s with little memory", outcome)
        elif memory >= ENOUGH and outcome.code != session.DONE:
            trial.find(f"fails with {memory:,} kB of memory", outcome)
        path = trial.path("model.safetensors")
        if os.path.exists(path) and training.load(path) is None:
            trial.find("left a damaged file with little memory", outcome)
