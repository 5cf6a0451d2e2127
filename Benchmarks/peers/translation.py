"""The model of the example `translation` in PyTorch: a bidirectional LSTM reads, an LSTM writes, Luong's general
attention looks at all steps at once, batches are packed. Prints the training speed in tokens a second, those of sources
and targets (starts or ends among them) counted as the example counts them.

    python translation.py --data DIRECTORY --source de --target en [--updates 60] [--threads 2]
"""

import argparse
import collections
import glob
import os
import random
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


class Translator(nn.Module):
    def __init__(self, sources, targets, embedding=256, hidden=256, dropout=0.4):
        super().__init__()
        self.source = nn.Embedding(sources, embedding)
        self.encoder = nn.LSTM(embedding, hidden // 2, bidirectional=True)
        self.target = nn.Embedding(targets, embedding)
        self.decoder = nn.LSTM(embedding, hidden)
        self.key = nn.Linear(hidden, hidden, bias=False)
        self.combination = nn.Linear(2 * hidden, hidden)
        self.readout = nn.Linear(hidden, targets)
        self.dropout = nn.Dropout(dropout)

    def forward(self, sources, lengths, inputs):
        packed = pack_padded_sequence(
            self.dropout(self.source(sources)), lengths, enforce_sorted=False)
        outputs, states = self.encoder(packed)
        keys, _ = pad_packed_sequence(outputs)
        states = tuple(torch.cat([s[0], s[1]], dim=-1).unsqueeze(0) for s in states)
        queries, _ = self.decoder(self.dropout(self.target(inputs)), states)
        scores = queries.transpose(0, 1) @ self.key(keys).permute(1, 2, 0)
        mask = torch.arange(keys.shape[0])[None, :] >= lengths[:, None]
        weights = scores.masked_fill(mask[:, None, :], -1e30).softmax(dim=-1)
        contexts = (weights @ keys.transpose(0, 1)).transpose(0, 1)
        answers = torch.tanh(self.combination(torch.cat([contexts, queries], dim=-1)))
        return self.readout(self.dropout(answers))


def read(directory, part, language):
    path, = glob.glob(os.path.join(directory, f"{part}*.{language}"))
    with open(path, encoding="utf-8") as file:
        return [line.split() for line in file]


def ids(sentences):
    counts = collections.Counter(word for sentence in sentences for word in sentence)
    words = [word for word, count in counts.items() if count >= 2]
    index = {word: i for i, word in enumerate(words)}
    unknown = len(words)
    return [torch.tensor([index.get(w, unknown) for w in s]) for s in sentences], unknown + 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--updates", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    random.seed(1)

    sources, source_count = ids(read(options.data, "train", options.source))
    targets, target_count = ids(read(options.data, "train", options.target))
    start, end = target_count, target_count + 1
    model = Translator(source_count, target_count + 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    seconds, tokens = [], 0
    for _ in range(options.updates):
        chosen = random.sample(range(len(sources)), 64)
        lengths = torch.tensor([len(sources[i]) for i in chosen])
        x = pad_sequence([sources[i] for i in chosen])
        y_in = pad_sequence(
            [torch.cat([torch.tensor([start]), targets[i]]) for i in chosen])
        y_out = pad_sequence(
            [torch.cat([targets[i], torch.tensor([end])]) for i in chosen], padding_value=-1)
        begin = time.perf_counter()
        logits = model(x, lengths, y_in)
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), y_out.flatten(), ignore_index=-1)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        seconds.append(time.perf_counter() - begin)
        tokens += int(lengths.sum()) + int((y_out >= 0).sum())
    print(f"torch {torch.__version__}, {options.threads} threads: {tokens / sum(seconds):.0f} tokens/s")


if __name__ == "__main__":
    main()
