"""A character model in PyTorch, with the settings of `rnnbench reproduce chars`: the same split, streams, model, start,
optimiser, schedule, clipping and held-out pieces. Prints one line an epoch: validation loss in nats, seconds of training.

    python chars.py --data TEXT [--epochs 30] [--threads 2] [--seed 1] [--start MODEL] [--json FILE]

With --start the model begins with the weights of a file that rnnbench saved, so that both can go the same way: an epoch
of `rnnbench train lm … --epochs 1 --rate 1e-30` saves the weights that a seed starts with.
"""

import argparse
import json
import math
import time

import torch
from torch import nn


class CharacterModel(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, layers):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers)
        self.readout = nn.Linear(hidden, vocabulary)

    def forward(self, ids, state):
        output, state = self.lstm(self.embedding(ids), state)
        return self.readout(output), state


def saved_weights(path):
    """The model's own tensors of a safetensors file."""
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__" or name.startswith("rnncore."):
            continue
        first, end = entry["data_offsets"]
        values = torch.frombuffer(bytearray(data[start + first:start + end]), dtype=torch.float32)
        tensors[name if "." in name else f"lstm.{name}"] = values.view(entry["shape"])
    return tensors


def pieces(ids, most=50, shortest=500):
    """Held-out text in at most 50 contiguous pieces that together predict each character once."""
    predicted = len(ids) - 1
    count = max(1, min(most, predicted // shortest))
    bounds = [predicted * i // count for i in range(count + 1)]
    return [(ids[a:b], ids[a + 1:b + 1]) for a, b in zip(bounds, bounds[1:])]


def validation_loss(model, parts):
    total, count = 0.0, 0
    model.eval()
    with torch.no_grad():
        inputs = nn.utils.rnn.pad_sequence([p[0] for p in parts])
        targets = nn.utils.rnn.pad_sequence([p[1] for p in parts], padding_value=-1)
        logits, _ = model(inputs, None)
        total = nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="sum").item()
        count = int((targets >= 0).sum())
    model.train()
    return total / count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start")
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    text = open(options.data, encoding="utf-8", newline="").read()
    train_end, valid_end = len(text) * 90 // 100, len(text) * 95 // 100
    symbols = sorted(set(text[:train_end]))
    index = {symbol: i for i, symbol in enumerate(symbols)}
    unknown = len(symbols)
    encode = lambda part: torch.tensor([index.get(c, unknown) for c in part])
    train, valid = encode(text[:train_end]), encode(text[train_end:valid_end])

    batch, steps, rate = 50, 50, 2e-3
    length = (len(train) - 1) // batch
    inputs = train[:batch * length].view(batch, length).t().contiguous()
    targets = train[1:batch * length + 1].view(batch, length).t().contiguous()

    model = CharacterModel(unknown + 1, 64, 128, 2)
    if options.start:
        model.load_state_dict(saved_weights(options.start))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    held_out = pieces(valid)
    looks, seconds = [], 0.0
    for epoch in range(1, options.epochs + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate * 0.97 ** max(0, epoch - 10)
        start, state, losses = time.perf_counter(), None, []
        for first in range(0, length, steps):
            x, y = inputs[first:first + steps], targets[first:first + steps]
            logits, state = model(x, state)
            state = tuple(s.detach() for s in state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            losses.append(loss.item())
        seconds += time.perf_counter() - start
        loss = validation_loss(model, held_out)
        looks.append({"epoch": epoch, "seconds": seconds, "valid": loss,
                      "train": sum(losses) / len(losses)})
        print(f"epoch {epoch:3d}  train {looks[-1]['train']:.4f}  valid {loss:.4f}  "
              f"{seconds:7.1f} s", flush=True)
    best = min(looks, key=lambda look: look["valid"])
    tokens = options.epochs * batch * length
    print(f"best {best['valid']:.4f} nats ({best['valid'] / math.log(2):.3f} bits) in epoch "
          f"{best['epoch']}; {tokens / seconds:.0f} characters/s")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"torch": torch.__version__, "threads": options.threads, "looks": looks,
                       "tokens_per_second": tokens / seconds}, file, indent=1)


if __name__ == "__main__":
    main()
