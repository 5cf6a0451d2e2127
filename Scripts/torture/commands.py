"""The commands and options that the program says it has."""
import dataclasses
import json
import subprocess


@dataclasses.dataclass(frozen=True)
class Option:
    """An option, flag or plain argument as the program's own description has it."""
    name: str
    kind: str
    value_name: str
    choices: tuple
    about: str
    # Whether help lists it, or hides it because it changes nothing for this command.
    is_shown: bool
    has_file: bool

    @property
    def words(self):
        """What stands before the value on the command line."""
        return [] if self.kind == "positional" else ["--" + self.name]

    @property
    def is_path(self):
        """Whether the value names a file or folder."""
        return self.has_file or self.value_name.startswith("file") or self.value_name == "path"

    @property
    def is_output(self):
        """Whether the file is written: its description begins with what is done to it."""
        return self.is_path and self.about.split(" ")[0] in ("Write", "Draw", "Save")

    @property
    def counts(self):
        """Whether the value is a number of things, which a large one makes work of."""
        return self.kind == "option" and not self.is_path and (
            self.name == "seconds" or self.value_name not in ("x", "p", "decay", "plan", "text"))


@dataclasses.dataclass(frozen=True)
class Command:
    """A command that does something, with the words that call it."""
    words: tuple
    options: tuple

    @property
    def name(self):
        """The words as one text."""
        return " ".join(self.words)

    def option(self, name):
        """The option of a name; None if there is none."""
        return next((option for option in self.options if option.name == name), None)

    def has(self, name):
        """Whether help lists an option."""
        option = self.option(name)
        return option is not None and option.is_shown


def read(rnnbench):
    """All commands but those that only have others below them and `help`."""
    text = subprocess.run(
        [rnnbench, "--experimental-dump-help"], capture_output=True, check=True).stdout
    found = []

    def walk(node, words):
        below = node.get("subcommands", [])
        for child in below:
            if child["commandName"] != "help":
                walk(child, words + (child["commandName"],))
        if not below:
            options = (option(argument) for argument in node.get("arguments", []))
            found.append(Command(words, tuple(one for one in options if one)))

    walk(json.loads(text)["command"], ())
    return found


def option(argument):
    """An option of its description; None for those that every program has."""
    names = argument.get("names") or []
    long = [name["name"] for name in names if name["kind"] == "long"]
    name = long[0] if long else argument.get("valueName", "")
    if name in ("help", "version"):
        return None
    completion = argument.get("completionKind") or {}
    choices = argument.get("allValues") or completion.get("list", {}).get("values", [])
    return Option(
        name=name, kind=argument["kind"], value_name=argument.get("valueName", ""),
        choices=tuple(choices), about=argument.get("abstract", ""),
        is_shown=argument.get("shouldDisplay", True), has_file="file" in completion)
