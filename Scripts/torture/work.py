"""Small valid work for every command: what hostile values and files are then put into."""
import os

# Values that keep the work small, for every command whose help lists the option.
SMALL = {
    "threads": "1", "updates": "2", "epochs": "1", "hidden": "4", "embedding": "4", "seeds": "1",
    "batch": "4", "grid": "3", "path-steps": "2", "held-out": "10",
}
LENGTHS = {
    "adding": "10", "temporal-order": "10", "copy": "4", "spelled-digits": "2", "pascanu": "10"}
# Where each kind of model finds its data, in the folder of data.
DATA = {
    "tag": "tags", "lm": "text", "classify": "classes.tsv", "music": "tunes.json",
    "translate": "parallel", "autoencode": "classes.tsv", "parse": "trees", "transduce": None,
    "vqa": "pictures",
}
KINDS = list(DATA)
PAIRS = ("translate", "autoencode", "parse", "transduce")
# What a kind needs beside its data.
OF_KIND = {
    "translate": {"languages": "en,de"}, "parse": {"minimum-count": "1"},
    "transduce": {"problem": "reverse", "pairs": "60", "lengths": "2-6"},
    "vqa": {"minimum-count": "1", "patch": "4"}, "lm": {"steps": "8"},
}
REPRODUCED = {
    "atis": "tags", "chars": "text", "zaremba-small": "text", "music": "tunes.json",
    "pretraining": "classes.tsv", "attention": "parallel",
}
PROMPTS = {"lm": "line 1", "vqa": "what colour is it?"}


class Work:
    """Makes arguments of commands over a folder of data and one of models.

    Arguments are a dictionary of options' names; the value of a flag is None.
    """

    def __init__(self, data, models):
        self.data = data
        self.models = models

    def path(self, name):
        """Of data."""
        return os.path.join(self.data, name)

    def model(self, kind):
        """The file of a trained model of a kind, or `adding` for one that profile saved."""
        return os.path.join(self.models, kind + ".safetensors")

    def arguments(self, command, kind, with_option=None):
        """Arguments of a command that ends well within a second or two.

        - kind: of the model, for commands that read one.
        - with_option: the name of an option that has to be among them; None if there is no small
          work with it.
        """
        small = {name: value for name, value in SMALL.items() if command.has(name)}
        if command.has("cells"):
            small["cells"] = "lstm"
        if command.has("length") and command.words[-1] in LENGTHS:
            small["length"] = LENGTHS[command.words[-1]]
        if command.has("data") and command.words[-1] in DATA and command.words[0] != "reproduce":
            small["data"] = self.path(DATA[command.words[-1]])
        if command.words[0] in ("compare", "clip") and "epochs" in small:
            small.pop("updates", None)
        if command.words[0] == "surface" and command.words[-1] == "linear":
            small = {}
        maker = getattr(self, "_" + command.words[0], None)
        small = maker(command, kind, small, with_option) if maker else small
        if with_option and with_option not in small:
            return None
        return small

    def _train(self, command, kind, small, with_option):
        kind = command.words[-1]
        small.update(OF_KIND.get(kind, {}))
        small["model"] = "model.safetensors"
        if kind == "lm" or kind in PAIRS:
            small["layers"] = "1"
        if with_option == "start" and kind == "classify":
            # The encoder decides the sizes.
            small = {name: small[name] for name in ("threads", "epochs", "batch", "data", "model")}
            small["start"] = self.model("autoencode")
        return small

    def _predict(self, command, kind, small, with_option):
        small["model"] = self.model(kind)
        small["data"] = self.new_data(kind)
        if kind == "vqa":
            small["images"] = self.path("pictures/test/images_rle.bin")
        return small

    def new_data(self, kind):
        """A file of inputs without answers for a kind of model."""
        names = {"music": "notes.json", "vqa": "questions.tsv"}
        return self.path("new/" + names.get(kind, "lines"))

    def _evaluate(self, command, kind, small, with_option):
        small["model"] = self.model(kind)
        if DATA[kind]:
            small["data"] = self.path(DATA[kind])
        return small

    def _generate(self, command, kind, small, with_option):
        if with_option in ("attention", "data"):
            kind = "autoencode"
        elif kind not in PAIRS + ("lm", "vqa"):
            kind = "lm"
        small.update(model=self.model(kind), prompt=PROMPTS.get(kind, "a b c"))
        if kind == "lm":
            small["length"] = "20"
        elif kind == "vqa":
            small.update(data=self.path("pictures"), image="0")
        if with_option == "data":
            small.update(neighbors="2", data=self.path("classes.tsv"))
        if with_option == "attention":
            small["attention"] = "map.svg"
        return small

    def _profile(self, command, kind, small, with_option):
        if command.words[-1] == "saved":
            small["model"] = self.model(kind)
            if DATA[kind]:
                small["data"] = self.path(DATA[kind])
        return small

    def _surface(self, command, kind, small, with_option):
        return small

    def _explain(self, command, kind, small, with_option):
        if with_option == "model":
            del small["hidden"]
            small.update(model=self.model("adding"), input=self.path("steps.csv"))
        else:
            small.update(cell="gru", hidden="2", input=self.path("steps.csv"))
        return small

    def _throughput(self, command, kind, small, with_option):
        return {
            "threads": "1", "shapes": self.path("shapes.csv"), "cells": "lstm",
            "passes": "inference", "peak": "100", "seconds": "0.001",
        }

    def _reproduce(self, command, kind, small, with_option):
        name = command.words[-1]
        if name in REPRODUCED:
            small["data"] = self.path(REPRODUCED[name])
        if command.has("lengths"):
            small["lengths"] = "10"
        if name == "music":
            small["set"] = "jsb"
        if name == "attention":
            small["languages"] = "en,de"
        if name == "pascanu":
            small["methods"] = "sgd"
        return small


def words(command, arguments):
    """The command line of arguments."""
    line = list(command.words)
    for name, value in arguments.items():
        option = command.option(name)
        line += option.words if option else ["--" + name]
        if value is not None:
            line.append(value)
    return line
