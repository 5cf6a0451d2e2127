"""Damaged model files, and crafted ones."""
import copy
import json
import os

import modelfile
import mutation
import session
import work

# Commands that read a model, with the kinds that they read.
MODEL_READERS = [
    ("predict", work.KINDS), ("evaluate", work.KINDS), ("profile saved", work.KINDS + ["adding"]),
    ("generate", [*work.PAIRS, "lm", "vqa"]), ("explain", ["adding"]), ("train", work.KINDS),
    ("train classify", ["autoencode"]),
]


class Models:
    """A model file with some bytes changed: no reader dies of it."""
    name, share, short = "models", 2, 40

    def run(self, shop, draw, trial):
        command, kind = choose(draw)
        path = trial.path("model.safetensors")
        with open(shop.work.model(kind), "rb") as file:
            data = file.read()
        with open(path, "wb") as file:
            file.write(mutation.mutate(data, draw))
        read(shop, draw, trial, command, kind, path, is_large=False)


class Crafted:
    """A model file whose checksum is valid and whose configuration or tensors are hostile."""
    name, share, short = "crafted", 4, 60

    def run(self, shop, draw, trial):
        command, kind = choose(draw)
        metadata, tensors = modelfile.read(shop.work.model(kind))
        changes = [
            draw.choice([setting, setting, setting, text, tensor])(metadata, tensors, draw)
            for _ in range(draw.choice([1, 1, 2]))]
        header = draw.choice([None] * 5 + [lambda header: offsets(header, draw)])
        path = trial.path("model.safetensors")
        with open(path, "wb") as file:
            file.write(modelfile.encode(metadata, tensors, header))
        read(shop, draw, trial, command, kind, path, is_large=any(changes))


def choose(draw):
    """A command that reads a model, and a kind that it reads."""
    command, kinds = draw.choice(MODEL_READERS)
    return command, draw.choice(kinds)


def read(shop, draw, trial, command, kind, path, is_large):
    """Run a command on a model file, which may ask for long work if a large number is in it."""
    if command == "train":
        words = shop.arguments(
            f"train {kind}", model=path, resume=None, epochs="3", time_limit="1")
    elif command == "explain":
        words = ["explain", "--model", path, "--input", shop.work.path("steps.csv")]
    elif command == "train classify":
        words = ["train", "classify", "--start", path, "--model", "new.safetensors", "--epochs",
                 "1", "--threads", "1", "--data", shop.work.path("classes.tsv")]
    elif kind == "adding":
        words = [*command.split(), "--model", path]
    else:
        words = shop.arguments(command, kind, model=path)
    outcome = trial.run(
        words, limit=(2 if shop.is_short else 10) if is_large else None)
    if outcome.sent and not is_large:
        trial.find(f"ran for more than {session.LONGEST_RUN} s", outcome)
    codes = (session.DONE, session.FAILED, session.USAGE) + (
        (session.DIVERGED,) if command.startswith("train") else ())
    names = [os.path.basename(word) for word in words if word.startswith(("--", "/"))]
    trial.judge(outcome, codes, names)


HOSTILE = [
    0, -1, 1, 2**31, 2**32, 2**62, 2**63 - 1, 1e-45, 1e308, float("nan"), float("inf"), "",
    "x" * 10_000, "👩‍🚀", "\x1b[2J\u202e", None, True, [], {}, 10**400, [[[]]] * 1000,
]


def setting(metadata, tensors, draw):
    """Replace, remove or repeat a value somewhere in the JSON texts of the metadata.

    Returns whether a large number was put in.
    """
    key = draw.choice(list(metadata))
    try:
        root = json.loads(metadata[key])
        holder, name = draw.choice(list(leaves(root)))
    except (ValueError, AttributeError, TypeError, IndexError, RecursionError):
        # It is no JSON, or too deep, or nothing is in it.
        return text(metadata, tensors, draw)
    value = draw.choice(HOSTILE)
    if draw.random() < 0.1:
        del holder[name]
    elif isinstance(holder, list) and draw.random() < 0.2:
        holder.extend(copy.deepcopy(holder[:1]) * draw.choice([1, 1000]))
    else:
        holder[name] = value
    metadata[key] = json.dumps(root, separators=(",", ":"), ensure_ascii=False)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 10**6


def leaves(value):
    """All places of values in JSON: what holds them, and the name or number there."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for name, one in list(entries):
        yield value, name
        if isinstance(one, (dict, list)):
            yield from leaves(one)


def text(metadata, tensors, draw):
    """Change a text of the metadata as bytes are changed, or its key."""
    key = draw.choice(list(metadata))
    if draw.random() < 0.2:
        metadata[draw.choice(["x" * 10_000, "", "rnncore.", key.upper()])] = metadata.pop(key)
    else:
        data = mutation.mutate(metadata[key].encode(), draw)
        metadata[key] = data.decode("utf-8", "replace")
    # What is in it now may be anything.
    return True


def tensor(metadata, tensors, draw):
    """Change a tensor's name, type, shape or values."""
    name = draw.choice(list(tensors))
    kind, shape, data = tensors.pop(name)
    change = draw.randrange(6)
    if change == 0:
        name = draw.choice(["x" * 10_000, "", name + "\0", "rnncore.training.x", "👩‍🚀"])
    elif change == 1:
        kind = draw.choice(["F64", "F16", "BF16", "I8", "BOOL", "x" * 10_000, ""])
    elif change == 2:
        shape = draw.choice([[], [0], [-1], [2**62, 4], [len(data) // 4], shape[::-1], [1] * 1000])
    elif change == 3:
        data = b"\0\0\xc0\x7f" * (len(data) // 4)
    elif change == 4:
        data = data[:len(data) // 2]
    else:
        return False
    tensors[name] = (kind, shape, data)
    return False


def offsets(header, draw):
    """Put the bytes of a tensor elsewhere."""
    name = draw.choice([name for name in header if name != "__metadata__"])
    header[name]["data_offsets"] = draw.choice(
        [[0, 2**62], [-1, 4], [2**63 - 1, 2**63], [8, 4], [], [1e308, 1], "x", None])
