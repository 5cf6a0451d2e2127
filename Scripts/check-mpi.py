#!/usr/bin/env python3
"""Train models of every kind on several processes, and expect the bits of one.

    Scripts/check-mpi.py .build/mpi/release/rnnbench           # about two minutes
    Scripts/check-mpi.py .build/mpi/release/rnnbench --kills 50

Each kind is trained on 1 to 4 ranks of 1 and 2 threads, and stopped and resumed on another number of
ranks: tensors and scores have to be the same. Then ranks are killed at random, stopped for a while,
given other data and other settings. As root, two ranks also train in network namespaces of their own,
over TCP.
"""
import argparse
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import bits
import sample_data

KINDS = {
    "tag": "tag --data tags --embedding 5 --hidden 9 --batch 7 --averaging 0.9 --dropout 0.2 --word-dropout 0.1",
    "lm": "lm --data text --hidden 9 --embedding 6 --layers 2 --dropout 0.2 --batch 5 --steps 9",
    "classify": "classify --data classes.tsv --hidden 9 --embedding 6 --batch 5 --validation-share 0.2",
    "music": "music --data tunes.json --hidden 9 --batch 3",
    "translate": "translate --data parallel --languages en,de --hidden 8 --embedding 6 --batch 6 --sampling constant=0.3",
    "parse": "parse --data trees --hidden 8 --embedding 6 --batch 5 --minimum-count 1",
    "autoencode": "autoencode --data classes.tsv --hidden 8 --embedding 6 --batch 5 --word-dropout 0.2",
    "transduce": "transduce --problem reverse --pairs 60 --lengths 2-6 --hidden 8 --embedding 6 --batch 5",
    "vqa": "vqa --data pictures --hidden 8 --embedding 6 --batch 6 --minimum-count 1 --patch 4",
}


# What of a look depends on the machine.
TIMES = {"seconds", "tokensPerSecond"}


class Bench:
    """The program, its launcher and a folder with data."""

    def __init__(self, rnnbench, folder):
        self.rnnbench, self.folder = rnnbench, folder
        version = subprocess.run(["mpirun", "--version"], capture_output=True, text=True).stdout
        self.is_open = "Open MPI" in version
        self.environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def command(self, ranks, words):
        if ranks == 0:
            return [self.rnnbench, *words]
        options = ["--oversubscribe", "--bind-to", "none"] if self.is_open else []
        return ["mpirun", *options, "-n", str(ranks), self.rnnbench, *words]

    def start(self, ranks, words):
        return subprocess.Popen(
            self.command(ranks, words), cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, ranks, words, code=0):
        done = subprocess.run(
            self.command(ranks, words), cwd=self.folder, env=self.environment, text=True, capture_output=True,
            timeout=300)
        if code is not None and done.returncode != code:
            fail(f"{' '.join(self.command(ranks, words))}: exit code {done.returncode}, expected {code}\n"
                 f"{done.stdout}{done.stderr}")
        return done

    def path(self, name):
        return os.path.join(self.folder, name)


def fail(text):
    print(f"check-mpi: {text}", file=sys.stderr)
    sys.exit(1)


def training(kind, model, epochs, threads=1, more=()):
    return ["train", *KINDS[kind].split(), "--epochs", str(epochs), "--patience", "0", "--model", model,
            "--threads", str(threads), *more]


def result(bench, model, scores):
    """What must not differ: the tensors of the file, and the scores."""
    with open(bench.path(scores)) as file:
        found = json.load(file)
    looks = [{name: value for name, value in look.items() if name not in TIMES} for look in found["looks"]]
    return bits.checksum(bench.path(model)), json.dumps([looks, found.get("test")])


def check_kinds(bench):
    for kind in KINDS:
        expected = None
        for ranks, threads in [(0, 1), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2)]:
            bench.run(ranks, training(kind, "m", 3, threads, ["--shards", "4", "--overwrite", "--json", "r.json"]))
            found = result(bench, "m", "r.json")
            expected = expected or found
            if found != expected:
                fail(f"{kind}, {ranks} ranks of {threads} threads: {found}\nexpected {expected}")
        # In parts, each on another number of ranks.
        for epochs, ranks, threads in [(1, 2, 1), (2, 3, 2), (3, 1, 1)]:
            more = ["--json", "r.json", "--schedule-epochs", "3"] if "cosine" in schedule(bench, kind) else ["--json", "r.json"]
            more += ["--overwrite", "--shards", "4"] if epochs == 1 else ["--resume"]
            bench.run(ranks, training(kind, "m", epochs, threads, more))
        if bits.checksum(bench.path("m")) != expected[0]:
            fail(f"{kind}: another model when it is resumed on other ranks")
        print(f"{kind}: {expected[0]} on 1 to 4 ranks of 1 and 2 threads, and resumed", flush=True)


def schedule(bench, kind):
    """The standard schedule of a kind."""
    text = bench.run(0, ["train", *KINDS[kind].split(), "--print-config"]).stdout
    return next((line for line in text.splitlines() if "schedule" in line), "")


def children(process):
    """The ranks that a launcher on this machine started."""
    found, waiting = [], [process.pid]
    while waiting:
        parent = waiting.pop()
        try:
            with open(f"/proc/{parent}/task/{parent}/children") as file:
                below = [int(word) for word in file.read().split()]
        except OSError:
            continue
        waiting += below
        for child in below:
            try:
                if os.readlink(f"/proc/{child}/exe").endswith("rnnbench"):
                    found.append(child)
            except OSError:
                pass
    return found


EPOCHS = 400
STREAM = ["--shards", "4"]


def check_kills(bench, count):
    """Kills any rank at any time; what is left goes on to the same bits on another number of ranks."""
    draw = random.Random(11)
    begun = time.monotonic()
    bench.run(2, training("lm", "whole", EPOCHS, 1, [*STREAM, "--overwrite"]))
    bench.seconds = time.monotonic() - begun
    expected = bits.checksum(bench.path("whole"))
    longest, trials = 0.0, 0
    while trials < count:
        for name in os.listdir(bench.folder):
            if name == "m" or name.startswith("m."):
                os.remove(bench.path(name))
        process = bench.start(draw.choice([2, 3, 4]), training("lm", "m", EPOCHS, 1, STREAM))
        time.sleep(draw.uniform(0.3, bench.seconds))
        found = children(process)
        if not found or process.poll() is not None:
            process.communicate()
            continue
        trials += 1
        os.kill(draw.choice(found), signal.SIGKILL)
        begun = time.monotonic()
        process.communicate(timeout=60)
        longest = max(longest, time.monotonic() - begun)
        if longest > 10:
            fail(f"a run goes on for {longest:.1f} s after a rank was killed")
        more = ["--resume"] if os.path.exists(bench.path("m")) else STREAM
        bench.run(draw.choice([0, 1, 2, 3, 4]), training("lm", "m", EPOCHS, 1, more))
        if bits.checksum(bench.path("m")) != expected:
            fail(f"trial {trials}: another model after a rank was killed")
    print(f"killed {count} times: the same model, all ranks gone within {longest:.1f} s", flush=True)


def check_stop(bench, seconds):
    """A rank that stands still delays the others."""
    process = bench.start(2, training("lm", "s", EPOCHS, 1, STREAM))
    time.sleep(0.5 + bench.seconds / 4)
    found = children(process)
    if len(found) != 2:
        fail(f"2 ranks were started, {len(found)} found")
    os.kill(found[1], signal.SIGSTOP)
    time.sleep(seconds)
    if process.poll() is not None:
        fail("the run ended while a rank was stopped")
    os.kill(found[1], signal.SIGCONT)
    errors = process.communicate(timeout=120)[1]
    if process.returncode != 0:
        fail(f"a rank was stopped: {errors}")
    if bits.checksum(bench.path("s")) != bits.checksum(bench.path("whole")):
        fail("a rank was stopped: another model")
    print(f"stopped for {seconds} s: the same model", flush=True)


def check_refusals(bench):
    """Ranks that do not have the same are told so before anything is written."""
    shell = ["sh", "-c"]
    base = " ".join(training("lm", "x", 2))

    def refused(what, script):
        command = bench.command(2, [])[:-1] + shell + [script]
        done = subprocess.run(command, cwd=bench.folder, env=bench.environment, text=True, capture_output=True)
        wanted = f"rank 1: expected the {what} of rank 0"
        if done.returncode == 0 or wanted not in done.stderr or os.path.exists(bench.path("x")):
            fail(f"other {what}: exit code {done.returncode}, {done.stderr}")

    with open(bench.path("text")) as file, open(bench.path("other-text"), "w") as other:
        other.write(file.read().replace("line 1", "line 2"))
    rank = "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}"
    other = base.replace("--data text", "--data other-text")
    refused("data", f"if [ {rank} = 1 ]; then exec {bench.rnnbench} {other}; else exec {bench.rnnbench} {base}; fi")
    refused("settings", f"exec {bench.rnnbench} {base} --rate 0.{rank}1")
    shutil.copy(bench.rnnbench, bench.path("changed"))
    with open(bench.path("changed"), "ab") as file:
        file.write(b"\0")
    refused("build", f"if [ {rank} = 1 ]; then exec ./changed {base}; else exec {bench.rnnbench} {base}; fi")
    print("other data, settings and builds are refused by name", flush=True)


class Hosts:
    """Two network namespaces with a bridge between them, each as a machine of its own to Open MPI."""

    NAMES = {"10.93.0.1": "rnnbench-a", "10.93.0.2": "rnnbench-b"}
    BRIDGE = "rnnbench-br"

    def __init__(self, bench):
        self.bench = bench

    def __enter__(self):
        # A run that was killed leaves its own.
        self.__exit__()
        self.ip(f"link add {self.BRIDGE} type bridge")
        self.ip(f"addr add 10.93.0.254/24 dev {self.BRIDGE}")
        self.ip(f"link set {self.BRIDGE} up")
        for index, (address, name) in enumerate(self.NAMES.items()):
            self.ip(f"netns add {name}")
            self.ip(f"link add rnnb{index} type veth peer name eth0 netns {name}")
            self.ip(f"link set rnnb{index} master {self.BRIDGE} up")
            self.ip(f"-n {name} addr add {address}/24 dev eth0")
            self.ip(f"-n {name} link set eth0 up")
            self.ip(f"-n {name} link set lo up")
        with open(self.bench.path("hosts"), "w") as file:
            file.writelines(f"{address} slots=1\n" for address in self.NAMES)
        agent = self.bench.path("agent")
        with open(agent, "w") as file:
            file.write('#!/bin/sh\nhost=$1\nshift\ncase $host in\n')
            file.writelines(f"{address}) name={name};;\n" for address, name in self.NAMES.items())
            file.write('esac\nexec ip netns exec $name unshare --uts sh -c "hostname $name; $*"\n')
        os.chmod(agent, 0o755)
        return self

    def __exit__(self, *_):
        for index, name in enumerate(self.NAMES.values()):
            self.ip(f"link del rnnb{index}", check=False)
            self.ip(f"netns del {name}", check=False)
        self.ip(f"link del {self.BRIDGE}", check=False)

    @classmethod
    def are_possible(cls):
        """Whether this process may make network namespaces."""
        if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
            return False
        probe = "rnnbench-probe"
        made = subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode == 0
        linked = subprocess.run(
            ["ip", "link", "add", "rnnb9", "type", "veth", "peer", "name", "eth0", "netns", probe],
            capture_output=True).returncode == 0
        cls.ip("link del rnnb9", check=False)
        cls.ip(f"netns del {probe}", check=False)
        return made and linked

    @staticmethod
    def ip(words, check=True):
        subprocess.run(["ip", *words.split()], check=check, capture_output=not check)

    def limit(self, rate):
        """Holds what each machine sends to a rate, such as 1gbit; whether the system can."""
        shape = f"tc qdisc add dev eth0 root tbf rate {rate} burst 1mb latency 50ms"
        return shutil.which("tc") is not None and all(
            subprocess.run(["ip", "netns", "exec", name, *shape.split()], capture_output=True).returncode == 0
            for name in self.NAMES.values())

    def traffic(self):
        """Bytes that the first machine has sent."""
        text = subprocess.run(
            ["ip", "-n", "rnnbench-a", "-s", "-j", "link", "show", "eth0"], capture_output=True, text=True).stdout
        return json.loads(text)[0]["stats64"]["tx"]["bytes"]

    def command(self, words):
        network = "10.93.0.0/24"
        options = ["--hostfile", "hosts", "--bind-to", "none", "--mca", "plm_rsh_agent", self.bench.path("agent"),
                   "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", network,
                   "--mca", "oob_tcp_if_include", network]
        return ["mpirun", *options, "-n", "2", self.bench.rnnbench, *words]


def check_hosts(bench):
    """Two ranks that reach each other by TCP alone."""
    if not bench.is_open or not Hosts.are_possible():
        print(
            "two hosts: left out; needs Open MPI, iproute2 and the right to make network namespaces",
            flush=True)
        return

    def expect_same(link, words, rate=None):
        bench.run(0, words)
        expected = bits.checksum(bench.path("h"))
        with Hosts(bench) as hosts:
            if rate and not hosts.limit(rate):
                print(f"two hosts over {link}: left out; needs the traffic control of Linux", flush=True)
                return
            before = hosts.traffic()
            done = subprocess.run(hosts.command(words), cwd=bench.folder, env=bench.environment, text=True,
                                  capture_output=True, timeout=300)
            sent = hosts.traffic() - before
        if done.returncode != 0:
            fail(f"two hosts: {done.stdout}{done.stderr}")
        if bits.checksum(bench.path("h")) != expected:
            fail(f"two hosts over {link}: another model")
        print(f"two hosts over {link}: the same model, {sent / 1e6:.1f} MB sent by the first", flush=True)

    expect_same("TCP", training("lm", "h", 40, 1, [*STREAM, "--overwrite"]))
    # Parts of 1 MB, so slowly that they are exchanged in the background after five updates.
    deep = ["--hidden", "256", "--layers", "3", "--shards", "4", "--overwrite"]
    expect_same("a link of 1 Gbit/s", training("lm", "h", 2, 1, deep), "1gbit")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rnnbench")
    parser.add_argument("--kills", type=int, default=3, help="how often a rank is killed")
    parser.add_argument("--stop", type=float, default=3, help="seconds that a rank is stopped")
    parser.add_argument("--only-faults", action="store_true", help="leave the kinds of models out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sample_data.write(folder)
        bench = Bench(os.path.abspath(arguments.rnnbench), folder)
        check_refusals(bench)
        if not arguments.only_faults:
            check_kinds(bench)
        check_kills(bench, arguments.kills)
        check_stop(bench, arguments.stop)
        check_hosts(bench)


if __name__ == "__main__":
    main()
