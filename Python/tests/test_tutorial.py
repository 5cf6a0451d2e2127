"""TUTORIAL.md: its blocks run in order, and print what it shows."""

from __future__ import annotations

import contextlib
import io
import pathlib
import re
import shlex
import subprocess
import sys
from typing import NamedTuple

import pytest

import rnncore

TUTORIAL = pathlib.Path(__file__).parents[1] / "TUTORIAL.md"
PROGRAM = pathlib.Path(rnncore.__file__).with_name("bin") / "rnnbench"


class Block(NamedTuple):
    """What stands between fences; `kind` is what stands behind the first of them."""

    kind: str
    line: int
    text: str


def blocks() -> list[Block]:
    text = TUTORIAL.read_text(encoding="utf-8")
    return [
        Block(found[1].strip(), text.count("\n", 0, found.start(2)), found[2])
        for found in re.finditer(r"^```(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE)]


def printed_by(code: Block, names: dict[str, object]) -> str:
    """What a block of Python prints, run with the names of those before it."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile("\n" * code.line + code.text, TUTORIAL.name, "exec"), names)
    return output.getvalue()


def printed_by_shell(code: Block) -> str:
    command = code.text.replace("python -m", f"{shlex.quote(sys.executable)} -m")
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


@pytest.mark.filterwarnings("error")
def test_tutorial(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "tutorial"}
    printed = None
    for block in blocks():
        where = f"{TUTORIAL.name}, line {block.line}"
        if block.kind == "python":
            assert not printed, f"{where}: what was printed before is not shown"
            printed = printed_by(block, names)
        elif block.kind == "sh" and "python -m rnncore" in block.text:
            assert not printed, f"{where}: what was printed before is not shown"
            printed = printed_by_shell(block) if PROGRAM.exists() else None
        elif block.kind == "text":
            assert printed is None or printed == block.text, where
            printed = ""
        elif block.kind == "text varies":
            assert printed and printed.count("\n") == block.text.count("\n"), where
            printed = ""
        else:
            assert block.kind == "sh", f"{where}: {block.kind}"
    assert not printed


def test_all_parts_are_there():
    kinds = [block.kind for block in blocks()]
    assert kinds.count("python") > 15 and kinds.count("text") > 10
