"""A word model in PyTorch, of the size of the small one of Zaremba et al. (2014): embedding, two LSTM layers of 200,
readout, SGD, clipping by norm. Prints tokens a second of training.

    python words.py --data FILE [--updates 200] [--threads 2]

Nothing is copied in the loop: streams and targets are views of two tensors, and the loss is read once at the end.
"""

import argparse
import time

import torch
from torch import nn

BATCH, STEPS, WIDTH, LAYERS, RATE, CLIP = 20, 20, 200, 2, 1.0, 5.0


class WordModel(nn.Module):
    def __init__(self, vocabulary: int):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH)
        self.lstm = nn.LSTM(WIDTH, WIDTH, LAYERS)
        self.readout = nn.Linear(WIDTH, vocabulary)

    def forward(self, ids, state):
        output, state = self.lstm(self.embedding(ids), state)
        return self.readout(output), state


def read(path: str) -> tuple[torch.Tensor, int]:
    """The words of a text as ids, each line ended by one of its own, and how many there are."""
    with open(path, encoding="utf-8") as file:
        words = [word for line in file for word in line.split() + ["<eos>"]]
    ids = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return torch.tensor([ids[word] for word in words]), len(ids)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    text, vocabulary = read(options.data)
    length = (len(text) - 1) // BATCH
    inputs = text[:BATCH * length].view(BATCH, length).t().contiguous()
    targets = text[1:BATCH * length + 1].view(BATCH, length).t().contiguous()
    model = WordModel(vocabulary)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    parameters = list(model.parameters())
    starts = range(0, length - STEPS + 1, STEPS)
    state, loss, warm_up = None, None, 10
    begin = cpu = 0.0
    for update in range(options.updates + warm_up):
        if update == warm_up:
            begin, cpu = time.perf_counter(), time.process_time()
        first = starts[update % len(starts)]
        logits, state = model(inputs[first:first + STEPS], state)
        state = tuple(part.detach() for part in state)
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), targets[first:first + STEPS].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
    seconds, busy = time.perf_counter() - begin, time.process_time() - cpu
    tokens = options.updates * BATCH * STEPS
    print(f"{tokens / seconds:.0f} tokens/s, {tokens / busy:.0f} tokens/s of CPU time, loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
