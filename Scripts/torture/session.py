"""Running the program under limits, and judging what came of it."""
import dataclasses
import hashlib
import os
import shlex
import signal
import subprocess
import tempfile
import time

# Documented exit codes.
DONE, FAILED, DIVERGED, USAGE = 0, 1, 3, 64
INTERRUPTED = {signal.SIGINT: 130, signal.SIGTERM: 143}
# No message is longer, in bytes, whatever was given.
LONGEST_MESSAGE = 4096
# Seconds of a run that nothing explains, and from a signal to the end, on a machine with nothing
# else to do.
LONGEST_RUN, GRACE = 60, 2


def slow():
    """How many times longer everything takes: runnable processes a core, with the trials' own."""
    return max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


@dataclasses.dataclass
class Outcome:
    """What came of one run of the program."""
    command: list
    folder: str
    environment: dict
    code: int
    seconds: float
    out: bytes
    err: bytes
    # The signal that a time limit sent, and how long the program took to obey; None for none.
    sent: signal.Signals = None
    obeyed: float = None
    # What stands behind the command in a shell, and the limit of memory.
    tail: str = ""
    memory: int = 0

    @property
    def message(self):
        """Standard error as text."""
        return self.err.decode("utf-8", "backslashreplace")

    @property
    def excerpt(self):
        """The first lines of standard error of a run that died, the last ones of another."""
        text = self.message.strip()
        return text[:300] if self.code < 0 else text[-300:]

    @property
    def is_refusal(self):
        """Whether the program ended with a complaint."""
        return self.code in (FAILED, USAGE)

    @property
    def line(self):
        """The run as a command for a shell."""
        words = [f"{key}={shlex.quote(value)}" for key, value in self.environment.items()]
        words += [shell_word(word) for word in self.command]
        return (f"cd {shlex.quote(self.folder)} && "
                f"(ulimit -v {self.memory}; {' '.join(words)}{self.tail})")


def shell_word(word):
    """Quote a word for bash; a long run of one letter is written as a call of printf."""
    if isinstance(word, bytes):
        return "$'" + "".join(f"\\x{byte:02x}" for byte in word) + "'"
    if len(word) > 200 and len(set(word)) == 1:
        return f"\"$(printf '%{len(word)}s' | tr ' ' {shlex.quote(word[0])})\""
    return shlex.quote(word)


class Session:
    """One trial: a fresh folder, the runs in it, and what was found."""

    def __init__(self, workshop, name, number):
        self.workshop = workshop
        self.name = name
        self.number = number
        self.folder = tempfile.mkdtemp(prefix=f"{name}-{number}-", dir=workshop.folder)
        self.findings = []
        self.done = self.refused = self.ended = 0
        self.longest = 0.0

    def path(self, name):
        """A path in the folder of this trial."""
        return os.path.join(self.folder, name)

    def start(self, arguments, *, stdin=None, stdout=None, environment=None, memory=None):
        """Start the program in the folder, under the limit of memory.

        Returns the process and its files of standard output and error.
        """
        out, err = stdout or tempfile.TemporaryFile(), tempfile.TemporaryFile()
        limit = memory or self.workshop.memory
        process = subprocess.Popen(
            ["sh", "-c", f'ulimit -v {limit}; ulimit -c 0; exec "$0" "$@"',
             self.workshop.rnnbench, *arguments],
            cwd=self.folder, env={**self.workshop.environment, **(environment or {})},
            stdin=open(stdin, "rb") if stdin else subprocess.DEVNULL, stdout=out, stderr=err,
            restore_signals=True)
        return process, out, err

    def run(
            self, arguments, *, stdin=None, stdout=None, environment=None, limit=None,
            memory=None, end=signal.SIGTERM, tail=""):
        """Run the program; a run that takes longer than `limit` seconds is sent the signal `end`.

        One that does not obey it is killed. Without `limit` it is what nothing explains, longer
        where other work slows the machine.
        """
        begin = time.monotonic()
        process, out, err = self.start(
            arguments, stdin=stdin, stdout=stdout, environment=environment, memory=memory)
        sent = obeyed = None
        try:
            process.wait(limit or LONGEST_RUN * slow())
        except subprocess.TimeoutExpired:
            sent, at = end, time.monotonic()
            process.send_signal(end)
            try:
                process.wait(LONGEST_RUN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            obeyed = time.monotonic() - at
        return self.count(Outcome(
            [self.workshop.rnnbench, *arguments], self.folder, environment or {},
            process.returncode, time.monotonic() - begin, b"" if stdout else read(out), read(err),
            sent, obeyed, tail, memory or self.workshop.memory))

    def count(self, outcome):
        """Count an outcome by what it was."""
        self.longest = max(self.longest, outcome.seconds)
        if outcome.code == DONE:
            self.done += 1
        elif outcome.is_refusal:
            self.refused += 1
        else:
            self.ended += 1
        return outcome

    def find(self, text, outcome=None):
        """Note a finding, with the command that shows it and what it said."""
        self.findings.append((text, outcome and outcome.line,
                              outcome and outcome.excerpt))

    def judge(self, outcome, codes=(DONE, FAILED, USAGE), names=None):
        """Note what is wrong with a run: a death by a signal, an exit code that means nothing
        here, a message that is long, no line, or names none of `names`. Returns whether all is
        well.
        """
        text = complaint(outcome, codes, names)
        if text:
            self.find(text, outcome)
        return text is None


def read(file):
    """The first and last bytes of a temporary file, which is closed."""
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        start = file.read(1 << 20)
        if size > 1 << 20:
            file.seek(max(1 << 20, size - (1 << 16)))
            start += file.read()
        return start


def complaint(outcome, codes, names):
    """What is wrong with a run; None if nothing is."""
    # One that did not obey was killed in the end.
    late = outcome.sent is not None and outcome.obeyed > GRACE * slow()
    if outcome.code < 0 and -outcome.code != outcome.sent and not (
            late and outcome.code == -signal.SIGKILL):
        return f"died of {signal.Signals(-outcome.code).name}"
    if late:
        return f"took {outcome.obeyed:.1f} s to obey {outcome.sent.name}"
    if outcome.sent is not None and outcome.code in (
            -outcome.sent, INTERRUPTED.get(outcome.sent), *codes):
        return None
    if outcome.code not in codes:
        return f"ended with exit code {outcome.code}"
    if not outcome.is_refusal:
        return None
    lines = outcome.message.splitlines()
    if len(outcome.err) > LONGEST_MESSAGE:
        return f"said {len(outcome.err)} bytes on standard error"
    if not lines or not lines[-1].startswith("rnnbench: "):
        return f"ended with {outcome.code} without saying why"
    # A document on standard output leaves standard error to what is for people.
    if "-" not in outcome.command and any(
            not line.startswith("rnnbench: ") for line in lines):
        return "said more than lines of its own on standard error"
    if outcome.code == USAGE and len(lines) > 1:
        return f"refused in {len(lines)} lines"
    if names and not any(name in lines[-1] for name in names):
        return "refused without naming an option that was given"
    return None


def tree(folder):
    """Names of all files below a folder, each with a checksum of its contents.

    Locks of models, which may stay, are no files in this sense.
    """
    found = {}
    for place, folders, files in os.walk(os.fsencode(folder)):
        for name in files + [name for name in folders if os.path.islink(os.path.join(place, name))]:
            path = os.path.join(place, name)
            if name.startswith(b".") and name.endswith(b".lock"):
                continue
            if os.path.islink(path):
                found[path] = b"-> " + os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[path] = hashlib.sha256(file.read()).digest()
            else:
                found[path] = b""
    return found
