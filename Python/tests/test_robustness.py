"""rnncore.torch under inputs that are wrong, in many calls, in other processes and in threads."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pathlib
import random
import signal
import threading
import time

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence
from torch.utils.data import DataLoader, Dataset

import rnncore.torch as rt
from comparing import assert_close, assert_same, error, leaves, walk

IS_LONG = bool(os.environ.get("RNNCORE_LONG_TESTS"))
NAMES = ["LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"]

pytestmark = [
    pytest.mark.filterwarnings("ignore:torch.nn computes this layer"),
    pytest.mark.filterwarnings("ignore:.*oneDNN"),
    pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors"),
    pytest.mark.filterwarnings("ignore:Sparse"),
    pytest.mark.filterwarnings("ignore:dropout option adds"),
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
    pytest.mark.filterwarnings("ignore:.*non-writable"),
]


@pytest.fixture
def one_thread():
    """Many small calls, which threads would slow down."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# MARK: Wrong calls


class Wrong:
    """Makes modules and calls of them, of which most are wrong in some way."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        torch.manual_seed(seed)

    def is_so(self, chance: float) -> bool:
        return self.random.random() < chance

    def modules(self) -> tuple[nn.Module, nn.Module]:
        """One of ours and the same of torch.nn."""
        name = self.random.choice(NAMES)
        arguments = [self.random.randint(1, 6), self.random.randint(1, 6)]
        options = {"bias": self.is_so(0.8)}
        if not name.endswith("Cell"):
            options |= {
                "num_layers": self.random.randint(1, 3), "bidirectional": self.is_so(0.4),
                "batch_first": self.is_so(0.5)}
        if name == "LSTM" and arguments[1] > 1 and self.is_so(0.1):
            options["proj_size"] = 1
        ours = getattr(rt, name)(*arguments, **options)
        if self.is_so(0.1):
            ours = ours.to(self.random.choice([torch.float64, torch.bfloat16]))
        if self.is_so(0.1):
            self.spoil(ours)
        theirs = getattr(nn, name)(*arguments, **options)
        for key, weight in ours.named_parameters():
            setattr(theirs, key, weight)
        return ours, theirs

    def spoil(self, module: nn.Module) -> None:
        """Gives a module a weight that does not fit."""
        name, weight = self.random.choice(list(module.named_parameters()))
        weight = weight.detach()
        setattr(module, name, nn.Parameter(self.random.choice([
            lambda: weight[:-1], lambda: weight[..., :0], lambda: weight.double(),
            lambda: weight.to("meta"), lambda: weight.t().contiguous().t(),
            lambda: weight[None], lambda: torch.cat([weight, weight])[::2],
            lambda: weight.flatten(), lambda: weight[..., :1].expand(weight.shape),
        ])()))

    def size(self, right: int) -> int:
        return self.random.choice([0, 1, right + 1, max(right - 1, 0), 7])

    def tensor(self, size: list[int], chance: float = 0.15):
        """A tensor of a size, or something else in its place."""
        size = [self.size(n) if self.is_so(chance / 2) else n for n in size]
        if self.is_so(chance):
            size = self.random.choice([size[1:], size[:-1], [1, *size], [*size, 1], []])
        made = torch.randn(size)
        if self.is_so(0.3):
            made = self.random.choice([
                lambda: torch.randn([n + 1 for n in size])[tuple(slice(0, n) for n in size)],
                lambda: torch.randn(size[::-1]).permute(list(reversed(range(len(size))))),
                lambda: torch.randn([1] * len(size)).expand(size),
                lambda: torch.randn(50).as_strided(size, [1] * len(size)),
                lambda: torch._neg_view(torch.randn(size)),
                lambda: torch.randn(size, dtype=torch.complex64).conj().imag,
                lambda: unaligned(size),
            ])()
        if self.is_so(chance):
            made = self.random.choice([
                lambda: made.double(), lambda: made.bfloat16(), lambda: made.long(),
                lambda: made.to(torch.complex64), lambda: made.bool(), lambda: made.to("meta"),
                lambda: made.to_sparse(), lambda: torch.nested.nested_tensor([made]),
                lambda: None, lambda: made.tolist(), lambda: "numbers",
                lambda: made.detach().resolve_neg().numpy(),
                lambda: made.contiguous().requires_grad_(), lambda: nn.Parameter(made),
                lambda: made.new_empty(0),
            ])()
        return made

    def packed(self, width: int) -> PackedSequence:
        """Packed sequences, some of which torch would never make."""
        lengths = [self.random.randint(1, 6) for _ in range(self.random.randint(1, 5))]
        made = pack_padded_sequence(
            torch.randn(max(lengths), len(lengths), width), lengths, enforce_sorted=False)
        sizes, order, back = made.batch_sizes, made.sorted_indices, made.unsorted_indices
        if self.is_so(0.3):
            sizes = self.random.choice([
                lambda: sizes + 1, lambda: sizes - 1, lambda: sizes.flip(0), lambda: -sizes,
                lambda: sizes[:0], lambda: sizes[:-1], lambda: sizes.int(), lambda: sizes[None],
                lambda: sizes.float(), lambda: torch.cat([sizes, torch.tensor([0])]),
                lambda: sizes * 2**40,
                lambda: sizes.to("meta"), lambda: torch.tensor([2**62, 2**62, 2**63 - 1]),
                lambda: torch.cat([sizes, torch.tensor([9, -9])]), lambda: sizes[0],
            ])()
        if self.is_so(0.2):
            order = self.random.choice([
                lambda: order + 1, lambda: order[:-1], lambda: order.int(), lambda: None,
                lambda: order - 1, lambda: order.float(), lambda: torch.cat([order, order]),
            ])()
            back = self.random.choice([back, None, order])
        data = made.data if self.is_so(0.8) else self.tensor(list(made.data.shape), 0.5)
        return tuple.__new__(PackedSequence, (data, sizes, order, back))

    def call(self, module: nn.Module) -> tuple:
        """An input and initial states."""
        steps, batch = self.random.randint(1, 5), self.random.randint(1, 4)
        width, hidden = module.input_size, module.hidden_size
        if isinstance(module, nn.RNNCellBase):
            size = [batch] if self.is_so(0.8) else []
            x, state = self.tensor([*size, width]), [*size, hidden]
        else:
            depth = module.num_layers * (2 if module.bidirectional else 1)
            if self.is_so(0.3):
                x = self.packed(width)
                batch = x.batch_sizes.numel() and x.unsorted_indices is not None and len(
                    x.unsorted_indices)
                state = [depth, int(batch), hidden]
            elif self.is_so(0.2):
                x, state = self.tensor([steps, width]), [depth, hidden]
            else:
                size = [batch, steps] if module.batch_first else [steps, batch]
                x, state = self.tensor([*size, width]), [depth, batch, hidden]
        if self.is_so(0.4):
            return x, None
        if isinstance(module, (nn.LSTM, nn.LSTMCell)) != self.is_so(0.05):
            states = [self.tensor(state, 0.1), self.tensor(state, 0.1)]
            return x, self.random.choice([tuple(states)] * 12 + [
                states, states[:1], (*states, states[0]), (states[0], None), ()])
        return x, self.tensor(state, 0.1)


def unaligned(size: list[int]) -> torch.Tensor:
    """Numbers that begin between two places where a float may begin."""
    count = torch.Size(size).numel()
    if count == 0:
        return torch.randn(size)
    memory = bytearray(b"\0\0" + torch.randn(count).numpy().tobytes())
    return torch.frombuffer(memory, dtype=torch.float32, offset=2).view(size)


def outcome(module: nn.Module, x, hx) -> list | Exception:
    """Outputs and gradients of parameters, or what is raised."""
    try:
        module.zero_grad()
        outputs = module(x, hx)
        numbers = leaves(outputs)
        if any(output.requires_grad for output in numbers):
            error(outputs).backward()
        return [*numbers, *(p.grad for p in module.parameters())]
    except Exception as raised:
        return raised


@pytest.mark.parametrize("seed", range(10 if IS_LONG else 2))
@pytest.mark.usefixtures("one_thread")
def test_wrong_calls(seed):
    """1,000 calls a seed, 10,000 of them with RNNCORE_LONG_TESTS."""
    wrong = Wrong(seed)
    computed = 0
    for number in range(1000):
        ours, theirs = wrong.modules()
        x, hx = wrong.call(ours)
        found = outcome(ours, x, hx)
        if isinstance(found, Exception):
            continue
        computed += 1
        expected = outcome(theirs, x, hx)
        assert not isinstance(expected, Exception), (number, ours, x, hx, expected)
        if not any(tensor is not None and tensor.is_meta for tensor in [*found, *expected]):
            if all(tensor is None or tensor.isfinite().all() for tensor in expected):
                assert_close(found, expected, 1e-4)
    assert 200 < computed < 900


# MARK: Many calls


def resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="/proc is Linux's")
@pytest.mark.usefixtures("one_thread")
def test_memory_of_many_calls():
    """100,000 calls with RNNCORE_LONG_TESTS, else 6,000."""
    count = 100_000 if IS_LONG else 6_000
    modules = [rt.LSTM(6, 8, 2), rt.GRU(6, 8, bidirectional=True), rt.RNN(6, 8), rt.LSTMCell(6, 8)]
    shapes = random.Random(3)

    def call(number: int) -> None:
        module = modules[number % len(modules)]
        steps, batch = shapes.randint(1, 12), shapes.randint(1, 6)
        if isinstance(module, nn.LSTMCell):
            x = torch.randn(batch, 6)
        elif number % 3 == 0:
            lengths = [shapes.randint(1, steps) for _ in range(batch)]
            x = pack_padded_sequence(torch.randn(steps, batch, 6), lengths, enforce_sorted=False)
        else:
            x = torch.randn(steps, batch, 6)
        if number % 2:
            with torch.no_grad():
                module(x)
        else:
            outputs = module(x)
            if number % 5:
                error(outputs).backward()

    for number in range(count // 4):
        call(number)
    before = resident()
    for number in range(count):
        call(number)
    assert resident() - before < 4 * 2**20


# MARK: Processes


def computed() -> list[torch.Tensor]:
    """Numbers of a layer, the same in all processes."""
    torch.manual_seed(6)
    layer = rt.LSTM(16, 24, 2, bidirectional=True)
    return [tensor.detach() for tensor in walk(layer, torch.randn(12, 8, 16))]


def within(seconds: float, child: int) -> int:
    """How a child process ended; it is ended itself when its time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail(f"a child process hung for {seconds} s")


def forked(work) -> int:
    """Does something in a fork of this process, and gives its exit status.

    OpenMP's threads do not come along, and torch waits for them in larger operations of its own:
    `torch.set_num_threads(1)` keeps it from that, as in DataLoader's workers.
    """
    child = os.fork()
    if child:
        return within(30, child)
    try:
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork():
    expected = computed()
    layer, x = rt.GRU(16, 24), torch.randn(12, 8, 16)
    outputs = walk(layer, x)

    def work():
        with torch.no_grad():
            assert_same(leaves(layer(x)), outputs[:2])
        torch.set_num_threads(1)
        assert_same(computed(), expected)
        assert_same(walk(layer, x), outputs)

    for _ in range(5):
        assert forked(work) == 0
    assert_same(walk(layer, x), outputs)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_while_another_thread_computes():
    layer, x = rt.LSTM(32, 64), torch.randn(50, 8, 32)
    with torch.no_grad():
        expected = layer(x)[0]
    is_over = threading.Event()

    def compute():
        with torch.no_grad():
            while not is_over.is_set():
                layer(x)

    def work():
        with torch.no_grad():
            assert torch.equal(layer(x)[0], expected)

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        for _ in range(30):
            assert forked(work) == 0
    finally:
        is_over.set()
        thread.join()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    expected = computed()
    with multiprocessing.get_context(method).Pool(2) as pool:
        for found in pool.map_async(numbers_of, [1, 1, 1 if method == "fork" else 2]).get(120):
            assert_same([torch.tensor(numbers) for numbers in found], expected)


def numbers_of(threads: int) -> list:
    """`computed`, as lists, which need no shared memory on their way."""
    torch.set_num_threads(threads)
    return [tensor.tolist() for tensor in computed()]


class Encoded(Dataset):
    """Inputs on which a module works in the process that loads them."""

    def __init__(self, module: nn.Module):
        self.module = module
        self.inputs = torch.randn(16, 7, 6)

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, place: int) -> torch.Tensor:
        with torch.no_grad():
            return self.module(self.inputs[place])[0]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_data_loader(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    data = Encoded(rt.GRU(6, 8, 2))
    expected = torch.stack([data[place] for place in range(len(data))])
    loader = DataLoader(
        data, batch_size=4, num_workers=2, multiprocessing_context=method, timeout=60)
    assert torch.equal(torch.cat(list(loader)), expected)


# MARK: Threads


def together(count: int, work) -> None:
    """Runs work(place) in threads at once, and raises what one of them raises."""
    raised = []
    barrier = threading.Barrier(count)

    def run(place: int) -> None:
        try:
            barrier.wait(30)
            work(place)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=[place], daemon=True) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "threads wait for each other"
    if raised:
        raise raised[0]


@pytest.mark.parametrize("name", NAMES)
def test_threads_on_one_module(name):
    module = getattr(rt, name)(6, 8)
    inputs = [torch.randn(place + 2, 6) for place in range(4)]
    wanted = list(module.parameters())

    def numbers(x):
        outputs = module(x)
        return [*leaves(outputs), *torch.autograd.grad(error(outputs), wanted)]

    expected = [numbers(x) for x in inputs]

    def work(place: int) -> None:
        for _ in range(50):
            assert_same(numbers(inputs[place]), expected[place])
            with torch.no_grad():
                outputs = leaves(module(inputs[place]))
                assert_same(outputs, expected[place][:len(outputs)])

    together(4, work)


def test_threads_with_weights_of_their_own():
    layer = rt.LSTM(6, 8)
    x = torch.randn(5, 3, 6)
    weights = [
        {name: torch.randn_like(p).requires_grad_() for name, p in layer.named_parameters()}
        for _ in range(4)]

    def numbers(place: int, recording: bool):
        with torch.set_grad_enabled(recording):
            outputs = torch.func.functional_call(copies[place], weights[place], (x,))
        if recording:
            return torch.autograd.grad(error(outputs), list(weights[place].values()))
        return leaves(outputs)

    # functional_call changes a module for a while: each has its own, and all of them one stack.
    copies = [rt.LSTM(6, 8) for _ in range(4)]
    for each in copies:
        each._rnncore = layer._runner()
    expected = [[numbers(place, recording) for recording in (True, False)] for place in range(4)]

    def work(place: int) -> None:
        for _ in range(50):
            for recording, right in zip((True, False), expected[place], strict=True):
                assert_same(numbers(place, recording), right)

    together(4, work)


def test_in_turn_with_threads_of_torch():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        layer = rt.GRU(32, 64)
        x, matrix = torch.randn(20, 16, 32), torch.randn(300, 300)
        with torch.no_grad():
            expected, product = layer(x)[0], matrix @ matrix
            until = time.monotonic() + 60
            for _ in range(100):
                assert torch.equal(matrix @ matrix, product)
                assert torch.equal(layer(x)[0], expected)
                torch.randn(100_000).tanh_()
                assert time.monotonic() < until

        def work(place: int) -> None:
            for _ in range(20):
                with torch.no_grad():
                    if place % 2:
                        torch.testing.assert_close(matrix @ matrix, product)
                    else:
                        assert torch.equal(layer(x)[0], expected)

        together(4, work)
    finally:
        torch.set_num_threads(before)
