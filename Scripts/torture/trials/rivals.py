"""Two trainings of one model file at once."""
import os
import time

import session
import training

# Seconds that a start may take: trainings that began that much before the end of another overlap.
START = 1


class Rivals:
    """Two trainings of one model file, begun at random times of each other.

    Whenever they overlap, one is refused and names the other; the other's file is whole. A reader
    is never refused.
    """
    name, share, short = "rivals", 3, 4

    def run(self, shop, draw, trial):
        kind = draw.choice(training.KINDS)
        mode = draw.choice(["fresh", "overwrite", "resume"])
        seconds = training.REFERENCES.get(shop, trial, kind, {}, schedule="constant")
        if seconds is None:
            return
        path = trial.path("model.safetensors")
        if mode != "fresh":
            first = trial.run(training.arguments(
                shop, kind, path, schedule="constant", epochs="2"))
            if first.code != session.DONE:
                trial.find("a short training fails", first)
                return
        epochs = training.EPOCHS.get(kind, 40)
        goals = [epochs, epochs + 2]
        draw.shuffle(goals)
        lines = [training.arguments(
            shop, kind, path, schedule="constant", epochs=str(goal), **self.more(mode))
            for goal in goals]
        delay = draw.choice([0, draw.random() * 0.2, draw.random() * seconds[1] * 1.3])
        outcomes = self.race(shop, trial, lines, delay, path, draw)
        self.judge(trial, outcomes, goals, mode, path)

    def more(self, mode):
        """The options of a way to begin."""
        return {} if mode == "fresh" else {mode: None}

    def race(self, shop, trial, lines, delay, path, draw):
        """Run both trainings; returns the outcome, process id, start and end of each."""
        started = []
        for line in lines:
            if started:
                time.sleep(delay)
            started.append((time.monotonic(), line, *trial.start(line)))
        time.sleep(draw.random() * 0.3)
        if os.path.exists(path):
            copy = trial.run(["evaluate", "--model", path, "--print-config"])
            if copy.code != session.DONE:
                trial.find("a reader is refused", copy)
        ended = {}
        while len(ended) < 2:
            for index, (_, _, process, _, _) in enumerate(started):
                if index not in ended and process.poll() is not None:
                    ended[index] = time.monotonic()
            if time.monotonic() - started[0][0] > session.LONGEST_RUN * session.slow():
                for _, _, process, _, _ in started:
                    process.kill()
            time.sleep(0.005)
        return [
            (trial.count(session.Outcome(
                [shop.rnnbench, *line], trial.folder, {}, process.returncode,
                ended[index] - begin, session.read(out), session.read(err), memory=shop.memory)),
             process.pid, begin, ended[index])
            for index, (begin, line, process, out, err) in enumerate(started)]

    def judge(self, trial, outcomes, goals, mode, path):
        """Note what one of the two has lost."""
        both = f" & {' '.join(outcomes[1][0].command[1:4])} …"
        codes = [outcome.code for outcome, _, _, _ in outcomes]
        for index, (outcome, _, _, _) in enumerate(outcomes):
            other = outcomes[1 - index]
            if not trial.judge(outcome):
                return
            if outcome.is_refusal:
                text = outcome.message
                if other[0].is_refusal:
                    trial.find(f"both are refused{both}", outcome)
                elif "already" not in text and str(other[1]) not in text and mode == "fresh":
                    trial.find("is refused without the other's process id", outcome)
        overlap = min(end for *_, end in outcomes) - max(begin for _, _, begin, _ in outcomes)
        if codes == [0, 0] and (overlap > START * session.slow() or mode == "fresh"):
            trial.find(f"two trainings of one file both end with 0{both}", outcomes[0][0])
        done = [goal for goal, code in zip(goals, codes) if code == session.DONE]
        found = training.load(path)
        if found is None:
            trial.find("left a damaged file", outcomes[0][0])
        elif done and found[0]["rnntasks.course"]["epochs"] not in done:
            trial.find(f"the file has {found[0]['rnntasks.course']['epochs']} epochs, not {done}",
                       outcomes[0][0])
        elif mode == "resume" and done and found[0]["rnntasks.course"]["epochs"] != max(done):
            trial.find("a longer training is lost", outcomes[0][0])
