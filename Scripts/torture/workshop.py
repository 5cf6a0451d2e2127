"""What all trials share: the program, its commands, data, trained models and limits."""
import gzip
import os
import shutil
import subprocess
import tempfile
import threading

import sample_data

import commands
import session
import work


class Workshop:
    """A temporary folder with data of every form and a small model of every kind.

    - rnnbench: the program.
    - memory: the most address space that a run may have, in kilobytes as `ulimit -v` takes it.
    - is_short: whether each trial is to keep short.
    """

    def __init__(self, rnnbench, memory, is_short):
        self.rnnbench = os.path.abspath(rnnbench)
        self.memory = memory
        self.is_short = is_short
        self.lock = threading.Lock()
        self.folder = tempfile.mkdtemp(prefix="rnnbench-torture-")
        self.environment = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        self.environment.update(LC_ALL="C.UTF-8", NO_COLOR="1")
        self.commands = commands.read(self.rnnbench)
        self.work = work.Work(self.make("data"), self.make("models"))
        write_data(self.work.data)
        self.sets = [
            name for name in ("avx512", "avx2", "portable")
            if subprocess.run([self.rnnbench, "--version"], capture_output=True,
                              env={**self.environment, "RNNCORE_ISA": name}).returncode == 0]

    def make(self, name):
        """A new folder of this name in the workshop's."""
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        return path

    def command(self, name):
        """The command of a name such as `train tag`."""
        return next(command for command in self.commands if command.name == name)

    def arguments(self, name, kind=None, **changes):
        """The words of a command's small work, some options with another value."""
        command = self.command(name)
        arguments = self.work.arguments(command, kind)
        arguments.update({name.replace("_", "-"): value for name, value in changes.items()})
        return work.words(command, {
            name: value for name, value in arguments.items() if value is not False})

    def settings(self, command, trial):
        """A file of the settings that a command's small work has, for `--config`."""
        with self.lock:
            path = os.path.join(self.folder, command.name.replace(" ", "-") + ".json")
            if not os.path.exists(path):
                arguments = self.work.arguments(command, "tag")
                outcome = trial.run([*work.words(command, arguments), "--print-config"])
                if outcome.code != session.DONE:
                    trial.find("does not print its settings", outcome)
                with open(path, "wb") as file:
                    file.write(outcome.out)
            return path

    def prepare(self):
        """Train a model of every kind, and compile the library of faults.

        Returns a session with the findings: small work that is refused.
        """
        maker = session.Session(self, "prepare", 0)
        lines = [(kind, self.arguments(f"train {kind}", model=self.work.model(kind)))
                 for kind in work.KINDS]
        lines.append(("adding", self.arguments(
            "profile adding", cells="gru", save=self.work.model("adding"))))
        for kind, arguments in lines:
            outcome = maker.run(arguments)
            if outcome.code != session.DONE:
                maker.find(f"the standard work of {kind} ends with {outcome.code}", outcome)
        self.faults = os.path.join(self.folder, "faults.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.c")
        subprocess.run(
            [compiler(), "-O1", "-shared", "-fPIC", "-Wall", "-Werror", "-o", self.faults, source,
             "-ldl"], check=True)
        self.shared = session.tree(self.work.data) | session.tree(self.work.models)
        return maker

    def changed(self):
        """The shared files that some run has changed, which none may."""
        now = session.tree(self.work.data) | session.tree(self.work.models)
        names = self.shared.keys() | now.keys()
        return sorted(
            os.fsdecode(name) for name in names if self.shared.get(name) != now.get(name))


def compiler():
    """A compiler of C: the system's, or the one that comes with Swift, which may be on no path."""
    swift = shutil.which("swift")
    own = os.path.join(os.path.dirname(os.path.realpath(swift)), "clang") if swift else ""
    return next(name for name in ("cc", "clang", "gcc", own) if shutil.which(name))


def write_data(folder):
    """Write data of every form that a command reads."""
    sample_data.write(folder)
    write_columns(folder)
    series = []
    for i in range(16):
        values = ",".join(f"{(i * j) % 7 / 7:.2f}" for j in range(6))
        series.append(f"{values}:{','.join('01'[i % 2] * 6)}:{'ab'[i % 2]}")
    header = ["@problemName p", "@timestamps false", "@univariate false", "@dimensions 2",
              "@equalLength true", "@seriesLength 6", "@classLabel true a b", "@data"]
    for part in ("TRAIN", "TEST"):
        sample_data.lines(folder, f"series/p_{part}.ts", header + series)
    for name in ("good", "bad"):
        for i in range(6):
            sample_data.lines(folder, f"classes/{name}/{i}.txt", [f"{name} words {i}", "more"])
    sample_data.lines(folder, "steps.csv", ["0.1,0.2", "0.3,-0.4", "1,0"])
    sample_data.lines(folder, "ids.csv", ["1", "2", "1"])
    sample_data.lines(folder, "shapes.csv", ["batch,steps,input,hidden,layers", "2,3,4,4,1"])
    sample_data.lines(folder, "new/lines", ["w1 w2 a", "", "line 3 says x", "e1 e2"])
    sample_data.lines(folder, "new/notes.json", ["[[40,41],[50]]", "[[45]]"])
    sample_data.lines(folder, "new/questions.tsv", ["0\twhat colour is it?", "1\tis it red?"])
    with open(f"{folder}/text", "rb") as file, gzip.open(f"{folder}/text.gz", "wb") as packed:
        packed.write(file.read())


def write_columns(folder):
    """Write the sentences of `tags` as CoNLL and as CoNLL-U."""
    for part in ("train", "valid", "test"):
        rows = []
        for name in ("seq.in", "seq.out"):
            with open(f"{folder}/tags/{part}/{name}", encoding="utf-8") as file:
                rows.append([line.split() for line in file.read().splitlines()])
        columns, universal = [], []
        for words, tags in zip(*rows):
            for i, (word, tag) in enumerate(zip(words, tags)):
                columns.append(f"{word} {tag}")
                fields = [str(i + 1), word, word, "NOUN" if tag == "O" else "PROPN", *"_" * 6]
                universal.append("\t".join(fields))
            columns.append("")
            universal.append("")
        sample_data.lines(folder, f"columns/{part}.txt", columns)
        sample_data.lines(folder, f"universal/{part}.conllu", universal)
